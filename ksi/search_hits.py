"""What is shown of what was found: titles, summaries and excerpts with the words marked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search import catalogue, swedish
from search.cards import Card, Text, cards, texts
from search.excerpts import SHORTEST_PART, Piece, excerpt, marked
from search.finding import Hit
from search.ranking import Match
from search.understanding import Meaning, Understood, Way


@dataclass(frozen=True)
class Shown:
    """One hit as a visitor reads it."""

    entry: Card
    title: SafeString
    summary: SafeString
    terms: list[SafeString]  # names of themes, methods and the like that answer the words
    excerpt: SafeString
    page: Text | None  # the page of a file that the words were found on

    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        return kind_of(self.entry)


def kind_of(entry: Card) -> str:
    """What kind of thing an entry is, as exactly as it says itself."""
    return entry.card.get("kind") or catalogue.sources[entry.kind].label


def shown(hits: Sequence[Hit], question: Understood, audiences: frozenset[str]) -> list[Shown]:
    """The hits as they are shown, in their order; three queries at most."""
    entries = {entry.pk: entry for entry in cards([hit.entry for hit in hits], audiences)}
    found = texts([hit.passage for hit in hits], entries)
    own = {text.entry: text for text in found.values() if not text.file}
    return [
        _shown(entries[hit.entry], hit, own.get(hit.entry), found.get(hit.passage), question)
        for hit in hits
        if hit.entry in entries
    ]


def _shown(
    entry: Card, hit: Hit, own: Text | None, best: Text | None, question: Understood
) -> Shown:
    """One hit: its own text says title and summary, its best passage the excerpt."""
    own, text = _read(own), _read(best)
    sought = list(_sought(hit, question))
    keys = {key for ways in sought for way in ways for key in way.keys}
    summary, rest = _parted(own.lead_keys, entry.summary, keys)
    said = {*own.title_keys.split(), *summary}
    page = best if best and best.file else None
    # What title and summary do not say is looked for in the text; a page of a file says it all.
    unsaid = {
        key
        for ways in sought
        if page or not any(_says(said, way) for way in ways)
        for way in ways
        for key in way.keys
    }
    names = own.lead.removeprefix(swedish.composed(entry.summary))
    return Shown(
        entry,
        title=_html(marked(entry.title, own.title_keys, keys, every=True)),
        summary=_html(marked(entry.summary, " ".join(summary), keys)),
        terms=[] if page else [_html(term) for term in _terms(names, rest, unsaid)],
        excerpt=_html(excerpt(text.text, text.text_keys, unsaid)),
        page=page,
    )


def _html(pieces: Iterable[Piece]) -> SafeString:
    """A text with its words marked."""
    made = [f"<mark>{escape(text)}</mark>" if is_hit else escape(text) for text, is_hit in pieces]
    return mark_safe("".join(made))  # noqa: S308 - all of it escaped


def _parted(lead_keys: str, summary: str, keys: set[str]) -> tuple[list[str], list[str]]:
    """The keys of a summary, and those of the names that follow it in the lead.

    Nothing when none of these keys is there: most leads need not be gone through.
    """
    if not any(key in lead_keys for key in keys):
        return [], []
    all_of_them = lead_keys.split()
    count = len(swedish.forms(summary))
    return all_of_them[:count], all_of_them[count:]


def _terms(names: str, rest: list[str], keys: set[str]) -> Iterator[list[Piece]]:
    """The names that stand in the lead after the summary, as far as they answer."""
    if not any(key in other for other in rest for key in keys):
        return
    for line in names.splitlines():
        count = len(swedish.forms(line))
        pieces = marked(line, " ".join(rest[:count]), keys)
        rest = rest[count:]
        if any(piece.marked for piece in pieces):
            yield pieces


def _read(text: Text | None) -> Text:
    """The passage if its keys are those of its texts, word by word; an empty one otherwise."""
    return text if text and not text.stale else Text()


def _says(said: set[str], way: Way) -> bool:
    """Whether these keys hold all of the way's, as words or, as `excerpts` marks, within words."""
    return all(
        key in said or (len(key) >= SHORTEST_PART and any(key in other for other in said))
        for key in way.keys
    )


def _sought(hit: Hit, question: Understood) -> Iterator[list[Way]]:
    """What is worth marking of each part of the question.

    Words and their synonyms; each word of an expression, and the parts of a compound, only where
    the thing was found by them. "Verksamhet" is no hit on "daglig verksamhet".
    """
    matches: dict[Meaning, Match | None] = {match.meaning: match for match in hit.matches}
    for meaning, match in (matches or dict.fromkeys(question.meanings)).items():
        ways = [way for way in meaning.ways if len(way.keys) == 1 and way.why != "delar"]
        if match and match.way not in ways:
            ways.append(match.way)
        yield ways or list(meaning.ways)
