"""Installs crashguard before an unchanged program; `crashguard run` puts this module on the program's path.

The interpreter imports `sitecustomize` when it starts. This one removes itself from the path and its
variables from the environment, so that the program and its children see both unchanged. Then it imports the
machine's own `sitecustomize`.
"""

import os
import sys


def _take(name: str) -> str | None:
    return os.environ.pop(f"CRASHGUARD_STARTUP_{name}", None)


def _install(app: str, version: str, dsn: str | None, file: str | None, module: str | None) -> None:
    # This file lies in crashguard/cli/startup. The program's path may not lead to the package.
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.path.append(root)
    try:
        import crashguard
        from crashguard.client import current_client
        from crashguard.program import Program

        program = current_client().program = Program()
        if file is not None:
            program.add_script(file)
        if module is not None:
            program.add_main_module(module)
        crashguard.install(app=app, version=version, dsn=dsn)
    finally:
        sys.path.remove(root)


def _leave() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    before = _take("PYTHONPATH")
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before


_leave()
_app, _version = _take("APP"), _take("VERSION")
_dsn, _file, _module = _take("DSN"), _take("FILE"), _take("MODULE")
if _app and _version:
    try:
        _install(_app, _version, _dsn, _file, _module)
    except Exception as error:  # noqa: BLE001 (the program runs all the same)
        sys.stderr.write(f"crashguard: crashes are not reported: {error}\n")

# The machine's own sitecustomize. Without one, `site` gets the ImportError that it expects.
del sys.modules["sitecustomize"]
import sitecustomize  # type: ignore[import-not-found]  # noqa: E402, F401 (for its effects)
