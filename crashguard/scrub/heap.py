"""Many texts, of which a message finds the few that share a word with it.

Theory of operation. A crash may hold hundreds of values, an environment thousands, and a message ten words.
To take every value apart costs more than all else that is done with a message. So the values lie in one text,
and each word of the message is searched for in it: only what holds one of them is handed out, once.
"""

from crashguard.scrub.private import count_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Entry = tuple[str, str]  # a text and the name of what held it

_SEAM = "\0"
_MOST, _CUT = 1_000_000, 2_000  # characters of all texts from which each is cut, and what is left of it then


class Heap:
    """Texts that have not been asked for yet.

    Args:
        entries: The texts, each with the name of what held it.
    """

    __slots__ = ("_asked", "_ends", "_low", "_out", "entries")

    def __init__(self, entries: "list[Entry]") -> None:
        self.entries = entries
        self._out: set[int] = set()  # the numbers of those that were handed out
        self._asked: set[str] = set()
        is_large = sum(len(text) for text, _ in entries) > _MOST
        lows = [(text[:_CUT] if is_large else text).lower() for text, _ in entries]
        self._ends: list[int] = []
        end = -1
        for low in lows:
            end += len(low) + 1
            self._ends.append(end)
        self._low = _SEAM.join(lows)

    def holding(self, words: "Iterable[str]") -> "list[Entry]":
        """The texts that hold one of some words, in any case, and were not handed out before.

        Args:
            words: Words in small letters.
        """
        found: list[Entry] = []
        for word in words:
            if word in self._asked:
                continue
            self._asked.add(word)
            at = self._low.find(word)
            while at >= 0:
                number = count_below(self._ends, at)
                if number not in self._out:
                    self._out.add(number)
                    found.append(self.entries[number])
                at = self._low.find(word, self._ends[number])
        return found

    def rest(self) -> "list[Entry]":
        """All that were not handed out before."""
        found = [entry for number, entry in enumerate(self.entries) if number not in self._out]
        self._out.update(range(len(self.entries)))
        return found
