"""The same after a crash that was reported."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import collections


class Broken:
    def __init__(self, error):
        self.error = error

    def __del__(self):
        raise self.error


a = Broken(ValueError("a global of the main program"))
collections.broken = Broken(KeyError("in a module that came early"))

raise OSError("first")
