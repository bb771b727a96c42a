"""A debugger sends a script into this process, and the script raises (PEP 768)."""

import os
import sys

import crashguard

crashguard.install(app="demo", version="1.0", note=False)
with open("script.py", "w") as file:
    file.write("import __main__\n__main__.over = True\n1 / 0\n")
over = False
sys.remote_exec(os.getpid(), os.path.abspath("script.py"))
while not over:
    pass
