"""A program packed into one file (zipapp)."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import runpy
import zipfile

with zipfile.ZipFile("program.pyz", "w") as packed:
    packed.writestr("__main__.py", "def f():\n    raise ValueError('packed')\n\n\nf()\n")
runpy.run_path("program.pyz", run_name="__main__")
