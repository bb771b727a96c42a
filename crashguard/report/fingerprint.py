"""The fingerprint, which is the identity of a bug: exception types and functions of the tool's own code.

It holds no message (messages contain data), no line number (lines move with every release) and no version. So
one bug is one issue, on every machine and in every release.
"""

from crashguard.report.exceptions import REMOTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FUNCTIONS = 30


def fingerprint_of(values: "list[dict[str, Any]]") -> list[str]:
    """The fingerprint of an exception's values in Sentry's form: a list of texts.

    It lists the types of all exceptions, then the innermost functions of the exception that was raised:
    those of in-app frames, or of all named frames if no frame is in-app. A recursion counts once.
    """
    if not values:
        return ["empty"]
    # The parent of a worker process raises the worker's exception again, where it asks for the result.
    raised = next((v for v in values if v["type"] in REMOTE and "stacktrace" in v), values[-1])
    frames = raised.get("stacktrace", {}).get("frames", [])
    for value in reversed(values):  # the collector raised the group: the first leaf identifies the bug better
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
    """The group in a report's file name: eight hexadecimal digits, enough for the few reports of a machine.

    It is the remainder by the largest prime below 2**32. A checksum from a library would need an import.
    """
    text = chr(0).join(fingerprint).encode("utf-8", "replace")
    return f"{int.from_bytes(text, 'big') % 4_294_967_291:08x}"
