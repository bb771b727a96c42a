"""A Python function that C calls raises."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import ctypes


def compare(a, b):
    raise ValueError("compare")


kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 2)(2, 1)
ctypes.CDLL(None).qsort(numbers, 2, ctypes.sizeof(ctypes.c_int), kind(compare))
print("on")
