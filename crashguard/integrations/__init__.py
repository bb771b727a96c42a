"""One-line adapters for other people's libraries; each imports its library only inside of itself.

argparse, click    `--telemetry-level` for a command line
commands           stats on the commands of click, typer and argparse tools
asgi, grpc, celery, textual    crashes that these frameworks keep to themselves
cloudquery         plugins on CloudQuery's Python SDK
"""
