"""One-line adapters for other libraries; only the adapter of a library imports it.

argparse, click                `--telemetry-level` for a command line
argparse, click, typer         crashguard's commands as commands of the tool
commands                       stats on the commands of click, typer and argparse tools
asgi, grpc, celery, textual    crashes that these frameworks handle and do not pass on
cloudquery                     plugins on CloudQuery's Python SDK
"""
