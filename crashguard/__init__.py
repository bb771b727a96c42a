"""Crash reports for command-line tools and plugins, under the control of the person at the terminal."""
