"""A Python program that this one starts crashes."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import subprocess
import sys

print(subprocess.run([sys.executable, "-c", "1 / 0"], check=False).returncode)
