"""sys.path was emptied."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.path[:] = []
sys.path_importer_cache.clear()
1 / 0
