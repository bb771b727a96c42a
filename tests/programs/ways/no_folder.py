"""No folder of reports can be made: a file stands in its way, and no temporary folder is writable."""

import crashguard
import os
from pathlib import Path

(Path.home() / ".local").touch()
os.environ["TMPDIR"] = "/proc/self"
crashguard.install(app="demo", version="1.0", note=False)
1 / 0
