"""__del__ raises while the interpreter takes modules apart, after a crash that was reported."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


class Broken:
    def __del__(self):
        raise ValueError("a global of the main program")


a = Broken()
raise OSError("first")
