"""How a value reads as repr, JSON, SQL and URLs write it."""


def spellings(value: str) -> "set[str]":
    """A value as repr, JSON, SQL and URLs write it, where that is not as it is."""
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    found = {escaped, escaped.replace("'", "\\'"), escaped.replace('"', '\\"'), value.replace("'", "''")}
    if not value.isascii():
        found.add("".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in escaped))
        found.add(
            "".join(
                c if c.isascii() else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}"
                for c in escaped
            )
        )
        found.add(
            "".join(
                c if c.isascii() else "".join(f"\\x{b:02x}" for b in c.encode("utf-8", "replace"))
                for c in escaped
            )
        )
    quoted = "".join(
        c if c.isascii() and (c.isalnum() or c in "_.-~")
        else "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "replace"))
        for c in value
    )  # fmt: skip
    found |= {quoted, quoted.replace("%20", "+"), quoted.replace("%2F", "/")}
    return found - {value, ""}
