"""A module of the tool does not compile."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import importlib.util

spec = importlib.util.spec_from_loader("part", loader=None)
exec(compile("def f(:", "part.py", "exec"), {})
