"""GeneratorExit at the top."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

raise GeneratorExit
