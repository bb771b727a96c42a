"""A made-up tool with planted bugs. Each function `bug_...` sets off one bug; its argument is the data.

A comment says what a rule for grouping has to see. The names in `KNOWN_WRONG` are those that rule 4 gets wrong.
"""

import contextlib
import functools
import operator

SAME = {  # different ways to one bug: label of the bug -> functions
    "total_id": ("bug_total_id", "bug_total_id_by_command"),
    "recursion": ("bug_recursion", "bug_recursion_by_another_start"),
    "comprehension_cell": ("bug_comprehension_cell", "bug_comprehension_cell_by_report"),
    "lines": ("bug_generator", "bug_yield_from"),
    "conduit": ("bug_conduit_by_a", "bug_conduit_by_b"),
    "import_row": ("bug_import_by_command", "bug_import_by_batch", "bug_import_by_dispatcher"),
    "positive": ("bug_positive_by_command", "bug_positive_by_batch"),
    "parse_row": ("bug_parse_row", "bug_parse_other_row"),
    "size_of": ("bug_size_of_row", "bug_size_of_rows"),
    "server": ("bug_server_by_one", "bug_server_by_another"),
    "report_of": ("bug_report_of_week", "bug_report_of_day"),
}
KNOWN_WRONG = (
    "bug_positive_by_command",
    "bug_positive_by_batch",
    "bug_twin_lambda_first",
    "bug_twin_lambda_second",
    "bug_conduit_by_a",
    "bug_conduit_by_b",
)


# Two statements of one function.
def total(row):
    number = row["id"]
    name = row["name"]
    return number + name


def bug_total_id(n):
    total({"name": n})


def bug_total_id_by_command(n):
    total({"name": n, "more": n})


def bug_total_name(n):
    total({"id": n})


def bug_total_sum(n):
    total({"id": n, "name": "x" * n})


# One line, two places that can fail; a chain of keys.
def both(d):
    return d["x"]["a"] + d["y"]["b"]


def bug_both_x(n):
    both({"y": {"b": n}})


def bug_both_xa(n):
    both({"x": {"n": n}})


def bug_both_y(n):
    both({"x": {"a": n}})


def bug_both_yb(n):
    both({"x": {"a": n}, "y": {}})


# The same words twice: the order tells them apart.
def twice(d, e):
    first = d["key"]
    second = e["key"]
    return first, second


def bug_twice_first(n):
    twice({}, {"key": n})


def bug_twice_second(n):
    twice({"key": n}, {})


# Lambdas.
READ, PARSE = (lambda text: text.read()), (lambda text: text.parse())


def bug_lambda_read(n):
    READ(n)


def bug_lambda_parse(n):
    PARSE(n)


TWIN_FIRST, TWIN_SECOND = [(lambda v: v.twin), (lambda v: v.twin)]


def bug_twin_lambda_first(n):
    TWIN_FIRST(n)


def bug_twin_lambda_second(n):
    TWIN_SECOND(n)


# Comprehensions and generator expressions.
def cells(rows):
    kept = [row["cell"] for row in rows]
    keyed = {row["key"]: row for row in rows if row["use"]}
    return kept, keyed, sum(row["size"] for row in rows)


def bug_comprehension_cell(n):
    cells([{"key": n}])


def bug_comprehension_cell_by_report(n):
    cells([{"cell": 1}, {"key": n}])


def bug_comprehension_use(n):
    cells([{"cell": n}])


def bug_comprehension_key(n):
    cells([{"cell": n, "use": True}])


def bug_generator_expression(n):
    cells([{"cell": n, "use": True, "key": n}])


def nested(table):
    return [[cell.value for cell in row.cells] for row in table.rows]


def bug_nested_rows(n):
    nested(n)


class Bag:
    def __init__(self, **names):
        self.__dict__.update(names)


def bug_nested_cells(n):
    nested(Bag(rows=[n]))


def bug_nested_value(n):
    nested(Bag(rows=[Bag(cells=[n])]))


def bug_comprehension_over_none(n):
    return [each for each in Bag(items=None).items if each != n]


# Helpers that only hand on: each caller is a bug.
def get(row, key):
    return row[key]


def bug_get_one(n):
    get({"n": n}, "one")


def bug_get_two(n):
    get({"n": n}, "two")


def bug_get_three(n):
    return [get(row, "three") for row in [{"n": n}]]


# Helpers that raise: each caller is a bug.
def require(condition, message):
    if not condition:
        raise ValueError(message)


def bug_require_size(n):
    require(n < 0, f"size {n}")


def bug_require_name(n):
    require("name" in {"n": n}, f"name {n}")


def bug_require_twice_first(n):
    require(n < 0, "a")
    require(n > 0, "b")


def bug_require_twice_second(n):
    require(n > 0, "a")
    require(n < 0, "b")


# Validators with several raises of one type.
def validate(size, name, kind):
    if size < 0:
        raise ValueError("negative size")
    if not name:
        raise ValueError(f"no name for {kind}")
    if kind not in ("a", "b"):
        raise ValueError("unknown kind: " + kind)


def bug_validate_size(n):
    validate(-n, "x", "a")


def bug_validate_name(n):
    validate(n, "", "a")


def bug_validate_kind(n):
    validate(n, "x", f"kind{n}")


# Asserts.
def check(a, b):
    assert a.size, "no size"
    assert a.left and b.right
    assert a.count > 0, f"count {a.count}"


def bug_assert_size(n):
    check(Bag(size=0, n=n), n)


def bug_assert_both(n):
    check(Bag(size=n, left=0), n)


def bug_assert_count(n):
    check(Bag(size=n, left=1, count=-n), Bag(right=1))


# Chains: the cause decides; what was only being handled does not.
def load(path):
    return {"n": path}["config"]


def save(path):
    return {"n": path}["target"]


def bug_from_load(n):
    try:
        load(n)
    except KeyError as error:
        raise RuntimeError(f"cannot start {n}") from error


def bug_from_save(n):
    try:
        save(n)
    except KeyError as error:
        raise RuntimeError(f"cannot start {n}") from error


def bug_while_handling(n):
    try:
        load(n)
    except KeyError:
        return Bag().cleanup


def bug_from_none(n):
    try:
        load(n)
    except KeyError:
        raise LookupError(f"no config {n}") from None


# Decorators that hand on everything are nobody's caller.
def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@logged
def checked(value):
    raise TypeError(f"not a number: {value}")


def bug_forwarded_one(n):
    checked(n)


def bug_forwarded_two(n):
    checked(value=str(n))


@logged
def narrow(one):
    return one


def bug_forwarded_arguments(n):
    narrow(n, n)


# Recursion.
def walk(tree, depth=0):
    return visit(tree, depth + 1)


def visit(tree, depth):
    return walk(tree, depth)


def bug_recursion(n):
    walk({"n": n})


def bug_recursion_by_another_start(n):
    visit({"n": n}, 17)


def bug_recursion_elsewhere(n):
    return bug_recursion_elsewhere(n)


def depth_first(node):
    if node["children"] is None:
        return node["leaf"]
    return [depth_first(child) for child in node["children"]]


def bug_deep_leaf(n):
    node = {"children": None, "n": n}
    for _ in range(n):
        node = {"children": [node]}
    depth_first(node)


# Generators, context managers, classes.
def lines(rows):
    for row in rows:
        yield row.strip()


def bug_generator(n):
    list(lines(["a"] * n + [n]))


def delegate(rows):
    yield from lines(rows)


def bug_yield_from(n):
    sorted(delegate([n]))


@contextlib.contextmanager
def opened(name):
    yield name.handle


def bug_context_manager(n):
    with opened(n) as handle:
        handle.close()


class Store:
    size = 0

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self.connection

    def __exit__(self, *args):
        return None

    def __getitem__(self, key):
        return self.rows[key]

    @property
    def width(self):
        return self.name.width

    def rename(self, name):
        self.name.value = name

    @classmethod
    def make(cls, facts):
        return cls(facts["name"])

    def __del__(self):
        pass


def bug_enter(n):
    with Store(n):
        pass


def bug_getitem(n):
    Store(n)["x"]


def bug_property(n):
    return Store(n).width


def bug_store_attribute(n):
    Store(n).rename("x")


def bug_classmethod(n):
    Store.make({"n": n})


class Child(Store):
    def make_child(self):
        return super().missing(self.name)


def bug_super(n):
    Child(n).make_child()


# Operators, unpacking, formatting, conditions, slices, calls.
def bug_unpack(n):
    first, second = Bag(pair=(n,)).pair
    return first + second


def bug_unpack_in_loop(n):
    for left, right in Bag(pairs=[(n,)]).pairs:
        return left + right


def bug_iterate(n):
    for each in Bag(count=n).count:
        return each


def bug_format(n):
    return f"{n:d} of {Bag(size='x').size:.2f}"


class Picky:
    def __bool__(self):
        raise ArithmeticError("neither")


def bug_condition(n):
    if Bag(flag=Picky()).flag:
        return n


def bug_slice(n):
    return Bag(text=n).text[1:3]


def bug_divide(n):
    return n / Bag(zero=0).zero


def bug_modulo(n):
    return n % Bag(zero=0).zero


def bug_compare(n):
    return Bag(limit="x").limit < n


def bug_contains(n):
    return "x" in Bag(limit=n).limit


def bug_call_none(n):
    return Bag(handler=None).handler(n, key=1)


def bug_keyword(n):
    return total(rows=n)


def bug_star(n):
    return operator.add(*Bag(args=[n]).args)


def bug_delete(n):
    facts = {"n": n}
    del facts["gone"]


def bug_store_item(n):
    Bag(row=n).row["x"] = 1


def bug_augmented(n):
    facts = {"count": "x"}
    facts["count"] += n


def bug_name(n):
    return undefined_name + n


def bug_local(n):
    if n < 0:
        value = n
    return value + 1


def bug_import(n):
    from json import no_such_name

    return no_such_name, n


def bug_int(n):
    return int(f"not a number {n}")


def bug_int_of_field(n):
    return int(Bag(age=f"old {n}").age)


# In a library: the statement that called it counts.
def bug_library_sort(n):
    return sorted([n, "x"], key=operator.attrgetter("real"))


def bug_library_reduce(n):
    return functools.reduce(operator.add, [n, "x"])


def bug_library_callback(n):
    return list(map(lambda each: each["call"], [{"n": n}]))


# Conduits.
def conduit(part, rest):
    raise OSError(f"{part}/{rest}")


def through(n):
    conduit("x", n)


def bug_conduit_by_a(n):
    conduit("a", n)


def bug_conduit_by_b(n):
    conduit("b", n)


# Conditional expressions, walrus, nested functions, match.
def pick(n, flag):
    return Bag(v=n).left if flag else Bag(v=n).right


def bug_pick_left(n):
    pick(n, True)


def bug_pick_right(n):
    pick(n, False)


def bug_walrus(n):
    if (found := {"n": n}.get("x")) is None:
        return found.missing


def bug_nested_function(n):
    def inner(value):
        return value.inner

    return inner(n)


def bug_match(n):
    match {"kind": "row", "n": n}:
        case {"kind": "row"}:
            return Bag().row_handler
        case _:
            return Bag().other_handler


def bug_finally(n):
    try:
        pass
    finally:
        Bag(n=n).closing.close()


async def fetch(client):
    return await client.get("url")


def bug_coroutine(n):
    coroutine = fetch(n)
    try:
        coroutine.send(None)
    finally:
        coroutine.close()


# Helpers of two and three levels, with two callers each.
def fail(message):
    raise ValueError(message)


def ensure(condition, message):
    if not condition:
        fail(message)


def ensure_is(value, kind, message):
    ensure(isinstance(value, kind), message)


def bug_ensure_one(n):
    ensure(n < 0, "one")


def bug_ensure_two(n):
    ensure(n > 99, "two")


def bug_ensure_is_text(n):
    ensure_is(n, str, "no text")


def bug_ensure_is_list(n):
    ensure_is(n, list, "no list")


def find(row, key):
    return get(row, key)


def bug_find_one(n):
    find({"n": n}, "one")


def bug_find_two(n):
    find({"n": n}, "two")


class Settings:
    def __init__(self, values):
        self.values = values

    def __getitem__(self, key):
        return self.values[key]

    def need(self, key):
        return self[key]


def bug_need_size(n):
    Settings({"n": n}).need("size")


def bug_need_name(n):
    Settings({"n": n}).need("name")


# A function with work of its own, which has one of these helpers say what is wrong, by three ways.
def import_row(row):
    size = row["size"]
    ensure(size < 0, "a size")
    return size


def import_all(rows):
    for row in rows:
        import_row(row)


def dispatch(command, argument):
    return command(argument)


def bug_import_by_command(n):
    import_row({"size": n})


def bug_import_by_batch(n):
    import_all([{"size": n}])


def bug_import_by_dispatcher(n):
    dispatch(import_row, {"size": n})


# The same without any work of its own: a step, as the rule sees it.
def positive(value):
    ensure(value, value)


def bug_positive_by_command(n):
    positive(0 * n)


def bug_positive_by_batch(n):
    for _ in range(n):
        positive(0)


# A loop over its data is no step, by whatever way the data came.
def convert(text):
    return int(text)


def parse_row(row):
    return {key: convert(value) for key, value in row.items()}


def bug_parse_row(n):
    parse_row({"a": "x" * n})


def bug_parse_other_row(n):
    parse_row({"b": "y" * n})


# Helpers with a variable or a constant of their own: whoever calls them with the wrong thing is to blame.
def number_in(row, key):
    value = row[key].strip()
    return int(value)


def bug_number_in_width(n):
    number_in({"width": "w" * n}, "width")


def bug_number_in_height(n):
    number_in({"height": "h" * n}, "height")


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def bug_text_of_config(n):
    text_of(f"/no/config/{n}")


def bug_text_of_catalog(n):
    text_of(f"/no/catalog/{n}")


class Api:
    def __init__(self):
        self.session = {}

    def fetch(self, path):
        answer = self.session.get("https://api/" + path, path)
        operator.index(answer)
        return answer


def bug_api_users(n):
    Api().fetch("users" * n)


def bug_api_orders(n):
    Api().fetch("orders" * n)


def command(arguments):
    done = operator.itemgetter(*arguments)
    return done([])


def git(*arguments):
    return command(["git", *arguments])


def bug_git_push(n):
    git("push", str(n))


def bug_git_tag(n):
    git("tag", str(n))


def hexadecimal(text):
    return int(text, 16)


def bug_hexadecimal_colour(n):
    hexadecimal("#" * n)


def bug_hexadecimal_key(n):
    hexadecimal("-" * n)


def amount(text):
    return float(text.replace(",", ""))


def bug_amount_price(n):
    amount("," + "p" * n)


def bug_amount_tax(n):
    amount("t" * n)


# Small functions with a key or a name of their own: what is wrong is in them, whoever calls.
def size_of(row):
    size = row["size"]
    return size.left


def bug_size_of_row(n):
    size_of({"size": n})


def bug_size_of_rows(n):
    for size in range(n):
        size_of({"size": size})


def server():
    answer = {}.get("url")
    return operator.index(answer)


def bug_server_by_one(n):
    server()


def bug_server_by_another(n):
    for _ in range(n):
        server()


# Work of its own, with many names: one bug, whoever starts it.
def report_of(rows, name):
    wide = max(len(row) for row in rows)
    title = name.center(wide).upper().strip()
    lines = [title, *(row.ljust(wide) for row in rows)]
    body = "\n".join(lines).expandtabs().splitlines()
    return sorted(body, key=float)


def bug_report_of_week(n):
    report_of(["a" * n, "b"], "week")


def bug_report_of_day(n):
    report_of(["c", "d" * n], "day")


# Decorators of other kinds than f(*args, **kwargs): they are nobody's callers.
def timed(function):
    def inner(*args):
        return function(*args)

    return inner


def method(function):
    def inner(self, *args):
        return function(self, *args)

    return inner


def one_argument(function):
    def inner(value):
        return function(value)

    return inner


def awaited(function):
    async def inner(*args, **kwargs):
        return await function(*args, **kwargs)

    return inner


def require(value):
    raise ValueError(f"not {value}")


timed_require, method_require, one_require = (
    timed(require),
    method(lambda _, value: require(value)),
    one_argument(require),
)


@awaited
async def awaited_require(value):
    raise ValueError(f"not {value}")


def bug_timed_one(n):
    timed_require(n)


def bug_timed_two(n):
    timed_require(n + 1)


def bug_one_one(n):
    one_require(n)


def bug_one_two(n):
    one_require(n + 1)


async def need_one(n):
    await awaited_require(n)


async def need_two(n):
    await awaited_require(n + 1)


def bug_awaited_one(n):
    with contextlib.closing(need_one(n)) as coroutine:
        coroutine.send(None)


def bug_awaited_two(n):
    with contextlib.closing(need_two(n)) as coroutine:
        coroutine.send(None)


# Decorators that translate what a command raises: the command is to blame, with and without `from`.
def translated(function):
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except (KeyError, ValueError) as error:
            raise RuntimeError(f"it failed: {error}")

    return inner


def translated_silently(function):
    def inner(*args):
        try:
            return function(*args)
        except LookupError:
            raise RuntimeError("it failed") from None

    return inner


@translated
def bug_translated_key(n):
    return {}[n]


@translated
def bug_translated_number(n):
    return int("x" * n)


@translated_silently
def bug_translated_item(n):
    return [][n]


@translated_silently
def bug_translated_name(n):
    return {"n": n}["name"]
