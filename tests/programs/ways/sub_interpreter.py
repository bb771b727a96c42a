"""An exception leaves a sub-interpreter in which we are installed too."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

inner = interpreters.create()
code = """
import crashguard
crashguard.install(app="demo", version="1.0", note=False)
class Broken:
    def __del__(self):
        raise ValueError("inner")
Broken()
"""
print(interpreters.run_string(inner, code) is None)
interpreters.destroy(inner)
print("on")
