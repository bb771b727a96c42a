"""Scrubbing of your own: rules for the shapes of your data, private literals for texts that your tool knows.

    python samples/own_scrubber.py             # prints a text before and after, then crashes
    crashguard show ...                        # the note says which: the message is scrubbed the same way

A rule is a shape: here membership numbers such as `LIB-204881-7`, which no general scrubber can know. A
private literal is a text: here the branch that this copy of the tool runs in. Both come on top of what
crashguard takes out anyway: keys, tokens, addresses, home directories ...
"""

import crashguard
from crashguard.scrub import Rule, Scrubber

MEMBERSHIP = Rule(
    kind="membership",
    pattern=r"\bLIB-(?P<secret>\d{6}-\d)\b",
    gates=("LIB-",),
    example="overdue: LIB-204881-7",
    counter_example="see LIB-1",
)
BRANCH = "Saltmarsh Road"  # a real tool reads it from its configuration
LOANS = {"LIB-204881-7": 3, "LIB-771203-1": 0}


def main() -> None:
    """Look up a member who has just been deleted."""
    crashguard.install(app="library", version="5.0.1", rules=[MEMBERSHIP], needles=[BRANCH])

    text = f"LIB-204881-7 (ada@lovelace.example) owes {BRANCH} 3.20"
    print("before:", text)
    print("after: ", Scrubber(needles={BRANCH: "private"}, rules=[MEMBERSHIP]).text(text), flush=True)

    print(LOANS[f"LIB-310077-2 at {BRANCH}"])


if __name__ == "__main__":
    main()
