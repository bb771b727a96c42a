"""A stored event as text for people: its title, and its exceptions as Python prints them.

It reads the event as foreign data: any field may be missing or have another type. Whatever a text holds, it
does not control a terminal.
"""

import itertools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

Line = tuple[str, str]  # a line and its style: "", "bold" or "dim"

_LINKS = {
    "__cause__": "The above exception was the direct cause of the following exception:",
    "__context__": "During handling of the above exception, another exception occurred:",
}
_DEEPEST = 20
_RECURSION = 3  # frames of a recursion that are shown, as by Python's traceback


def plain(text: object) -> str:
    """A text that is safe to show: control characters become escapes, line ends stay."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in str(text)
    )


def first_line(text: object) -> str:
    """The first line of a text, safe to show."""
    return plain(str(text).partition("\n")[0])


def title(event: "Mapping[str, Any]") -> str:
    """Type and message of the exception that was raised, in one line."""
    values = sequence(at(event, "exception", "values"))
    last = mapping(values[-1]) if values else {}
    message = first_line(str(last.get("value", "")).strip())
    return f"{first_line(last.get('type', '?'))}: {message}".removesuffix(": ")


def traceback(values: "list[Any]") -> "Iterator[Line]":
    """The exceptions of a report, as Python prints a traceback, with the source lines that the report has."""
    known = [mapping(value) for value in values]
    children: dict[int | None, list[dict[str, Any]]] = {}
    for value in known[:-1]:
        children.setdefault(_number(value, "parent_id"), []).append(value)
    for value in children.pop(None, []):  # cut marks, and exceptions without a parent
        yield _headline(value), ""
        yield "", ""
    if known:
        yield from _one(known[-1], children, "", 0)


def _one(
    value: "dict[str, Any]", children: "dict[int | None, list[dict[str, Any]]]", indent: str, depth: int
) -> "Iterator[Line]":
    below = children.pop(_number(value, "exception_id"), []) if depth < _DEEPEST else []
    members = []
    for child in below:
        link = _LINKS.get(str(at(child, "mechanism", "source")))
        if link is None:
            members.append(child)
            continue
        yield from _one(child, children, indent, depth + 1)
        yield indent.rstrip(), ""
        yield indent + link, ""
        yield indent.rstrip(), ""
    frames = sequence(at(value, "stacktrace", "frames"))
    if frames:
        yield f"{indent}Traceback (most recent call last):", ""
    yield from _frames(frames, indent)
    first, *rest = _headline(value).split("\n")
    yield indent + first, "bold"
    for line in rest:
        yield indent + line, ""
    for number, member in enumerate(reversed(members), start=1):
        yield f"{indent}  +-- {number} of {len(members)}", "dim"
        yield from _one(member, children, indent + "  |   ", depth + 1)


def _headline(value: "Mapping[str, Any]") -> str:
    module = str(value.get("module") or "")
    prefix = "" if module in ("", "builtins", "__main__") else f"{module}."
    name = prefix + str(value.get("type", "?"))
    message = str(value.get("value") or "")
    return plain(f"{name}: {message}" if message else name)


def _frames(frames: "list[Any]", indent: str) -> "Iterator[Line]":
    """The lines of the frames; those of a recursion are counted, as Python does."""
    for is_external, group in itertools.groupby(map(mapping, frames), _is_external):
        if is_external:
            number = len(list(group))
            what = "frame" if number == 1 else "frames"
            yield f"{indent}  {number} {what} of external code, not named", "dim"
            continue
        for lines, same in itertools.groupby(tuple(_frame(frame, indent)) for frame in group):
            number = len(list(same))
            for _ in range(min(number, _RECURSION)):
                yield from lines
            if (more := number - _RECURSION) > 0:
                yield f"{indent}  [Previous line repeated {more} more {'time' if more == 1 else 'times'}]", ""


def _is_external(frame: "Mapping[str, Any]") -> bool:
    return frame.get("filename") == "<external>"


def _frame(frame: "Mapping[str, Any]", indent: str) -> "Iterator[Line]":
    function = first_line(frame.get("function", "?"))
    if frame.get("filename") == "<cut>":
        yield f"{indent}  {function}", "dim"
        return
    line = f", line {frame['lineno']}" if isinstance(frame.get("lineno"), int) else ""
    filename = first_line(frame.get("filename", "?"))
    yield f'{indent}  File "{filename}"{line}, in {function}', "" if frame.get("in_app") else "dim"
    if isinstance(frame.get("context_line"), str):
        yield f"{indent}    {first_line(frame['context_line']).strip()}", ""


def at(value: object, *keys: str) -> "Any":
    """What lies at the end of a way of keys; None where it ends earlier."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _number(value: "dict[str, Any]", key: str) -> int | None:
    """A number of an exception in its tree; None for a value of another type."""
    found = at(value, "mechanism", key)
    return found if isinstance(found, int) else None


def mapping(value: object) -> "dict[str, Any]":
    """A dict with texts as keys; an empty one in place of anything else."""
    return {str(key): each for key, each in value.items()} if isinstance(value, dict) else {}


def sequence(value: object) -> "list[Any]":
    """A list; an empty one in place of anything else."""
    return value if isinstance(value, list) else []
