"""What makes two crashes the same bug: the types and the functions of the tool's own code.

No message (it holds data), no line number (it moves with every release), no version: one bug is one
issue, on every machine and in every release.
"""

from crashguard.report.exceptions import REMOTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FUNCTIONS = 30


def fingerprint_of(values: "list[dict[str, Any]]") -> list[str]:
    """The fingerprint of an exception's values, as Sentry takes it: a list of texts.

    The types of all exceptions, then the innermost functions of the one that was raised: in-app frames,
    or every named frame where there is none. A recursion counts once.
    """
    if not values:
        return ["empty"]
    # What a worker process raised is raised once more by its parent, from where the result was asked for.
    raised = next((v for v in values if v["type"] in REMOTE and "stacktrace" in v), values[-1])
    frames = raised.get("stacktrace", {}).get("frames", [])
    for value in reversed(values):  # a group is raised by whoever collected it: its first leaf tells more
        if frames:
            break
        frames = value.get("stacktrace", {}).get("frames", [])
    named = [frame for frame in frames if frame["function"] != "<external>" and frame["filename"] != "<cut>"]
    own = [frame for frame in named if frame["in_app"]] or named
    functions: list[str] = []
    for frame in own:
        function = f"{frame.get('module', '')}:{frame['function']}"
        if function not in functions[-4:]:
            functions.append(function)
    types = dict.fromkeys(value["type"] for value in reversed(values) if "[..." not in value["type"])
    return [*types, *functions[-_FUNCTIONS:]]


def digest(fingerprint: list[str]) -> str:
    """Eight hexadecimal digits for file names; a machine holds too few reports for 32 bits to collide.

    The remainder by the largest prime below 2**32: a checksum of a library would have to be loaded first.
    """
    text = chr(0).join(fingerprint).encode("utf-8", "replace")
    return f"{int.from_bytes(text, 'big') % 4_294_967_291:08x}"
