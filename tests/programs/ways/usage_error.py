"""A wrong option for argparse."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import argparse

argparse.ArgumentParser(prog="demo").parse_args(["--no"])
