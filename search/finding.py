"""Asking: from what a visitor types to what she may see of it, best first.

What a question costs is bounded: at most MOST_HITS passages are fetched as numbers, MOST_RANKED
of them are read and ranked, facets are counted among what was fetched. The commonest word is then
as quick as the rarest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

from search.catalogue import facet_key
from search.engines import COLUMNS, Group, Question, engine
from search.ranking import Match, Ranker, keyed, score
from search.understanding import Meaning, Understood, apart, corrected, counted, understand
from search.words import Lexicon, lexicon

MOST_HITS = 1_500
MOST_RANKED = 100
# For files, which hold all there is.
EVERYTHING = 10_000_000
# "över 1 000 träffar": more are not counted.
MOST_COUNTED = 1_000
# When fewer entries than this have all the words, those with some of them follow.
ENOUGH = 10
# How much of what was asked for they must answer, by rarity.
SHARE = 0.3

Chosen = Mapping[str, Iterable[str]]


class Hit(NamedTuple):
    """An entry that was found, by its best passage."""

    entry: int
    passage: int
    page: int
    score: float
    matches: tuple[Match, ...] = ()

    @property
    def in_title(self) -> bool:
        """Whether its title answers any of the question."""
        return any(match.column == COLUMNS[0] for match in self.matches)


@dataclass(frozen=True)
class Correction:
    """A word that found nothing, and what was looked for instead."""

    typed: str
    used: str


@dataclass
class Finding:
    """What came of a question."""

    question: Understood
    hits: list[Hit] = field(default_factory=list)  # with all the words; the best first
    partial: list[Hit] = field(default_factory=list)  # with some of the words
    more: bool = False  # there are more than were fetched
    corrections: list[Correction] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # words that found nothing

    @cached_property
    def entries(self) -> list[int]:
        """The entries with all the words, best first."""
        return [hit.entry for hit in self.hits]


@dataclass
class Search:
    """One visitor's question, and what it is asked among."""

    typed: str
    audiences: frozenset[str]
    edition: int
    chosen: Chosen = field(default_factory=dict)
    literally: bool = False
    typing: bool = False

    @cached_property
    def rules(self) -> Lexicon:
        """What curators have said of words."""
        return lexicon(self.edition)

    @cached_property
    def understood(self) -> Understood:
        """The question as it is typed."""
        return understand(self.typed, self.rules, literally=self.literally, typing=self.typing)

    def find(self) -> Finding:
        """What the visitor may see of what she asks for."""
        found = Finding(self.understood)
        if not found.question.meanings:
            return found
        passages = self._all(found.question)
        if not passages:
            self._mend(found)
            passages = self._all(found.question)
        found.hits = self._ranked(found.question, passages)
        if self.typing:
            # Titles are all that is seen of a suggestion: those that hold the words come first.
            found.hits.sort(key=lambda hit: not hit.in_title)
        found.more = len(passages) >= self._most or len(found.hits) > MOST_COUNTED
        del found.hits[MOST_COUNTED:]
        if len(found.hits) < ENOUGH:
            found.partial = self._partly(found)
        return found

    def entries_without(self, found: Finding, facet: str) -> list[int]:
        """The entries that would be found if nothing were chosen of this facet."""
        if facet not in self.chosen:
            return found.entries
        chosen = {name: values for name, values in self.chosen.items() if name != facet}
        return self.entries_among(found, chosen)

    def entries_among(self, found: Finding, chosen: Chosen) -> list[int]:
        """The entries with all the words among those that have other facet values."""
        passages = replace(self, chosen=chosen)._all(found.question)
        return list(dict.fromkeys(entry for _, entry in passages))[:MOST_COUNTED]

    def everything(self, found: Finding) -> set[int]:
        """All entries with all the words, however many: for files, not for pages."""
        return {entry for _, entry in self._all(found.question, EVERYTHING)}

    @property
    def _most(self) -> int:
        """How many passages are fetched; somebody who is typing sees the first few alone."""
        return MOST_RANKED + 1 if self.typing else MOST_HITS

    def _question(
        self,
        question: Understood,
        how: Literal["all", "any"] = "all",
        *,
        foremost: bool = False,
    ) -> Question:
        narrowed = [
            [facet_key(facet, value) for value in values] for facet, values in self.chosen.items()
        ]
        groups: list[Group] = [meaning.ways for meaning in question.meanings]
        expected = question.expected(any_part=how == "any", foremost=foremost)
        return Question(groups, self.audiences, narrowed, how, foremost, expected)

    def _all(self, question: Understood, most: int | None = None) -> list[tuple[int, int]]:
        if not question.meanings or not all(map(question.known, question.meanings)):
            return []
        return engine().matching(self._question(question), most or self._most)

    def _finds(self, question: Understood, meaning: Meaning) -> bool:
        """Whether the visitor may see anything that this part of the question finds."""
        alone = Understood(question.typed, (meaning,), question.counts)
        if not alone.known(meaning):
            return False
        asked = Question([meaning.ways], self.audiences, expected=alone.expected())
        return bool(engine().matching(asked, 1))

    def _mend(self, found: Finding) -> None:
        """Put what may have been meant in the place of words that find nothing."""
        for meaning in found.question.meanings:
            if self._finds(found.question, meaning):
                continue
            found.missed.append(meaning.text)
            for other in [] if self.literally else corrected(meaning, self.rules):
                counts = counted(key for way in other.ways for key in way.keys)
                mended = found.question.instead(meaning, other, counts)
                if self._finds(mended, other):
                    found.question = mended
                    used = other.ways[0]
                    if used.why == "rättat":
                        found.corrections.append(Correction(meaning.text, used.text))
                    found.missed.pop()
                    break

    def _partly(self, found: Finding) -> list[Hit]:
        """Entries that answer a good deal of the question, besides those that answer it all."""
        question = apart(found.question, self.rules, literally=self.literally)
        known = [meaning for meaning in question.meanings if question.known(meaning)]
        if not known or len(known) == 1 == len(found.question.meanings):
            return []
        question = replace(question, meanings=tuple(known))
        passages = engine().matching(self._question(question, how="any"), MOST_HITS)
        there = set(found.entries)
        others = [pair for pair in passages if pair[1] not in there]
        hits = self._ranked(question, others)
        best = max((hit.score for hit in [*found.hits[:1], *hits[:1]]), default=0.0)
        return [hit for hit in hits if hit.score >= best * SHARE][:ENOUGH]

    def _ranked(self, question: Understood, passages: Sequence[tuple[int, int]]) -> list[Hit]:
        """Each entry once, by its best passage; those beyond what is ranked follow as they came."""
        ranked = self._to_rank(question, passages)
        best: dict[int, Hit] = {}
        ranker = Ranker(question)
        for passage in keyed(ranked):
            found = ranker.matches(passage)
            hit = Hit(passage.entry, passage.pk, passage.page, score(passage, found), tuple(found))
            if (other := best.get(hit.entry)) is None or _order(hit) < _order(other):
                best[hit.entry] = hit
        hits = sorted(best.values(), key=_order)
        rest: dict[int, int] = {}
        for pk, entry in passages:
            if entry not in best:
                rest.setdefault(entry, pk)
        return hits + [Hit(entry, pk, 0, 0.0) for entry, pk in rest.items()]

    def _to_rank(self, question: Understood, passages: Sequence[tuple[int, int]]) -> list[int]:
        """Which passages to read: all, or those with the words foremost, then the newest."""
        if len(passages) <= MOST_RANKED:
            return [pk for pk, _ in passages]
        foremost = engine().matching(self._question(question, foremost=True), MOST_RANKED)
        chosen = dict.fromkeys(pk for pk, _ in foremost)
        chosen |= dict.fromkeys(pk for pk, _ in sorted(passages, reverse=True))
        return list(chosen)[:MOST_RANKED]


def _order(hit: Hit) -> tuple[float, int, int, int]:
    """Best first; among equals what was put in last, and its own text before its pages."""
    return (-round(hit.score, 6), -hit.entry, hit.page, hit.passage)
