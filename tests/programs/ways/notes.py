"""An exception with notes of PEP 678."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

error = ValueError("text")
error.add_note("a note")
raise error
