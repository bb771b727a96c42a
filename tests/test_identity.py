"""Who is who: plugins, official or not, and whose code a frame is."""

import json
import sys
from collections.abc import Sequence

import attrs
import psutil
import pytest

from crashguard import ConfigurationError, Plugin, policy
from crashguard.program import Program
from crashguard.program.distributions import Distributions
from crashguard.report.origins import APP, EXTERNAL, LIBRARY, PLUGIN, STDLIB, Origins


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
