"""A tool that runs its plugin in a process of its own, and hands the telemetry level on.

    python samples/plugin_host.py                              # the plugin crashes: one report, the plugin's
    python samples/plugin_host.py --telemetry-level none       # nothing is recorded, in either process

The host passes `env=crashguard.child_environment()`: this process's environment with the telemetry level
that was resolved here. Without it a telemetry level that came from the flag would stop at the host, and the
plugin would still report. `install(plugin=...)` in the plugin's process makes every crash of it the plugin's.
"""

import argparse
import json
import subprocess
import sys

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

PLUGIN = crashguard.Plugin("quarry", "source", "stones", "0.9.0", official=True)


def host() -> int:
    """The tool: starts the plugin, reads a JSON line for each stone, prints what it weighs."""
    parser = argparse.ArgumentParser(prog="quarry", description="Weigh what a plugin finds.")
    add_telemetry_level(parser, app="quarry")
    args = parser.parse_args()
    crashguard.install(app="quarry", version="2.2.0", telemetry_level=args.telemetry_level)

    plugin = subprocess.run(
        [sys.executable, __file__, "serve"],
        env=crashguard.child_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    stones = [json.loads(line) for line in plugin.stdout.splitlines()]
    print(f"{len(stones)} stones, {sum(stone['kg'] for stone in stones):.0f} kg", flush=True)
    if plugin.returncode != 0:
        print(f"the plugin {PLUGIN} ended with status {plugin.returncode}", file=sys.stderr)
    return plugin.returncode


def serve() -> None:
    """The plugin: a process that knows the host only from its environment."""
    crashguard.install(app="quarry", version="2.2.0", plugin=PLUGIN)
    density = {"granite": 2.7, "basalt": 3.0, "slate": 2.8}
    for kind, litres in [("granite", 40), ("basalt", 12), ("marble", 25)]:
        print(json.dumps({"kind": kind, "kg": density[kind] * litres}), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(host())
