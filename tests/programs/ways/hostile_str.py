"""An exception whose __str__ raises SystemExit."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


class Hostile(Exception):
    def __str__(self):
        raise SystemExit(9)


raise Hostile
