"""What is like something: a question made of its own strongest words, and of its facets.

No model of language: words weigh by how often the text says them and how rare they are elsewhere,
their synonyms count as in any question, and what shares themes, target groups or methods is closer.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

from search import swedish
from search.catalogue import KIND, facet_key
from search.engines import Alternative, Group, Question, engine
from search.models import Passage, Term
from search.ranking import USUAL_LENGTH, Keyed, Ranker, keyed, rarity
from search.understanding import Meaning, Understood, counted, meaning_of_key, meanings_of
from search.words import lexicon

# Words of a text that are looked for, and passages that are compared.
MOST_WORDS = 24
FEW_WORDS = 5
MOST_COMPARED = 300
# A word that more than this share of all passages have tells nothing apart.
COMMON = 0.5
# Shorter texts than this, in keys, weigh no more.
SHORTEST = 60
# What a shared facet value weighs beside a shared word that is as rare.
FACET_WORTH = 0.3
# A long text says a little of everything: what it says weighs by its length to this power less.
LONG = 0.4


Said = list[tuple[Meaning, int]]  # what a text speaks of, and how many times


@dataclass(frozen=True)
class Likeness:
    """How much of what a text says an entry says as well."""

    entry: int
    score: float
    share: float  # of the text's words, each by its rarity: 0 to 1; less in a long entry
    words: int  # how many of them


def _strongest(said: Said) -> Understood:
    """The question that a text would ask which says this."""
    everything = Understood("", tuple(meaning for meaning, _ in said))
    counts = counted(everything.keys)
    most = counts.get(Term.ALL, 0) * COMMON
    weighed: list[tuple[float, str, Meaning]] = []
    for meaning, times in said:
        known = tuple(way for way in meaning.ways if all(counts.get(key) for key in way.keys))
        if known and min(counts[key] for key in known[0].keys) <= most:
            best = max(way.worth * rarity(counts, way) for way in known)
            weighed.append((best * sqrt(times), meaning.text, replace(meaning, ways=known)))
    weighed.sort(key=lambda each: (-each[0], each[1]))
    return Understood("", tuple(meaning for *_, meaning in weighed[:MOST_WORDS]), counts)


def alike(
    text: str, audiences: Iterable[str], edition: int, *, kind: str | None = None
) -> list[int]:
    """Entries like a text, the most alike first; with `kind`, of that kind alone."""
    found = likenesses(text, audiences, edition, kind=kind)
    return [each.entry for each in found]


def likenesses(
    text: str, audiences: Iterable[str], edition: int, *, kind: str | None = None
) -> list[Likeness]:
    """The same, with how alike they are: for those who need to know whether it is enough."""
    return _alike(meanings_of(text, lexicon(edition)), audiences, kind)


def like_entry(
    pk: int, audiences: Iterable[str], edition: int, facets: Collection[str]
) -> list[int]:
    """Entries of the same kind like this one (by primary key), the most alike first.

    What they share of these facets counts as well. An entry that is not read is like nothing.
    """
    own = Passage.objects.filter(entry=pk, file="", stale=False).select_related("entry").first()
    if own is None:
        return []
    title = zip(swedish.forms(own.title, every=True), own.title_keys.split(), strict=False)
    named = [key for form, key in title if swedish.says_something(form)]
    said = Counter([*named, *own.lead_keys.split(), *own.text_keys.split()])
    rules = lexicon(edition)
    wanted = [key for key in own.facet_keys.split() if key.partition("=")[0] in facets]
    found = _alike(
        [(meaning_of_key(key, rules), times) for key, times in said.items()],
        audiences,
        own.entry.kind,
        wanted,
    )
    return [each.entry for each in found if each.entry != pk]


def _alike(
    said: Said, audiences: Iterable[str], kind: str | None, wanted: Sequence[str] = ()
) -> list[Likeness]:
    """Entries that say the same and have some of the wanted facet keys, the most alike first."""
    question = _strongest(said)
    counts = question.counts | counted(wanted)
    groups: list[Group] = [meaning.ways for meaning in question.meanings]
    if wanted:
        groups.append([Alternative((key,)) for key in wanted])
    if not groups:
        return []
    narrowed = [[facet_key(KIND, kind)]] if kind else []
    passages: dict[int, int] = {}
    for strongest in (FEW_WORDS, MOST_WORDS):
        # The strongest alone first: many words together find what is newest, not what is like it.
        asked = Question(groups[:strongest], tuple(audiences), narrowed, how="any")
        passages |= dict(engine().matching(asked, MOST_COMPARED - len(passages)))
        if len(passages) >= MOST_COMPARED:
            break
    own = _facets(passages) if wanted else {}
    best: dict[int, Likeness] = {}
    whole = _weight(said, counts)
    ranker = Ranker(question)
    for passage in keyed(list(passages)):
        said_too = ranker.matches(passage)
        score = sum(match.score for match in said_too) * _brief(passage)
        facets = own.get(passage.pk, frozenset()) & set(wanted)
        everything = counts.get(Term.ALL, 1)
        score += FACET_WORTH * sum(log(everything / max(counts.get(key, 1), 1)) for key in facets)
        if passage.entry not in best or score > best[passage.entry].score:
            shared = sum(rarity(counts, match.meaning.ways[0]) for match in said_too)
            share = min(_brief(passage), 1.0) * shared / whole if whole else 0.0
            best[passage.entry] = Likeness(passage.entry, score, share, len(said_too))
    return sorted(best.values(), key=lambda each: (-each.score, -each.entry))


def _weight(said: Said, counts: dict[str, int]) -> float:
    """What the strongest words of a text weigh together, those that nothing else says included."""
    weights = sorted((rarity(counts, meaning.ways[0]) for meaning, _ in said), reverse=True)
    return sum(weights[:MOST_WORDS])


def _brief(passage: Keyed) -> float:
    """How much what a text says weighs: the less, the longer it is."""
    length = sum(column.count(" ") for column in passage.columns[:3])
    return (USUAL_LENGTH / max(length, SHORTEST)) ** LONG


def _facets(passages: Iterable[int]) -> dict[int, frozenset[str]]:
    rows = Passage.objects.filter(pk__in=list(passages)).values_list("pk", "facet_keys")
    return {pk: frozenset(keys.split()) for pk, keys in rows}
