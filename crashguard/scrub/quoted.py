"""Which quotations of a text are data, and what says beside one that it is a name.

Theory of operation. A quotation stays where it looks like a name: an option, a column, a type, a version, a
path of code. A word before or behind it may say so (`column "x"`, `'x' object`). A sentence in quotes stays,
and what it quotes is judged again. Paths and URLs are judged by their segments.
"""

from crashguard.scrub._tables import (
    BEFORE_VALUES,
    CAPITALISED,
    ERRORS,
    NAMED_BEHIND,
    SAID,
    SCHEMA,
    SCHEMA_BEHIND,
    SETTINGS,
    SPOKEN_BEFORE,
)
from crashguard.scrub.detect import ZEROS
from crashguard.scrub.identifiers import DIGITS, WORD, WORDS, is_name, segments
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.quotes import QUOTES, quotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

NEAR = 40  # characters around a quotation that say what it is
_DEEPEST = 3  # quotations inside of quotations that are looked into
_LOG = 20_000  # characters from which quotations are looked for that say the same in the same place
_LONG = 400  # characters of a text that say whether it is a message
_BEFORE_VALUE = Pattern(rf"(?:{BEFORE_VALUES})[ :=(]{{0,3}}[bBrRuU]?\\{{0,4}}[\"'`“«]")
_SPOKEN = Pattern(rf"(?i:{SPOKEN_BEFORE})[\"' ]{{0,2}}[:=]?[ (]{{0,2}}[\"'`]$")
_LAST_WORD = Pattern(r"(?<!file or )(?<!a )([A-Za-z]+)[ :=]{0,2}[(\[]?[\"'`“«]$")
_SCHEMA_WORD = Pattern(r"([A-Za-z]+)[ :=]{1,2}$")
_NEXT_WORD = Pattern(r"[\"'`”»][ ]?([A-Za-z]+)")
_NAMED = Pattern(rf"[\"'`”»] (?:{NAMED_BEHIND})\b")


def judged(
    text: str, where: "Span", judge: "Judge", found: "list[Span]", kept: "list[Span]", *, depth: int = 0
) -> None:
    """Judge the quotations of a stretch: what is data goes into `found`, what is a name into `kept`."""
    start, end = where
    piece = text if end - start == len(text) else text[start:end]
    quoted = quotations(piece)
    cut = None if quoted else _BEFORE_VALUE.search(piece)
    if cut is not None:
        found.append((start + cut.end(), end))  # a library has cut it, and the quote that ends it
    is_log = judge.needles is None and len(piece) >= _LOG
    known: dict[tuple[str, str], tuple[list[Span], list[Span]]] = {}
    # A library may quote what it refused a second time, where no word announces it.
    values = {
        text[low + start : high + start]
        for low, high in quoted
        if not is_log and _is_announced(text, low + start)
    }
    for low, high in quoted:
        low, high = low + start, high + start  # noqa: PLW2901 (the same places in the whole text)
        if low == high:
            continue
        if judge.needles is None and _is_key_of_json(text, low, high):
            continue
        if not is_log:
            _quotation(text, (low, high), judge, found, kept, values=values, depth=depth)
            continue
        around = f"{text[max(low - NEAR, 0) : low]}\0{text[high : high + NEAR]}".translate(ZEROS)
        content = text[low:high]
        said = known.get((around, content))
        if said is None:
            said = known[around, content] = [], []
            values = {content} if _is_announced(text, low) else set()
            _quotation(text, (low, high), judge, *said, values=values, depth=depth)
            said[0][:], said[1][:] = ([(a - low, b - low) for a, b in spans] for spans in said)
        found += [(low + a, low + b) for a, b in said[0]]
        kept += [(low + a, low + b) for a, b in said[1]]


def _quotation(
    text: str,
    where: "Span",
    judge: "Judge",
    found: "list[Span]",
    kept: "list[Span]",
    *,
    values: "set[str]",
    depth: int,
) -> None:
    """Judge one quotation, where `values` are those that the text calls so.

    Beside it no more is looked at than `NEAR` characters, and which digits these are does not matter.
    """
    said = text[slice(*where)]
    if said in values and said not in CAPITALISED:
        if not judge.says(said):
            found.append(where)
        return
    where = low, high = _inner(text, *where)
    content, before, after = text[low:high], text[max(low - NEAR, 0) : low], text[high : high + NEAR]
    bare = content.strip()
    one_word = " " not in bare and "\n" not in bare
    if judge.keeps(bare):
        kept.append(where)
        return
    if _is_kept(bare, before, after, judge):
        return
    if one_word and is_name(bare):
        _name(content, where, judge, found, kept, word=naming_word(before, after))
    elif judge.is_value(bare):
        found.append(where)
    elif depth < _DEEPEST and (_is_said(bare, before) or _is_container(content)):
        judged(text, where, judge, found, kept, depth=depth + 1)
    elif one_word and ("/" in bare or "\\" in bare) and any(map(str.isalpha, bare)):
        found += [(low + start, low + end) for start, end in segments(content, judge)]
    else:
        found.append(where)


def _is_kept(bare: str, before: str, after: str, judge: "Judge") -> bool:
    """Whether the content of a quotation stays, whatever the values of variables are."""
    if not any(map(str.isalnum, bare)) or judge.says(bare) or bare in SETTINGS:
        return True
    if " " not in bare and "\n" not in bare:
        is_key = after[1:3].lstrip()[:1] == ":" and before.rstrip("'\"`bu")[-1:] in (" ", "{", ",")
        if is_key and bare.isascii() and bare.replace("_", "").isalpha():
            return True
        if judge.needles is not None and not is_name(bare) and judge.needles.is_key(bare):
            return True
    elif naming_word(before, after) and len(bare.split()) <= WORDS and _few_digits(bare):
        return True
    if before[-1:] == "`" and _is_code(bare):
        return True
    if bare[0] == "<" and bare[-1] == ">" and bare.islower():
        return True
    is_path = "/" in bare or "\\" in bare  # of which each segment is judged
    return (
        not (is_path or " " in bare or is_name(bare))
        and naming_word(before, after) != ""
        and _few_digits(bare)
    )


def _name(
    content: str, where: "Span", judge: "Judge", found: "list[Span]", kept: "list[Span]", *, word: str
) -> None:
    """Judge a quotation that looks like a name: it may be the value of a variable all the same.

    Args:
        content: What stands between the quotes.
        where: Its place.
        judge: Knows the values.
        found: As for `judged`.
        kept: As for `judged`.
        word: The word that says that it is a name; empty where none does.
    """
    needles, bare = judge.needles, content.strip()
    data = segments(content, judge) if "/" in bare or "\\" in bare else []
    if data:
        found += [(where[0] + start, where[0] + end) for start, end in data]
    elif word and not judge.outweighs(bare, word):
        if needles is None or not needles.tells(bare):
            kept.append(where)
    elif needles is not None and needles.is_word_of_value(bare):
        found.append(where)


def _is_announced(text: str, low: int) -> bool:
    """Whether the words before a quotation say that it is a value: `could not parse 'x'`."""
    before = text[max(low - NEAR, 0) : low]
    announced = _BEFORE_VALUE.finditer(before) if _is_behind_word(before) else ()
    return any(each.end() == len(before) for each in announced)


def _is_said(content: str, before: str) -> bool:
    """Whether a quotation is prose of a program: its words say so, or what stands before it."""
    words = WORD.regex.findall(content)
    known = sum(word.lower() in SAID for word in words)
    if len(words) > 1 and known == len(words):
        return True
    if " " in content and any(quote in content for quote in "'\"`") and known * 2 >= len(words):
        return True
    is_spoken = len(words) > 1 and known * 2 >= len(words) and _SPOKEN.search(before) is not None
    return is_spoken or is_sentence(content)


def _inner(text: str, low: int, high: int) -> "Span":
    """A quotation without a second pair of quotes right within the first: ``name``, "'name'"."""
    while high - low > 1 and text[low] in QUOTES:
        if text[low] == text[high - 1]:
            low, high = low + 1, high - 1
        elif text[low] == text[low - 1] == text[high : high + 1]:
            low += 1  # of a doubled pair the second quote stands within, and the one that closes it behind
        else:
            break
    return low, high


def is_sentence(text: str) -> bool:
    """Whether a text is a message by itself: most of its words are those of messages, and one says so."""
    words = [word.lower() for word in WORD.regex.findall(text[:_LONG])]
    known = sum(word in SAID for word in words)
    is_error = any(word in ERRORS for word in words) or words[:2] == ["no", "such"]
    return len(words) > 2 and is_error and known * 10 >= len(words) * 6


def schema_word_before(text: str, at: int) -> str:
    """The word before a place, if it says that a name of a schema or program follows: `table orders`."""
    before = _SCHEMA_WORD.search(text, max(at - NEAR, 0), at)
    word = "" if before is None else before[1].lower()
    return word if word in SCHEMA else ""


def _is_key_of_json(text: str, low: int, high: int) -> bool:
    """Whether a quotation is a key as programs write them: `{"level":`, in small letters."""
    content = text[low:high]
    is_key = text[high + 1 : high + 2] == ":" and text[low - 2 : low - 1] in ("{", ",", " ")
    return is_key and content.isalpha() and content.islower() and content.isascii()


def _is_container(content: str) -> bool:
    """Whether a quotation is the repr of a list or dict, with quotations of its own."""
    return content[0] in "[{(" and any(quote in content for quote in "'\"`")


def _is_code(text: str) -> bool:
    """Whether what stands between backticks is code or a command: signs of code, no word with a capital."""
    has_signs = any(sign in text for sign in ("(", "[", "{", "--", "==", "@", "install "))
    return has_signs and text.isascii() and not any(word[:1].isupper() for word in text.split())


def naming_word(before: str, after: str) -> str:
    """The word before or behind a quotation that says that it is a name: column "x", 'x' object."""
    last = _LAST_WORD.search(before) if _is_behind_word(before) else None
    if last is not None and (last[1].lower() in SCHEMA or last[1] == "named"):
        return last[1].lower() if last[1] != "named" else "name"
    following = _NEXT_WORD.match(after)
    if following is None or not (following[1].lower() in SCHEMA_BEHIND or _NAMED.match(after)):
        return ""
    return following[1].lower()


def _is_behind_word(before: str) -> bool:
    """Whether a word stands before a quote: what announces a quotation ends with a letter or a digit."""
    return before[:-1].rstrip(" :=([\\")[-1:].isalnum()


def _few_digits(text: str) -> bool:
    return sum(map(str.isdigit, text)) <= DIGITS
