"""What is shown of what was found: titles, summaries and excerpts with the words marked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search import catalogue, swedish
from search.excerpts import SHORTEST_PART, Piece, excerpt, marked
from search.facets import entries_by_key
from search.finding import Hit
from search.models import Entry, Passage
from search.ranking import Match
from search.understanding import Meaning, Understood, Way


@dataclass(frozen=True)
class Shown:
    """One hit as a visitor reads it."""

    entry: Entry
    title: SafeString
    summary: SafeString
    terms: list[SafeString]  # names of themes, methods and the like that answer the words
    excerpt: SafeString
    page: Passage | None  # the page of a file that the words were found on

    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        return kind_of(self.entry)


def kind_of(entry: Entry) -> str:
    """What kind of thing an entry is, as exactly as it says itself."""
    return entry.card.get("kind") or catalogue.sources[entry.kind].label


def visible_entries(pks: Iterable[int], audiences: frozenset[str]) -> list[Entry]:
    """The entries in this order; those that were hidden just now are left out."""
    return [entry for entry in entries_by_key(pks) if entry.audience in audiences]


def shown(hits: Sequence[Hit], question: Understood, audiences: frozenset[str]) -> list[Shown]:
    """The hits as they are shown, in their order; two queries."""
    entries = {entry.pk: entry for entry in visible_entries([h.entry for h in hits], audiences)}
    passages = Passage.objects.filter(
        Q(pk__in=[hit.passage for hit in hits]) | Q(entry__in=entries, file="")
    )
    unshown = ("aside", "part_keys", "facet_keys", "front_keys")
    by_pk = {passage.pk: passage for passage in passages.defer(*unshown)}
    own = {passage.entry_id: passage for passage in by_pk.values() if not passage.file}
    return [
        _shown(entries[hit.entry], hit, own.get(hit.entry), by_pk.get(hit.passage), question)
        for hit in hits
        if hit.entry in entries
    ]


def _shown(
    entry: Entry, hit: Hit, own: Passage | None, best: Passage | None, question: Understood
) -> Shown:
    """One hit: its own text says title and summary, its best passage the excerpt."""
    own, text = _read(own), _read(best)
    sought = list(_sought(hit, question))
    keys = {key for ways in sought for way in ways for key in way.keys}
    in_summary = own.lead_keys.split()[: len(swedish.forms(entry.summary))]
    said = {*own.title_keys.split(), *in_summary}
    page = best if best and best.file else None
    # What title and summary do not say is looked for in the text; a page of a file says it all.
    unsaid = {
        key
        for ways in sought
        if page or not any(_says(said, way) for way in ways)
        for way in ways
        for key in way.keys
    }
    return Shown(
        entry,
        title=_html(marked(entry.title, own.title_keys, keys, every=True)),
        summary=_html(marked(entry.summary, own.lead_keys, keys)),
        terms=[] if page else [_html(term) for term in _terms(own, entry.summary, unsaid)],
        excerpt=_html(excerpt(text.text, text.text_keys, unsaid)),
        page=page,
    )


def _html(pieces: Iterable[Piece]) -> SafeString:
    """A text with its words marked."""
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", text) if is_hit else text,) for text, is_hit in pieces),
    )


def _terms(own: Passage, summary: str, keys: set[str]) -> Iterator[list[Piece]]:
    """The names that stand in the lead after the summary, as far as they answer."""
    if not any(key in own.lead_keys for key in keys):
        return
    rest = own.lead_keys.split()[len(swedish.forms(summary)) :]
    for line in own.lead.removeprefix(swedish.composed(summary)).splitlines():
        count = len(swedish.forms(line))
        pieces = marked(line, " ".join(rest[:count]), keys)
        rest = rest[count:]
        if any(piece.marked for piece in pieces):
            yield pieces


def _read(passage: Passage | None) -> Passage:
    """The passage if its keys are those of its texts, word by word; an empty one otherwise."""
    return passage if passage and not passage.stale else Passage()


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
