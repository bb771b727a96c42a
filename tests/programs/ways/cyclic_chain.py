"""A chain of causes that ends where it began."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

a, b = ValueError("a"), ValueError("b")
a.__cause__, b.__cause__ = b, a
raise a
