"""Our own code is broken: describing the crash raises SystemExit."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

try:
    from crashguard.report import event
except ImportError:
    pass
else:

    def broken(*args, **kwargs):
        raise SystemExit(9)

    event.describe = broken
1 / 0
