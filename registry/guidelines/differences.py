"""What changed from one text to another: paragraphs that came, went or read otherwise, down to the words.

Two texts of 200,000 characters are compared while somebody waits, whatever is in them. So what they have in common is
found by what each has only once (Bram Cohen's patience diff), and where nothing is there only once, by the how-manieth
time it is there: the work grows with the texts and not with their square. Only short stretches are compared each with
each.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

#: Stretches are compared each with each where no more pairs than this are to be looked at.
FEW_PAIRS: Final = 2_500
#: Paragraphs with this share of words in common are the same one, changed.
ALIKE: Final = 0.5
#: Paragraphs that stay in view around a change.
AROUND: Final = 1
#: Where a line stands for itself, though no empty line is before it: a heading, an item, a row, a quotation.
_OWN: Final = re.compile(r"\s*(?:#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|\||>|```|~~~)")
_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a paragraph: ``same`` in both texts, ``added`` or ``removed``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as it is shown: ``same``, ``added``, ``removed`` or ``changed`` in some of its pieces."""

    kind: str
    pieces: tuple[Piece, ...]

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading of the text."""
        return self.pieces[0].text.lstrip().startswith("#")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs that follow each other; ``folded`` where none of them changed and none is near a change."""

    paragraphs: tuple[Paragraph, ...]
    folded: bool = False


def compare(before: str, after: str) -> list[Stretch]:
    """What became of a text, from its beginning to its end; empty where nothing but its blanks changed."""
    shown = list(_paragraphs(_split(before), _split(after)))
    return list(_folded(shown)) if any(one.kind != "same" for one in shown) else []


def counted(stretches: Sequence[Stretch]) -> Counter[str]:
    """How many paragraphs are of each kind."""
    return Counter(one.kind for stretch in stretches for one in stretch.paragraphs)


def _split(text: str) -> list[str]:
    """The paragraphs of a Markdown text; headings, items of lists and rows of tables are some too."""
    found: list[list[str]] = []
    begins = True
    for line in text.splitlines():
        if not line.strip():
            begins = True
            continue
        if begins or _OWN.match(line):
            found.append([])
        found[-1].append(line.rstrip())
        begins = line.lstrip().startswith("#")
    return ["\n".join(lines) for lines in found]


def _plain(paragraph: str) -> str:
    return " ".join(paragraph.split())


def _paragraphs(before: list[str], after: list[str]) -> Iterator[Paragraph]:
    old, new = [_plain(one) for one in before], [_plain(one) for one in after]
    for same, a_from, a_to, b_from, b_to in _runs(old, new):
        if same:
            yield from (Paragraph("same", (Piece("same", one),)) for one in after[b_from:b_to])
        else:
            yield from _changed(before[a_from:a_to], after[b_from:b_to])


def _changed(removed: list[str], added: list[str]) -> Iterator[Paragraph]:
    """Paragraphs in the place of others: those that are alike are shown as one, changed in some words."""
    done_a = done_b = 0
    for place_a, place_b in [*_pairs(removed, added), (len(removed), len(added))]:
        yield from (Paragraph("removed", (Piece("removed", one),)) for one in removed[done_a:place_a])
        yield from (Paragraph("added", (Piece("added", one),)) for one in added[done_b:place_b])
        if place_a < len(removed):
            yield Paragraph("changed", tuple(_pieces(removed[place_a], added[place_b])))
        done_a, done_b = place_a + 1, place_b + 1


def _pairs(removed: list[str], added: list[str]) -> list[tuple[int, int]]:
    """Which paragraphs became which, in order, so that they have most words in common."""
    if not 0 < len(removed) * len(added) <= FEW_PAIRS:
        return []
    words_a, words_b = ([Counter(re.findall(r"\w+", one)) for one in side] for side in (removed, added))
    best = [[0.0] * (len(added) + 1) for _ in range(len(removed) + 1)]
    alike = [[_share(one, other) for other in words_b] for one in words_a]
    for a in range(len(removed) - 1, -1, -1):
        for b in range(len(added) - 1, -1, -1):
            together = alike[a][b] + best[a + 1][b + 1] if alike[a][b] >= ALIKE else 0.0
            best[a][b] = max(together, best[a + 1][b], best[a][b + 1])
    found, a, b = [], 0, 0
    while a < len(removed) and b < len(added):
        if alike[a][b] >= ALIKE and best[a][b] == alike[a][b] + best[a + 1][b + 1]:
            found.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return found


def _share(one: Counter[str], other: Counter[str]) -> float:
    """The share of words that two paragraphs have in common, from 0 to 1."""
    both = sum(min(count, other[word]) for word, count in one.items())
    return 2 * both / ((one.total() + other.total()) or 1)


def _pieces(before: str, after: str) -> Iterator[Piece]:
    """The words of a changed paragraph. A blank between two changes belongs to both: it reads as one change."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    runs = list(_runs([word.strip() or " " for word in old], [word.strip() or " " for word in new]))
    gone = come = ""
    for place, (same, a_from, a_to, b_from, b_to) in enumerate(runs):
        was, now_is = "".join(old[a_from:a_to]), "".join(new[b_from:b_to])
        if not same or (0 < place < len(runs) - 1 and not now_is.strip()):
            gone, come = gone + was, come + now_is
            continue
        yield from _change(gone, come)
        gone = come = ""
        yield Piece("same", now_is)
    yield from _change(gone, come)


def _change(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece("removed", gone)
    if come:
        yield Piece("added", come)


#: Whether both have it, and from where to where it is in the one and in the other.
_Run = tuple[bool, int, int, int, int]


def _runs(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[_Run]:
    """Two sequences, cut into what is the same in both and what is not, by turns."""
    a = b = 0
    for a_from, b_from, length in _joined(sorted(_matches(old, new))):
        if a_from > a or b_from > b:
            yield False, a, a_from, b, b_from
        a, b = a_from + length, b_from + length
        yield True, a_from, a, b_from, b
    if a < len(old) or b < len(new):
        yield False, a, len(old), b, len(new)


def _joined(matches: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Pairs of places that are the same, as stretches: where each begins, and how long it is."""
    begun: tuple[int, int] | None = None
    length = 0
    for a, b in matches:
        if begun and (a, b) == (begun[0] + length, begun[1] + length):
            length += 1
            continue
        if begun:
            yield (*begun, length)
        begun, length = (a, b), 1
    if begun:
        yield (*begun, length)


def _matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Pairs of places that are the same; of stretches without an end, one after the other, not one in the other."""
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        a, a_end, b, b_end = waiting.pop()
        while a < a_end and b < b_end and old[a] == new[b]:
            yield a, b
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
            yield a_end, b_end
        if a == a_end or b == b_end:
            continue
        anchors, is_short = _anchors(old, new, (a, a_end, b, b_end)), (a_end - a) * (b_end - b) <= FEW_PAIRS
        if not anchors and not is_short:
            anchors = _by_turn(old, new, (a, a_end, b, b_end))
        if anchors:
            edges = [(a - 1, b - 1), *anchors, (a_end, b_end)]
            yield from anchors
            waiting += [(i + 1, j, k + 1, m) for (i, k), (j, m) in pairwise(edges)]
        elif is_short:
            blocks = SequenceMatcher(None, old[a:a_end], new[b:b_end], autojunk=False).get_matching_blocks()
            yield from ((a + at + i, b + where + i) for at, where, size in blocks for i in range(size))


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], within: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """The most pairs, in order, of what is there once in either stretch."""
    a, a_end, b, b_end = within
    in_old, in_new = Counter(old[a:a_end]), Counter(new[b:b_end])
    places = {one: place for place, one in enumerate(new[b:b_end], b) if in_new[one] == 1}
    once = ((at, one) for at, one in enumerate(old[a:a_end], a) if in_old[one] == 1)
    return _in_order([(at, places[one]) for at, one in once if one in places])


def _by_turn(
    old: Sequence[Hashable], new: Sequence[Hashable], within: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """The same where nothing is there once: the second of one is the second of the other."""
    a, a_end, b, b_end = within
    places, seen = {}, Counter[Hashable]()
    for place, one in enumerate(new[b:b_end], b):
        seen[one] += 1
        places[one, seen[one]] = place
    seen.clear()
    pairs = []
    for at, one in enumerate(old[a:a_end], a):
        seen[one] += 1
        if (one, seen[one]) in places:
            pairs.append((at, places[one, seen[one]]))
    return _in_order(pairs)


def _in_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs in which the second number grows too (patience sorting); they grow in the first."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, (_, b) in enumerate(pairs):
        pile = bisect_left(tops, b)
        before.append(piles[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(b)
            piles.append(index)
        else:
            tops[pile], piles[pile] = b, index
    found, index = [], piles[-1] if piles else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _folded(shown: list[Paragraph]) -> Iterator[Stretch]:
    """Paragraphs that are the same and near no change go out of view."""
    near = [False] * len(shown)
    for place, one in enumerate(shown):
        if one.kind != "same":
            for other in range(max(0, place - AROUND), min(len(shown), place + AROUND + 1)):
                near[other] = True
    begins = 0
    for place in range(1, len(shown) + 1):
        if place == len(shown) or near[place] != near[begins]:
            yield Stretch(tuple(shown[begins:place]), folded=not near[begins])
            begins = place
