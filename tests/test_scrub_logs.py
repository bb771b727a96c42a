"""What makes long texts quick changes nothing of what leaves: each short cut against the long way."""

import random
import re

import pytest

from crashguard.scrub import Scrubber, addresses, detect, engine, quoted, quotes, template, tokens
from tests.corpus import heldout, measure

_LONG_WAYS = (
    (engine, "_LONG"),
    (quoted, "_LOG"),
    (quotes, "_LONG"),
    (template, "_LONG"),
    (detect, "_SIFTED"),
)


def _pieces() -> list[str]:
    texts = [sample.text for sample in measure.tuning(each=1) + heldout.samples(each=1)]
    return texts + measure.tuning_harmless(each=1) + heldout.harmless(each=1)


def _unions(seed: int) -> list[str]:
    """Long texts of pieces of the corpora, whole and cut, some of them many times over."""
    rng = random.Random(seed)
    pieces = _pieces()
    made = []
    for separator in ("\n", "\r\n", " ", "\n2026-01-31T12:00:01Z "):
        chosen = rng.choices(pieces, k=350)
        chosen += [each[rng.randrange(len(each) // 2 + 1) :][: rng.randrange(5, 300)] for each in chosen]
        rng.shuffle(chosen)
        made.append(separator.join(chosen + chosen[:80]))
    return made


@pytest.mark.slow
def test_what_a_log_says_again_is_judged_as_if_each_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = _unions(0)
    assert all(len(text) > 2 * engine._LONG for text in texts)
    quick = [Scrubber().text(text) for text in texts]
    for module, name in _LONG_WAYS:
        monkeypatch.setattr(module, name, 10**9)

    assert [Scrubber().text(text) for text in texts] == quick


def test_a_log_of_cut_keys_is_at_rest_once_it_is_scrubbed() -> None:
    scrubbed = Scrubber().text(_unions(1)[0])  # where keys begin whose ends are far behind, or missing

    assert "-----BEGIN " in scrubbed
    assert Scrubber().text(scrubbed) == scrubbed


def test_runs_of_base64_are_those_that_one_pattern_for_all_of_it_finds() -> None:
    padded = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{18,2000}={1,2}(?![A-Za-z0-9=])")
    apart = re.compile(r"(?<![^\s\"'`=(,])[A-Za-z0-9+/]{30,300}={0,2}(?![^\s\"'`;,)&])")
    rng = random.Random(3)
    units = ["aZ9/", "Bc4+", "Q7xY", "=", "==", " ", "\n", "'", "(", ",", ";", ".", "&", "a" * 30]
    for _ in range(3000):
        text = "".join(rng.choices(units, weights=[9, 9, 9, *[1] * 11], k=rng.randrange(1, 60)))
        at = {
            match.start() - len(run) + len(run.rstrip(tokens._BASE64)): match.end()
            for match in tokens._PADDING.finditer(text)
            if (run := text[: match.start()]) is not None
        }
        assert at == {match.start(): match.end() for match in padded.finditer(text)}
        first = tokens._APART_FIRST.match(text)
        spans = [each.span("run") for each in (*([first] if first else []), *tokens._APART.finditer(text))]
        assert spans == [match.span() for match in apart.finditer(text)]


def test_times_of_day_are_no_addresses_and_hide_none() -> None:
    text = "12:00:01 fe80::1 at 09:30:00, 2001:db8:0:1:2:3:4:5 00:1b:44:11:3a:b7\n23:59:59%1 ::ffff:10.0.0.1"
    found = {text[start:end] for start, end, _ in addresses.addresses(text)}

    assert {"fe80::1", "2001:db8:0:1:2:3:4:5", "00:1b:44:11:3a:b7"} <= found
    assert not any(each.startswith(("12:00", "09:30", "23:59")) for each in found)
