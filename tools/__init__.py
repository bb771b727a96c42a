"""Tools for those who work on crashguard; nothing here is installed."""
