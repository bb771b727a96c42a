"""The words of an instruction: what tells one statement of a function from another, on every Python.

The words of the instruction that failed are the names, attributes and constants in its source range. They do
not depend on the data, on the line or on the caller. They are read from the code object and from nothing
else, so they hold what the author wrote, never a value.

Two versions of CPython compile one expression to different instructions, in another order and with other
ranges. Hence these rules. The words are sorted. An assert has the words of its test. An instruction that only
drives an iterator, a condition, a format or an unpacking has the words of the expression before it. A
comprehension, which is a code object of its own before CPython 3.12, is read as a part of its function.

An interpreter that is not in the table here has no words, nor has code without positions: that of Nuitka and
Cython, and all under `-X no_debug_ranges`. Their fingerprints are coarser.
"""

import sys
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType
    from typing import Any

    Range = tuple[int | None, int | None, int | None, int | None]
    Instruction = tuple[int, int, Range]

COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")

_WINDOW = 1_000  # code units that are read on both sides of the instruction, which is 200 to 500 instructions
_DEEPEST = 20_000  # code units before the instruction: positions can only be read from the beginning
_MOST_STEPS = 1_000  # instructions that are read again to count the earlier places with the same words
_MOST_DEPTH = 4  # code objects inside of code objects
_MOST_TEXT = 200  # characters of a constant
_MOST_NAMES = 3  # global names and attributes of a function that is a step on the way to a helper
_MOST_OF_HELPER = 6  # the same of a helper, and its variables
_UNNAMED = frozenset(("self", "cls", ".0"))  # locals that tell nothing
_VARIADIC = 0x0C  # in co_flags: *args and **kwargs


# The instructions that matter, and their numbers in each version, "-" where it has none. The module `opcode`
# would tell, but its import takes longer than a whole fingerprint. A test compares this table with it.
_INSTRUCTIONS = """
EXTENDED_ARG LOAD_NAME LOAD_GLOBAL LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR STORE_ATTR DELETE_ATTR
DELETE_NAME DELETE_GLOBAL IMPORT_NAME IMPORT_FROM LOAD_FROM_DICT_OR_GLOBALS LOAD_CONST RETURN_CONST
KW_NAMES LOAD_SMALL_INT LOAD_COMMON_CONSTANT LOAD_FAST LOAD_FAST_CHECK LOAD_FAST_BORROW
LOAD_FAST_LOAD_FAST LOAD_FAST_BORROW_LOAD_FAST_BORROW STORE_FAST_LOAD_FAST DELETE_FAST LOAD_DEREF
LOAD_CLASSDEREF LOAD_FROM_DICT_OR_DEREF DELETE_DEREF CALL CALL_KW CALL_FUNCTION_EX RAISE_VARARGS
LOAD_ASSERTION_ERROR BINARY_OP BINARY_SUBSCR BINARY_SLICE STORE_SUBSCR STORE_SLICE FOR_ITER SEND
GET_ITER GET_AWAITABLE GET_YIELD_FROM_ITER GET_ANEXT GET_AITER BEFORE_WITH BEFORE_ASYNC_WITH
LOAD_SPECIAL UNPACK_SEQUENCE UNPACK_EX FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC CONVERT_VALUE TO_BOOL
UNARY_NOT COPY SWAP NOP NOT_TAKEN PUSH_NULL LOAD_FAST_AND_CLEAR RESUME PRECALL POP_JUMP_FORWARD_IF_FALSE
POP_JUMP_FORWARD_IF_TRUE POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_IF_FALSE
POP_JUMP_IF_TRUE JUMP_IF_FALSE_OR_POP JUMP_IF_TRUE_OR_POP BUILD_LIST BUILD_SET BUILD_MAP
"""
_NUMBERS = {
    (3, 11): """
144 101 116 106 160 - 95 96 91 98 108 109 - 100 - 172 - - 124 - - - - - 126 137 148 - 139 171 - 142 130
74 122 25 - 60 - 93 123 68 131 69 51 50 53 52 - 92 94 155 - - - - 12 120 99 9 - 2 - 151 166 114 115 175
176 - - 111 112 103 104 105
""",
    (3, 12): """
144 101 116 106 - 141 95 96 91 98 108 109 175 100 121 172 - - 124 127 - - - - 126 137 - 176 139 171 -
142 130 74 122 25 26 60 27 93 123 68 131 69 51 50 53 52 - 92 94 155 - - - - 12 120 99 9 - 2 143 151 - -
- - - 114 115 - - 103 104 105
""",
    (3, 13): """
71 92 91 82 - 93 108 63 67 66 75 74 90 83 103 - - - 85 87 - 88 - 111 65 84 - 89 64 53 57 54 101 23 45 5
4 39 38 72 104 19 73 21 18 16 2 1 - 117 116 - 14 15 60 40 43 61 115 30 - 34 86 149 - - - - - 97 100 - -
47 49 48
""",
    (3, 14): """
69 93 92 80 - 96 110 61 65 64 73 72 91 82 - - 94 81 84 88 86 89 87 113 63 83 - 90 62 52 55 4 104 - 44 -
1 38 37 70 106 16 71 19 15 14 - - 95 119 118 - 12 13 58 39 42 59 117 27 28 33 85 128 - - - - - 100 103 -
- 46 48 47
""",
    (3, 15): """
67 92 91 79 - 95 109 59 63 62 72 71 90 81 - - 93 80 83 87 85 88 86 112 61 82 - 89 60 50 53 4 103 - 42 -
1 36 35 68 105 70 69 - 15 14 - - 94 118 117 - 12 13 56 37 40 57 116 25 26 31 84 128 - - - - - 99 102 - -
44 46 45
""",
}
_VERSION = sys.version_info[:2] if sys.implementation.name == "cpython" else (0, 0)


def _column(version: tuple[int, int]) -> dict[str, int]:
    numbers = zip(_INSTRUCTIONS.split(), _NUMBERS.get(version, "").split(), strict=False)
    return {name: int(number) for name, number in numbers if number != "-"}


_IS = _column(_VERSION)


def _numbers(names: str) -> frozenset[int]:
    return frozenset([_IS[name] for name in names.split() if name in _IS])


_EXTENDED = _IS.get("EXTENDED_ARG", -1)
# The instructions with a name, and by how much their argument is shifted.
_NAMES = {
    **dict.fromkeys(_numbers("LOAD_NAME LOAD_METHOD STORE_ATTR DELETE_ATTR DELETE_NAME DELETE_GLOBAL"), 0),
    **dict.fromkeys(_numbers("IMPORT_FROM LOAD_FROM_DICT_OR_GLOBALS"), 0),
    **dict.fromkeys(_numbers("LOAD_ATTR"), int(_VERSION >= (3, 12))),
    **dict.fromkeys(_numbers("IMPORT_NAME"), 2 * (_VERSION >= (3, 15))),
    **dict.fromkeys(_numbers("LOAD_GLOBAL"), 1),
    **dict.fromkeys(_numbers("LOAD_SUPER_ATTR"), 2),
}
_CONSTANTS = _numbers("LOAD_CONST RETURN_CONST KW_NAMES")
_SMALL_INT, _COMMON = _IS.get("LOAD_SMALL_INT"), _IS.get("LOAD_COMMON_CONSTANT")
_COMMON_NAMES = ("", "NotImplementedError", "tuple", "all", "any", "list", "set")
_COMMON_NONE, _COMMON_CONSTANTS = 7, {8: "", 11: -1}
_LOCALS = _numbers(
    "LOAD_FAST LOAD_FAST_CHECK LOAD_FAST_BORROW DELETE_FAST LOAD_DEREF LOAD_CLASSDEREF DELETE_DEREF "
    "LOAD_FROM_DICT_OR_DEREF"
)
_TWO_LOCALS = _numbers("LOAD_FAST_LOAD_FAST LOAD_FAST_BORROW_LOAD_FAST_BORROW")
_STORE_LOAD = _IS.get("STORE_FAST_LOAD_FAST")
_LOADS_ANOTHER = _TWO_LOCALS | _numbers("STORE_FAST_LOAD_FAST")  # their range is that of the first
_LOADS = _LOCALS.union(_TWO_LOCALS, _NAMES)
_CALLS = _numbers("CALL CALL_KW CALL_FUNCTION_EX")
_CALLING = _CALLS | _numbers("PRECALL")  # 3.11 makes many calls in the instruction before, once it is warm
_CALL_KW, _CALL_EX, _KW_NAMES = _IS.get("CALL_KW"), _IS.get("CALL_FUNCTION_EX"), _IS.get("KW_NAMES")
_RAISE, _ASSERTION_ERROR = _IS.get("RAISE_VARARGS"), _IS.get("LOAD_ASSERTION_ERROR")
_ATTRIBUTES = _numbers("LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR STORE_ATTR DELETE_ATTR")
_BINARY_OP, _SUBSCRIPT = _IS.get("BINARY_OP"), 26  # since 3.14 a subscript is one of the binary operations
# Instructions of one kind in one version that are several in another.
_KINDS = {
    **dict.fromkeys(_CALLS, -1),
    **dict.fromkeys(_numbers("LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR"), -2),
    **dict.fromkeys(_numbers("BINARY_SUBSCR BINARY_SLICE"), -3),
    **dict.fromkeys(_numbers("STORE_SUBSCR STORE_SLICE"), -4),
    **dict.fromkeys(_numbers("FOR_ITER GET_ITER GET_YIELD_FROM_ITER"), -5),
}
# These work on the expression before them; their range is another one in each version.
_DRIVES = _numbers(
    "FOR_ITER SEND GET_ITER GET_AWAITABLE GET_YIELD_FROM_ITER GET_ANEXT GET_AITER BEFORE_WITH "
    "BEFORE_ASYNC_WITH LOAD_SPECIAL UNPACK_SEQUENCE UNPACK_EX FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC "
    "CONVERT_VALUE TO_BOOL UNARY_NOT POP_JUMP_FORWARD_IF_FALSE POP_JUMP_FORWARD_IF_TRUE "
    "POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_IF_TRUE "
    "JUMP_IF_FALSE_OR_POP JUMP_IF_TRUE_OR_POP"
)
_BETWEEN = _DRIVES | _numbers("COPY SWAP NOP NOT_TAKEN PUSH_NULL LOAD_FAST_AND_CLEAR RESUME PRECALL")
_EMPTY = _numbers("BUILD_LIST BUILD_SET BUILD_MAP")  # of a comprehension
_OF_COMPREHENSION = _IS.get("LOAD_FAST_AND_CLEAR")  # one that is no code object of its own
_SPECIAL, _SEND = _IS.get("LOAD_SPECIAL"), _IS.get("SEND")
_WITH_SPEC, _FORMAT = _IS.get("FORMAT_WITH_SPEC"), _IS.get("FORMAT_VALUE")


class Place:
    """Where a function failed.

    Attributes:
        words: The words, sorted, and last the number of earlier places in the function with the same kind of
            instruction and words. None where the code has no positions or the interpreter no table.
        raises: Whether the instruction is a raise or an assert.
        hands_on: Whether the instruction has only what the function was given, and global names; or the
            function is a helper.
        is_step: Whether the function is a step on the way to a helper: it hands on, and does little else.
    """

    __slots__ = ("hands_on", "is_step", "raises", "words")

    def __init__(
        self, words: "list[str] | None", *, raises: bool, hands_on: bool, is_step: bool = False
    ) -> None:
        self.words = words
        self.raises = raises
        self.hands_on = hands_on
        self.is_step = is_step


def place_of(code: "CodeType", lasti: int, around: "Sequence[tuple[CodeType, int]]" = ()) -> Place:
    """The place of an instruction.

    Args:
        code: The code object of the frame that failed.
        lasti: The offset of the instruction in bytes, as in `tb_lasti`.
        around: For a comprehension with a code object of its own: the code objects and offsets outside of
            it, innermost first, as far as the function that it stands in.
    """
    readers = [_Reader(each, at) for each, at in ((code, lasti), *around)]
    reader, at = readers[0], readers[0].at
    if at < 0:
        return Place(None, raises=False, hands_on=False)
    opcode = reader.read[at][0]
    if len(readers) > 1 and reader.is_own_iterator(at):
        reader, at = readers[1], readers[1].iterator()
    found = reader.words(at)
    if found is None:
        return Place(None, raises=opcode == _RAISE, hands_on=False)
    outermost = readers[-1]
    hands_on = (
        opcode != _RAISE
        and opcode not in _ATTRIBUTES
        and frozenset().union(*[each.parameters() for each in readers]).issuperset(found.local)
        and not any(word[0] == "c" for word in found.words)
    ) or (len(readers) == 1 and _is_helper(outermost, opcode, found))
    places: set[tuple[int, int]] = set()
    outermost.count(reader.kind(at), found, places, [_MOST_STEPS])
    is_step = hands_on and _is_step(outermost, opcode, found)
    return Place([*found.key, str(len(places))], raises=opcode == _RAISE, hands_on=hands_on, is_step=is_step)


def _is_helper(reader: "_Reader", opcode: int, found: "_Found") -> bool:
    """Whether a small function has failed in a call with what it was given, or what it made of that.

    `value = row[key].strip(); return int(value)`, `open(path, encoding="utf-8")`: its callers are to blame.
    In so small a function a variable holds nothing else.
    """
    code = reader.code
    return (
        opcode in _CALLING
        and any(name not in _UNNAMED for name in found.local)
        and any(name not in _UNNAMED for name in reader.parameters())
        and len(code.co_names) <= _MOST_OF_HELPER
        and len(code.co_varnames) <= _MOST_OF_HELPER
        and not any(type(constant) is type(code) for constant in code.co_consts)
        and not any(operation == _OF_COMPREHENSION for operation, _, _ in reader.read)
    )


def _is_step(reader: "_Reader", opcode: int, found: "_Found") -> bool:
    """Whether a function that hands on is an accessor or a validator, and does little else.

    It hands on a parameter, has no variable and no function of its own, and three names at most. A call of a
    parameter is a dispatcher's, which every failure of a program may go through.
    """
    code, parameters = reader.code, reader.parameters()
    return (
        any(name not in _UNNAMED for name in found.local)
        and (opcode not in _CALLING or bool(found.words))
        and len(code.co_names) <= _MOST_NAMES
        and set(parameters).issuperset(code.co_varnames + code.co_cellvars)
        and not any(type(constant) is type(code) for constant in code.co_consts)
    )


def is_forwarder(code: "CodeType", lasti: int) -> bool:
    """Whether a function hands on what it was given to a function that its decorator was given.

    `return f(*args, **kwargs)`, also where it is awaited, or where some parameters have names.
    """
    if lasti < 0 or not (code.co_flags & _VARIADIC or code.co_freevars):
        return False
    if code.co_code[lasti : lasti + 1] == bytes((_CALL_EX or 0,)) and code.co_flags & _VARIADIC == _VARIADIC:
        return True
    reader = _Reader(code, lasti)
    if reader.at < 0:
        return False
    found = reader.words(reader.at)
    if found is None or found.words or reader.read[reader.anchor(reader.at)][0] not in _CALLING:
        return False
    called, *given = found.local or [""]
    return called in code.co_freevars and set(reader.parameters()).issuperset(given)


class _Found:
    """What stands in the range of an instruction.

    Attributes:
        begin: Line and column where the range begins.
        words: The names, attributes and constants, sorted.
        local: The local names, in order.
        key: The words; where there are none, the local names that tell something.
    """

    __slots__ = ("begin", "key", "local", "words")

    def __init__(self, begin: "tuple[int, int]", words: "set[str]", local: "list[str]") -> None:
        self.begin = begin
        self.words = tuple(sorted(words))
        self.local = local
        self.key = self.words or tuple([f"l:{name}" for name in local if name not in _UNNAMED])


class _Reader:
    """The instructions of one code object; of a very long one those around the instruction that counts.

    Args:
        code: The code object.
        lasti: The offset of the instruction that counts.

    Attributes:
        read: The instructions: opcode, argument and range.
        at: The number of the instruction that counts; -1 where nothing can be read.
    """

    __slots__ = ("at", "code", "read")

    def __init__(self, code: "CodeType", lasti: int = 0) -> None:
        self.code = code
        self.read: list[Instruction] = []
        self.at = -1
        if not _IS or lasti < 0 or lasti > 2 * _DEEPEST:
            return
        raw = code.co_code
        start = max(0, lasti // 2 - _WINDOW)
        end = min(lasti // 2 + _WINDOW, len(raw) // 2)
        positions = list(islice(code.co_positions(), start, max(start, end)))
        extended = 0
        for number, position in enumerate(positions, start):
            opcode = raw[2 * number]
            argument = raw[2 * number + 1] | extended
            extended = argument << 8 if opcode == _EXTENDED else 0
            if opcode and opcode != _EXTENDED:  # 0 is a cache
                if 2 * number <= lasti:
                    self.at = len(self.read)
                self.read.append((opcode, argument, position))

    def kind(self, at: int) -> int:
        """A number for the kind of an instruction, the same in each version for what is counted together."""
        opcode, argument, _ = self.read[at]
        if opcode == _BINARY_OP and argument == _SUBSCRIPT:
            return -3
        return _KINDS.get(opcode, opcode)

    def count(
        self,
        kind: int,
        like: _Found,
        places: "set[tuple[int, int]]",
        budget: "list[int]",
        depth: int = 0,
    ) -> None:
        """Collect the places with the same kind and words that stand before an instruction in the source.

        They are compared by their source positions, because each version lays out the blocks of a function
        in another order, and copies some of them.

        Args:
            kind: The kind of the instruction.
            like: What stands in its range.
            places: Collects where the others begin.
            budget: How many instructions may still be read, in a list of one.
            depth: How deep this code object lies in others.
        """
        comprehensions = set()
        for at, (opcode, argument, position) in enumerate(self.read):
            if opcode in _CONSTANTS:
                inner = self.constant(argument)
                if type(inner) is type(self.code) and inner.co_name in COMPREHENSIONS and depth < _MOST_DEPTH:
                    comprehensions.add(position)  # the call of it has the same range, and no part in this
                    _Reader(inner).count(kind, like, places, budget, depth + 1)
            elif self.kind(at) == kind and position not in comprehensions:
                if budget[0] <= 0:
                    return
                found = self.words(at, budget)
                if found is not None and found.begin < like.begin and found.key == like.key:
                    places.add(found.begin)

    def constant(self, number: int) -> "Any":
        """A constant by its number."""
        constants = self.code.co_consts
        return constants[number] if number < len(constants) else None

    def local(self, number: int) -> str:
        """The name of a local variable, or of one of an outer function, by its number."""
        code = self.code
        if number < len(code.co_varnames):
            return code.co_varnames[number]
        cells = [name for name in code.co_cellvars if name not in code.co_varnames]
        names = (*code.co_varnames, *cells, *code.co_freevars)
        return names[number] if number < len(names) else ""

    def parameters(self) -> "tuple[str, ...]":
        """The names of the function's parameters."""
        code = self.code
        count = code.co_argcount + code.co_kwonlyargcount
        return code.co_varnames[: count + bool(code.co_flags & 4) + bool(code.co_flags & 8)]

    def is_own_iterator(self, at: int) -> bool:
        """Whether an instruction drives the outermost iterator of a comprehension: its only argument."""
        opcode, argument, _ = self.read[self.anchor(at)]
        return opcode in _LOCALS and self.local(argument) == ".0"

    def iterator(self) -> int:
        """The number of the instruction that makes a comprehension's iterator, from the call of it."""
        at = self.at
        while at > 0 and self.read[at][0] not in _DRIVES:
            at -= 1
        return at

    def anchor(self, at: int) -> int:
        """The number of the instruction whose range counts."""
        opcode, argument, _ = self.read[at]
        if opcode not in _DRIVES and not self.enters(at):
            return at
        sends = opcode == _SEND
        at -= 1
        if opcode == _WITH_SPEC or (opcode == _FORMAT and argument & 4):
            at -= 1
        while at > 0:
            opcode, argument, _ = self.read[at]
            is_between = opcode in _BETWEEN or (opcode in _EMPTY and not argument) or self.enters(at)
            if not is_between and not (sends and self.is_none(at)):
                break
            at -= 1
        return max(at, 0)

    def enters(self, at: int) -> bool:
        """Whether an instruction calls `__enter__` or another special method, since 3.14."""
        return at > 0 and self.read[at][0] in _CALLS and self.read[at - 1][0] == _SPECIAL

    def is_none(self, at: int) -> bool:
        """Whether an instruction loads None."""
        opcode, argument, _ = self.read[at]
        if opcode == _COMMON:
            return argument == _COMMON_NONE
        return opcode in _CONSTANTS and self.constant(argument) is None

    def test(self, at: int) -> int:
        """The number of the last instruction of an assert's test; -1 if the instruction is not an assert."""
        for before in range(at - 1, -1, -1):
            opcode, argument, _ = self.read[before]
            if opcode == _RAISE:
                break
            if opcode == _ASSERTION_ERROR or (opcode == _COMMON and argument == 0):
                return before - 1
        return -1

    def words(self, at: int, budget: "list[int] | None" = None) -> "_Found | None":
        """What stands in the range of an instruction; None where it has no range."""
        last = self.anchor(at)
        line, end_line, column, end_column = self.read[last][2]
        if line is None or end_line is None or column is None or end_column is None:
            return None
        begin, end = (line, column), (end_line, end_column)
        if self.read[last][0] == _STORE_LOAD and last != at:
            return _Found(begin, set(), [self.local(self.read[last][1] & 15)])
        if self.read[at][0] == _RAISE:
            test = self.test(at)
            if test >= 0:  # its range is the assert, the test or, before 3.12, the test's first operand
                last, end = test, (end_line + _WINDOW, 0)
        words: set[str] = set()
        local: list[str] = []
        begun = False
        while last >= 0:
            opcode, _, (line, end_line, column, end_column) = self.read[last]
            if line is not None and end_line is not None and column is not None and end_column is not None:
                if (line, column) < begin or (end_line, end_column) > end:
                    break
                begun = begun or ((line, column) == begin and opcode in _LOADS)
                self.add(last, words, local, 0)
            last -= 1
            if budget is not None:
                budget[0] -= 1
        if last >= 0 and not begun and self.read[last][0] in _LOADS_ANOTHER:
            local.append(self.local(self.read[last][1] & 15))
        local.reverse()
        return _Found(begin, words, local)

    def add(self, at: int, words: "set[str]", local: "list[str]", depth: int) -> None:
        """Add what one instruction names. Locals come in the opposite order."""
        opcode, argument, _ = self.read[at]
        if opcode in _NAMES:
            number = argument >> _NAMES[opcode]
            if number < len(self.code.co_names):
                words.add(f"n:{self.code.co_names[number]}")
        elif opcode in _CONSTANTS:
            is_keywords = opcode == _KW_NAMES or (
                at + 1 < len(self.read) and self.read[at + 1][0] == _CALL_KW
            )
            _add_constant(self.constant(argument), "n" if is_keywords else "c", words, depth)
        elif opcode == _SMALL_INT:
            words.add(f"c:{argument}")
        elif opcode == _COMMON and argument:
            if argument < len(_COMMON_NAMES):
                words.add(f"n:{_COMMON_NAMES[argument]}")
            elif argument in _COMMON_CONSTANTS:
                words.add(f"c:{_COMMON_CONSTANTS[argument]!r}")
        elif opcode in _LOCALS:
            name = self.local(argument)
            if name != "__class__":  # of super(), and only since 3.12
                local.append(name)
        elif opcode in _TWO_LOCALS:
            local += (self.local(argument & 15), self.local(argument >> 4))


def _add_constant(constant: object, sign: str, words: "set[str]", depth: int) -> None:
    """Add a constant. Whether several are one constant differs between versions, so a tuple is its items."""
    cls = type(constant)
    if constant is None or constant is Ellipsis or cls is bool:  # also loaded for what the compiler added
        return
    if cls is str:
        words.add(f"{sign}:{constant[:_MOST_TEXT]!r}" if sign == "c" else f"n:{constant}")  # type: ignore[index]
    elif cls is int:
        words.add(f"c:{constant:x}" if constant.bit_length() > 64 else f"c:{constant}")  # type: ignore[attr-defined]
    elif cls in (tuple, frozenset):
        for item in constant:  # type: ignore[attr-defined]
            _add_constant(item, sign, words, depth)
    elif cls is slice:
        for item in (constant.start, constant.stop, constant.step):  # type: ignore[attr-defined]
            _add_constant(item, sign, words, depth)
    elif cls is type(_add_constant.__code__):
        # A lambda, generator or comprehension is a part of the expression; a class or function only its name.
        if depth < _MOST_DEPTH and constant.co_name[:1] == "<":  # type: ignore[attr-defined]
            inner = _Reader(constant)  # type: ignore[arg-type]
            for at in range(len(inner.read)):
                inner.add(at, words, [], depth + 1)
    else:
        words.add(f"c:{constant!r:.{_MOST_TEXT}}")
