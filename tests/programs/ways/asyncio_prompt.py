"""The prompt of `python -m asyncio`."""

import runpy
import sys

import crashguard

crashguard.install(app="demo", version="1.0", note=False)
sys.argv[1:] = []
runpy.run_module("asyncio", run_name="__main__", alter_sys=True)
