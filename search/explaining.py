"""How a question is understood and why each thing is found, in words for curators."""

from dataclasses import dataclass, field

from core.models import Edition
from search import indexing, swedish
from search.engines import Question, engine
from search.finding import MOST_COUNTED, Finding, Search
from search.models import Audience, Passage
from search.ranking import Match
from search.understanding import Understood, Way
from search.words import Lexicon, remembered

# What anybody sees who has not logged in.
PUBLIC = frozenset({Audience.PUBLIC.value})
MOST_SHOWN = 20

WHYS = {
    "ord": "ordet självt",
    "fras": "orden intill varandra",
    "synonym": "synonym",
    "leder till": "leder till",
    "delar": "delarna var för sig",
    "ihop": "orden hopskrivna",
    "början": "ord som börjar så",
    "rättat": "rättat till",
}
PLACES = {
    "title_keys": "rubrik",
    "lead_keys": "inledning",
    "text_keys": "text",
    "part_keys": "sammansättning",
}


@dataclass(frozen=True)
class WayTold:
    """One way in which a part of the question can be found."""

    why: str
    text: str
    key: str
    passages: str  # how many hold it, of those that anybody sees


@dataclass(frozen=True)
class PartTold:
    """A word or an expression of the question."""

    text: str
    ways: list[WayTold]


@dataclass(frozen=True)
class MatchTold:
    """Why something was found: by what of the question, how, and where it weighed most."""

    text: str
    way: str
    place: str


@dataclass(frozen=True)
class HitTold:
    """Something that was found."""

    title: str
    address: str
    page: int
    score: float
    matches: list[MatchTold]
    whole: bool  # it answers every part of the question


@dataclass(frozen=True)
class WordTold:
    """What one word becomes."""

    form: str
    lemma: str
    key: str
    parts: str
    is_read: bool  # stands in some text; only then has it been divided


@dataclass
class Explanation:
    """A question, how it is understood, and what is found."""

    typed: str
    parts: list[PartTold] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    corrections: list[tuple[str, str]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    hits: list[HitTold] = field(default_factory=list)
    count: str = ""  # of what answers the whole question
    word: WordTold | None = None
    waiting: int = 0  # passages that have not been read


def explain(typed: str) -> Explanation:
    """How the question is understood, and the first hits as anybody sees them."""
    search = Search(typed, PUBLIC, Edition.current())
    found = search.find()
    return Explanation(
        typed,
        parts=_parts(found.question),
        left_out=found.question.left_out,
        corrections=[(each.typed, each.used) for each in found.corrections],
        missed=found.missed,
        hits=_hits(found),
        count=_at_most(len(found.hits), found.more),
        word=_word(typed, search.rules),
        waiting=indexing.waiting(),
    )


def _at_most(count: int, more: bool) -> str:
    return f"över {count}" if more else str(count)


def _parts(question: Understood) -> list[PartTold]:
    return [
        PartTold(meaning.text, [_way(way) for way in meaning.ways]) for meaning in question.meanings
    ]


def _way(way: Way) -> WayTold:
    found = len(engine().matching(Question([[way]], PUBLIC), MOST_COUNTED + 1))
    told = _at_most(min(found, MOST_COUNTED), found > MOST_COUNTED)
    return WayTold(_why(way), way.text, (" " if way.phrase else " + ").join(way.keys), told)


def _why(way: Way) -> str:
    return WHYS.get(way.why, way.why)


def _hits(found: Finding) -> list[HitTold]:
    """The first hits, those with all the words before those with some of them."""
    shown = [*found.hits, *found.partial][:MOST_SHOWN]
    passages = (
        Passage.objects.select_related("entry")
        .only("address", "entry__title", "entry__address")
        .in_bulk([hit.passage for hit in shown])
    )
    return [
        HitTold(
            passages[hit.passage].entry.title,
            passages[hit.passage].address or passages[hit.passage].entry.address,
            hit.page,
            hit.score,
            [_match(match) for match in hit.matches],
            whole=place < len(found.hits),
        )
        for place, hit in enumerate(shown)
        if hit.passage in passages  # not taken away a moment ago
    ]


def _match(match: Match) -> MatchTold:
    told = _why(match.way)
    if match.way.text != match.meaning.text:
        told = f"{told}: {match.way.text}"
    return MatchTold(match.meaning.text, told, PLACES[match.column])


def _word(typed: str, rules: Lexicon) -> WordTold | None:
    """What the word becomes, when the question is one word."""
    forms = swedish.forms(typed)
    if len(forms) != 1:
        return None
    form = forms[0]
    known = remembered(forms).get(form)
    return WordTold(
        form,
        swedish.lemma(form),
        known.key if known else rules.key(form),
        " + ".join(known.parts) if known else "",
        is_read=known is not None,
    )
