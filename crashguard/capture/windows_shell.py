"""A command as both shells of Windows run it: cmd and PowerShell.

Both take a quoted argument. At the head of a line cmd runs a quoted path, and PowerShell takes it for a text
and wants `&` before it, which cmd refuses. So where the path of the program needs quotes, the line calls one
of the two:

    cmd /c "PATH" ...             cmd keeps the quotes if they are the only two and hold the name of a program
                                  with a blank and none of &<>()@^|; else it drops the first and the last one
    powershell -c "& 'PATH'" ...  PowerShell takes what follows for a part of the command

Source: `cmd /?` and `powershell /?`.
"""

_PLAIN = frozenset("_./\\:+-~")  # beside letters and digits
_SPECIAL = frozenset("&<>()@^|")


def line(words: "list[str]", pythonpath: str = "") -> str:
    """A command to paste.

    Args:
        words: The program and its arguments.
        pythonpath: Where it imports from, beside where it does anyway.
    """
    program, *arguments = words
    if not pythonpath and _is_plain(program):
        return " ".join((program, *map(argument, arguments)))
    if not all(map(_is_plain, words if pythonpath else arguments)) or _SPECIAL & {*pythonpath, *program}:
        return _of_powershell(words, pythonpath)
    if pythonpath:
        return f'cmd /c "set PYTHONPATH={pythonpath}&& {" ".join(words)}"'
    return " ".join((f'cmd /c "{program}"', *arguments)) if " " in program else _of_powershell(words, "")


def argument(word: str) -> str:
    """A word that is not the first of a line."""
    return word if _is_plain(word) else f'"{word}"'


def _of_powershell(words: "list[str]", pythonpath: str) -> str:
    texts = [word if _is_plain(word) else _text(word) for word in words]
    before = f"si env:PYTHONPATH {_text(pythonpath)}; " if pythonpath else ""
    return f'powershell -c "{before}& {" ".join(texts)}"'


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _is_plain(word: str) -> bool:
    return all(each.isalnum() or each in _PLAIN for each in word)
