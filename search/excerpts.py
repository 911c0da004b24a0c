"""What is shown of a text that was found: a passage around the words, with the words marked."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from search.swedish import composed, words

LENGTH = 240  # letters
# Parts of compounds shorter than this would mark half the text.
SHORTEST_PART = 4


class Piece(NamedTuple):
    """A stretch of text, marked where it is what was looked for."""

    text: str
    marked: bool = False


def _hits(
    text: str, keys: str, wanted: set[str], *, every: bool = False
) -> list[tuple[int, int, str]]:
    """Where the words stand that have one of the wanted keys; `keys` is the text's own."""
    places = sorted(set(_places(keys, wanted)))
    if not places:
        return []  # most texts: their words need not be gone through
    of_words = keys.split()
    found = list(islice(words(text, every=every), places[-1] + 1))
    return [(*found[place].span(), of_words[place]) for place in places if place < len(found)]


def _places(keys: str, wanted: set[str]) -> Iterator[int]:
    """Which of the keys, counted from the first, are wanted or hold a wanted part."""
    spaced = f" {keys} "
    for key in wanted:
        sought = key if len(key) >= SHORTEST_PART else f" {key} "
        at = spaced.find(sought)
        while at >= 0:
            yield spaced.count(" ", 0, at + 1) - 1
            at = spaced.find(sought, at + 1)


def _pieces(text: str, hits: list[tuple[int, int, str]], start: int, end: int) -> list[Piece]:
    made, at = [], start
    for first, last, _ in hits:
        if first >= at and last <= end:
            made += [Piece(text[at:first]), Piece(text[first:last], marked=True)]
            at = last
    made.append(Piece(text[at:end]))
    return [piece for piece in made if piece.text]


def marked(text: str, keys: str, wanted: set[str], *, every: bool = False) -> list[Piece]:
    """The whole text, with the words marked. `keys` may go on beyond the text.

    In a title `every` word has its key, stop words too.
    """
    text = composed(text)
    return _pieces(text, _hits(text, keys, wanted, every=every), 0, len(text))


def excerpt(text: str, keys: str, wanted: set[str], length: int = LENGTH) -> list[Piece]:
    """The stretch of about `length` letters that holds most of the words; nothing without any."""
    text = composed(text)
    hits = _hits(text, keys, wanted)
    if not hits:
        return []
    best, most = hits[0][0], 0
    different = len({key for _, _, key in hits})
    for place, (first, _, _) in enumerate(hits):
        if most == different:
            break
        within = {key for at, last, key in hits[place : place + 20] if last <= first + length}
        if len(within) > most:
            best, most = first, len(within)
    start = _word_start(text, max(0, best - length // 4))
    end = _word_end(text, min(len(text), start + length))
    made = _pieces(text, hits, start, end)
    if start:
        made.insert(0, Piece("… "))
    if end < len(text):
        made.append(Piece(" …"))
    return [Piece(piece.text.replace("\n", " "), piece.marked) for piece in made]


def _word_start(text: str, at: int) -> int:
    """The start of the first whole word from here on, or the text's own."""
    if at == 0:
        return 0
    blank = text.find(" ", at)
    return blank + 1 if 0 <= blank < at + 40 else at


def _word_end(text: str, at: int) -> int:
    """The end of the last whole word before here, or the text's own."""
    if at == len(text):
        return at
    blank = text.rfind(" ", 0, at)
    return blank if blank > at - 40 else at
