"""The `crashguard` command; `python -m crashguard` is the same."""

import sys


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        from crashguard.cli.main import main as run
    except ModuleNotFoundError as error:
        needed = (error.name or "").partition(".")[0]
        if needed != "click":
            raise
        sys.stderr.write("crashguard: the command needs click; install it with: pip install click\n")
        sys.exit(2)
    run()


if __name__ == "__main__":
    main()
