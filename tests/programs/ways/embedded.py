"""C code that runs Python and has what it raised printed (`PyErr_Print`); the program goes on."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import ctypes

print(ctypes.pythonapi.PyRun_SimpleString(b"raise ValueError('embedded')"))
