"""The folder of reports cannot be made: a file stands in its way, as a read-only disk would."""

import crashguard
from pathlib import Path

(Path.home() / ".local").touch()
crashguard.install(app="demo", version="1.0", note=False)
1 / 0
