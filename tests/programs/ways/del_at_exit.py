"""__del__ raises while the interpreter takes modules apart."""

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
