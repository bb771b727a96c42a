"""The working directory was deleted."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import tempfile

folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
1 / 0
