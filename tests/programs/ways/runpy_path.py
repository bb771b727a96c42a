"""A program that another one runs with runpy."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import runpy
from pathlib import Path

program = Path("program.py")
program.write_text("def f():\n    raise ValueError('ran')\n\n\nf()\n")
runpy.run_path(str(program), run_name="__main__")
