"""Who is who: plugins, official or not, and whose code a frame is."""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import psutil
import pytest

from crashguard import ConfigurationError, Plugin, policy
from crashguard.program import Program
from crashguard.program.distributions import Distributions, imports
from crashguard.program.metadata import Metadata, likely, names_in, normal
from crashguard.report.origins import APP, EXTERNAL, LIBRARY, PLUGIN, STDLIB, Origins
from tests.wheels import lay_out


def test_the_publisher_decides_what_is_official() -> None:
    """CloudQuery's own plugins are official, others if their code says so."""
    plugins = [
        Plugin("cloudquery", "source", "aws", "1.0.0"),
        Plugin("acme", "source", "aws", "1.0.0"),
        Plugin("acme", "source", "aws", "1.0.0", official=True),
        Plugin("cloudquery", "source", "aws", "1.0.0", official=False),
    ]

    assert [True, False, True, False] == [plugin.official for plugin in plugins]


def test_a_development_build_of_an_official_plugin_does_not_send() -> None:
    """Official is not enough: a development build stays silent."""
    assert policy.DEVELOPMENT_BUILD == policy.why_not_plugin(
        Plugin("cloudquery", "source", "aws", "Development")
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("", "source", "aws", "1"), "team=''"),
        (("cloudquery", "sauce", "aws", "1"), "source, destination, transformer"),
        (("cloudquery", "source", "a\nb", "1"), "name="),
        (("cloudquery", "source", "aws", None), "version=None"),
    ],
)
def test_a_plugin_that_makes_no_sense_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """The error names the field and what was given."""
    with pytest.raises(ConfigurationError, match=said):
        Plugin(*arguments)


def test_a_plugin_is_a_frozen_value() -> None:
    """Equal values are one plugin, and nobody makes one official later on."""
    one, two = (Plugin("acme", "source", "aws", "1.0.0") for _ in range(2))

    assert {one} == {two}
    with pytest.raises(AttributeError, match="frozen"):
        one.official = True


def required_by_this_file(packages: Sequence[str] = ()) -> Origins:
    """The origins of a script that is this file: what it imports may be told."""
    program = Program()
    program.add_script(__file__)
    program.add_packages(packages)
    return Origins(program, distributions=lambda: Distributions(program, sys.path))


def test_whose_code_a_frame_is() -> None:
    """Standard library, installed distribution, the tool's package; all else is external."""
    origins = required_by_this_file(packages=["attrs"])
    external = "/home/alice/secret_project/run.py"

    assert (STDLIB, "json/__init__.py") == origins.of_frame(json.__file__, vars(json))
    assert (APP, "attrs/__init__.py") == origins.of_frame(attrs.__file__, vars(attrs))
    assert (LIBRARY, "psutil/__init__.py") == origins.of_frame(psutil.__file__, vars(psutil))
    assert (EXTERNAL, "<external>") == origins.of_frame(external, {"__name__": "json"})


def test_generated_code_is_its_modules() -> None:
    """Code without a file belongs to the module it runs in; its made-up file name is not told."""
    origins = required_by_this_file()
    name = "<attrs generated init secret.Thing>"

    assert (LIBRARY, "<generated>") == origins.of_frame(name, {"__name__": "attr"})
    assert (EXTERNAL, "<external>") == origins.of_frame(name, {"__name__": "secret"})
    assert (EXTERNAL, "<external>") == origins.of_frame(name, {})
    assert (EXTERNAL, "<external>") == origins.of_frame(name, {"__name__": 3})


def test_an_official_plugins_package_is_named_and_anothers_is_not() -> None:
    """A plugin's packages are known by the plugin, wherever they lie."""
    plugins = [
        Plugin("cloudquery", "source", "a", "1", packages=["attrs"]),
        Plugin("acme", "source", "b", "1", packages=["psutil"]),
    ]
    origins = Origins(Program(), plugins)

    assert PLUGIN == origins.of_frame(attrs.__file__, vars(attrs))[0]
    assert (EXTERNAL, "<external>") == origins.of_frame(psutil.__file__, vars(psutil))


def test_a_class_is_told_by_its_module() -> None:
    """Built-in, standard and installed classes are known; a user's own are not."""
    origins = required_by_this_file()

    assert STDLIB == origins.of_module("builtins")
    assert LIBRARY == origins.of_module("attr.exceptions")
    assert EXTERNAL == origins.of_module("user_made_this_up")
    assert EXTERNAL == origins.of_module(None)
    assert "user_made_this_up" not in sys.modules


def installed(site: Path, name: str, *modules: str, version: str = "1.0", **more: Any) -> Path:
    """A distribution with empty modules."""
    return lay_out(site, name, version, dict.fromkeys(modules, ""), **more)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of installed packages: a tool, what it requires and what that requires, and a stranger's."""
    folder = tmp_path / "site-packages"
    installed(
        folder, "The_Tool", "tool/__init__.py", "tool/work.py", requires=["Near.Lib[x]>=2 ; extra == 'y'"]
    )
    installed(
        folder, "near_lib", "near/__init__.py", "near/deep/ext.cpython-311-x86_64.so", requires=["far(>1)"]
    )
    installed(folder, "far", "far.py")
    installed(folder, "stranger", "stranger.py", "near/added.py")
    return folder


def beside(folder: Path) -> str:
    """A folder as a root of modules."""
    return f"{folder}/"


def distributions(site: Path, *scripts: Path, homes: Sequence[str] = ("tool",)) -> Distributions:
    """What finds the distributions of the tool there."""
    program = Program()
    for script in scripts:
        program.add_script(str(script))
    program.homes = {home: (beside(site),) for home in homes}
    return Distributions(program, [str(site)])


@pytest.mark.parametrize(
    ("name", "tail", "found"),
    [
        ("tool.work", "tool/work.py", "The_Tool"),
        ("near", "near/__init__.py", "near_lib"),
        ("near.deep.ext", "near/deep/ext.py", "near_lib"),  # listed in its compiled form
        ("far", "far.py", "far"),
        ("stranger", "stranger.py", None),
        ("near.added", "near/added.py", None),  # a stranger's file in the folder of a library
        ("near.deep", "near/deep.py", None),
        ("far.py", "far.py.py", None),
    ],
)
def test_a_module_belongs_to_the_distribution_that_lists_it(
    site: Path, name: str, tail: str, found: str | None
) -> None:
    """If the tool requires that, directly or through others; by its file, not by its folder."""
    known = distributions(site)
    told = known.of_module(name, beside(site), tail)
    by_file = known.of_file(str(site / tail))

    assert found == (told and told.metadata.name)
    assert (told and (told, tail)) == by_file
    assert (found == "The_Tool") == (told is not None and told.is_own)
    assert known.of_module(name, beside(site.parent), tail) is None
    assert known.of_file(str(site.parent / tail)) is None


def test_the_lists_of_a_folder_tell_the_tools_own_files_from_others(site: Path) -> None:
    """Unless the list is missing, or so long that its end is not read."""
    assert distributions(site).has_list_of_own(beside(site))
    assert not distributions(site).has_list_of_own(beside(site.parent))
    record = site / "The_Tool-1.0.dist-info/RECORD"
    for length, is_whole in ((1_900_000, True), (2_100_000, False)):
        record.write_text("tool/work.py,,\n" + "#" * length)
        assert is_whole == distributions(site).has_list_of_own(beside(site))
        assert distributions(site).of_module("tool.work", beside(site), "tool/work.py") is not None


def test_an_environment_of_endless_lists_is_read_in_part(site: Path) -> None:
    """A process that dies reads some megabytes; what it has not read it does not tell."""
    names = [f"big{number}" for number in range(20)]
    for name in names:
        (installed(site, name, f"{name}.py") / "RECORD").write_text(f"{name}.py,,\n" + "#" * 1_900_000)
    needed = "".join(f"Requires-Dist: {name}\n" for name in names)
    (site / "far-1.0.dist-info/METADATA").write_text(f"Name: far\n{needed}\n")
    known = distributions(site, homes=["far"])
    told = [name for name in names if known.of_module(name, beside(site), f"{name}.py")]

    assert 4 <= len(told) <= 10
    assert told == names[: len(told)]


def test_a_script_may_tell_what_it_imports(site: Path, tmp_path: Path) -> None:
    """Also what a module beside it imports, and what a text imports that it hands to a sub-interpreter."""
    (tmp_path / "bin").mkdir()
    script, helper = tmp_path / "bin/script.py", tmp_path / "bin/helper.py"
    script.write_text("import os, helper as h; from . import tool\nrun('import stranger')\nimported = near\n")
    helper.write_text("  from far.x import y\n")
    (tmp_path / "bin/unused.py").write_text("import near\n")
    known = distributions(site, script, homes=())
    told = [
        name
        for name in ("tool", "near", "far", "stranger")
        if known.of_module(name, beside(site), f"{name}.py")
    ]

    assert ["far", "stranger"] == told
    assert "helper.py" == known.is_sibling(str(helper))
    assert known.is_sibling(str(tmp_path / "bin/unused.py")) is None
    assert known.is_sibling(str(tmp_path / "box/helper.py")) is None


def test_a_script_tells_no_more_than_it_imports(site: Path, tmp_path: Path) -> None:
    """A module that nothing has leads to no distribution; a script that is gone is no reason to forget the other."""
    script, gone = tmp_path / "script.py", tmp_path / "gone.py"
    for source, told in (("import absent\n", []), ("import far\n", ["far"])):
        script.write_text(source)
        known = distributions(site, script, gone, homes=())
        names = ("tool", "near", "far", "stranger")
        assert told == [name for name in names if known.of_module(name, beside(site), f"{name}.py")]


def test_links_to_the_files_of_a_distribution_are_followed(site: Path, tmp_path: Path) -> None:
    """uv installs links into its cache where it is told so; a script's module may be one too."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/script.py").write_text("import helper\n")
    (tmp_path / "bin/helper.py").symlink_to(tmp_path / "real.py")
    (tmp_path / "real.py").write_text("import near\n")
    for path in (*site.glob("*.dist-info/RECORD"), *site.glob("*.dist-info/METADATA")):
        linked = path.with_suffix(".cached")
        path.rename(linked)
        path.symlink_to(linked)

    known = distributions(site, tmp_path / "bin/script.py", homes=())
    assert known.of_module("near", beside(site), "near/__init__.py") is not None
    assert known.of_module("far", beside(site), "far.py") is not None


def test_a_folder_of_libraries_may_lie_in_a_folder_of_modules(tmp_path: Path) -> None:
    """A tool that ships its libraries has both on `sys.path`; only the one with distributions is asked."""
    site = tmp_path / "vendor"
    installed(site, "tool", "tool.py")
    program = Program()
    program.homes = {"tool": (beside(site),)}
    found = Distributions(program, [str(tmp_path), str(site)]).of_file(str(site / "tool.py"))

    assert found is not None
    assert "tool.py" == found[1]


def test_a_module_beside_the_script_is_not_the_library_of_that_name(site: Path, tmp_path: Path) -> None:
    """Python imports the one beside the script, so the library and what it requires have no part in it."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin/script.py"
    script.write_text("import near\n")
    assert distributions(site, script, homes=()).of_module("far", beside(site), "far.py") is not None
    for name in ("near.py", "near"):
        (tmp_path / "bin" / name).mkdir() if name == "near" else (tmp_path / "bin" / name).touch()
        assert distributions(site, script, homes=()).of_module("far", beside(site), "far.py") is None


def test_a_script_that_an_installer_has_written_is_its_distributions(site: Path, tmp_path: Path) -> None:
    """The list of a distribution names the command; so its modules are the tool's own."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/command"
    command.write_text("from near import main\n")
    found = distributions(site, command, homes=()).of_module("near", beside(site), "near/__init__.py")
    assert found is not None
    assert not found.is_own

    with (site / "near_lib-1.0.dist-info/RECORD").open("a") as record:
        record.write("../bin/command,,\n")
    found = distributions(site, command, homes=()).of_module("near", beside(site), "near/__init__.py")
    assert found is not None
    assert found.is_own


def test_of_a_script_with_hundreds_of_modules_some_are_read(tmp_path: Path) -> None:
    """Each imports the next one; a process that dies does not follow them to the end."""
    for number in range(300):
        (tmp_path / f"m{number}.py").write_text(f"import m{number + 1}, library{number}\n")
    program = Program()
    program.add_script(str(tmp_path / "m0.py"))

    found = {name for name in imports(program) if name.startswith("library")}
    assert 60 <= len(found) <= 120


def test_an_editable_install_is_known_by_its_sources(site: Path, tmp_path: Path) -> None:
    """Its modules lie in a checkout, whose path `direct_url.json` names; of that all is the tool's own."""
    checkout = tmp_path / "a checkout"
    (checkout / "src/mine").mkdir(parents=True)
    url = f'{{"url": "file://{str(checkout).replace(" ", "%20")}", "dir_info": {{"editable": true}}}}'
    installed(site, "mine", "_mine.pth", direct_url=url, requires=["far"])
    program = Program()
    program.homes = {"mine": (beside(checkout / "src"),)}
    known = Distributions(program, [str(site)])
    found = known.of_module("mine.work", beside(checkout / "src"), "mine/work.py")

    assert found is not None
    assert ("mine", True) == (found.metadata.name, found.is_own)
    assert known.of_module("far", beside(site), "far.py") is not None
    assert known.of_module("mine", beside(checkout), "mine.py") is None


@pytest.mark.parametrize(
    ("said", "sources"),
    [
        ('{"url": "file:///src/tool/", "dir_info": {"editable": true}}', "/src/tool/"),
        ('{"dir_info": {"editable": true}, "url": "file:///C:/my%20tool"}', "C:/my tool/"),
        ('{"url": "file:///src/tool", "dir_info": {"editable": false}}', None),
        ('{"url": "file:///true", "dir_info": {}}', None),
        ('{"url": "https://example.com/tool", "dir_info": {"editable": true}}', None),
        ('{"dir_info": {"editable": true}}', None),
    ],
)
def test_where_the_sources_of_an_editable_install_lie(tmp_path: Path, said: str, sources: str | None) -> None:
    """A folder of this machine, as `direct_url.json` says it."""
    info = installed(tmp_path / "site-packages", "tool", direct_url=said)

    assert sources == Metadata(beside(info.parent), info.name).sources


@pytest.mark.parametrize(
    ("info", "text", "version"),
    [
        ("tool-1.2.dist-info", "Version: 3", "1.2"),
        ("tool-1.2-py3.11.egg-info", "Version: 3", "3"),
        ("tool.egg-info", "Name: tool\r\nVersion: 1.5 \r\n\r\nVersion: 7\r\n", "1.5"),
        ("tool.egg-info", "Name: tool\n\nVersion: 7\n", ""),
        ("tool.dist-info", "Version: 3", "3"),
    ],
)
def test_the_version_of_a_distribution(tmp_path: Path, info: str, text: str, version: str) -> None:
    """It stands in the name of the folder, or among the fields before the description."""
    (tmp_path / info).mkdir()
    (tmp_path / info / ("METADATA" if info.endswith("dist-info") else "PKG-INFO")).write_text(text)
    found = Metadata(beside(tmp_path), info)

    assert ("tool", version) == (found.name, found.version)


def test_what_a_distribution_requires(tmp_path: Path) -> None:
    """By normal names; of a long head all of it, of a description nothing, and of setuptools' own file too."""
    info = installed(tmp_path, "tool", requires=["A_b.C >= 1", "d[extra] ; python_version > '3'", "e"])
    assert ["a-b-c", "d", "e"] == list(Metadata(beside(tmp_path), info.name).requirements())

    head = "Classifier: of many\n" * 10_000 + "Requires-Dist: far\n"
    (info / "METADATA").write_text(f"Name: tool\n{head}\nRequires-Dist: told-of\n" + "\n" * 400_000)
    assert ["far"] == list(Metadata(beside(tmp_path), info.name).requirements())

    (tmp_path / "old.egg-info").mkdir()
    (tmp_path / "old.egg-info/requires.txt").write_text("near>=2\n\n[extra]\nFar_Lib\n")
    assert {"near", "far-lib"} <= set(Metadata(beside(tmp_path), "old.egg-info").requirements())


def test_without_a_list_of_files_its_packages_are_known(tmp_path: Path) -> None:
    """setuptools and Debian write the names of the top-level modules alone."""
    (tmp_path / "old.egg-info").mkdir()
    (tmp_path / "old.egg-info/top_level.txt").write_text("near\nfar\n")
    old = Metadata(beside(tmp_path), "old.egg-info")

    assert [True, True, False, False] == [
        old.lists(tail) for tail in ("near/deep/mod.py", "far.py", "ar.py", "nearby/__init__.py")
    ]
    assert old.lists_below("near")
    assert not old.lists_below("nea")


@pytest.mark.parametrize(("number", "found"), [(15_000, ["near-1.dist-info"]), (30_000, [])])
def test_a_folder_of_very_many_names_has_no_distributions(
    monkeypatch: pytest.MonkeyPatch, number: int, found: list[str]
) -> None:
    """Any folder of the user's may be on `sys.path`; one of libraries has fewer names."""
    names = ["near-1.dist-info", *(f"{each}.csv" for each in range(number))]
    entries = [SimpleNamespace(name=name) for name in names]
    monkeypatch.setattr(os, "scandir", lambda _: contextlib.nullcontext(entries))

    assert found == names_in("/data")


def test_names_of_distributions() -> None:
    """They are compared as PyPA says; a module may have come with a distribution of a part of its name."""
    assert ["a-b-c"] * 3 == [normal(name) for name in ("A.b_C", "a--b..c", "a-_.b-c")]
    assert ["a", "a-b", "a-b-c", "a-b-c-d"] == likely("a.b.c.d.e")
    assert ["a-b"] == likely("a_b")
