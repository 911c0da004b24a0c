"""Reading texts: from passages as they are written to the keys that they are found by.

A passage that has not been read is `stale`; that is all that has to be remembered, so that work
which was cut short goes on where it was.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from django.db import connection, transaction

from core.models import Edition
from search import catalogue, swedish
from search.engines import engine, front_key
from search.models import Passage, Term, Word
from search.words import Analysed, Lexicon, learn, lexicon

AT_ONCE = 250
# The term that counts all passages; no word has this key.
ALL = Term.ALL

# How many times the part of a compound is written: one in the title says more than one in the text.
PART_TIMES = (3, 2, 1, 1)

# Keys of a passage that are matched; a longer text is found by what it begins with.
MOST_KEYS = 10_000


class Read(NamedTuple):
    """The keys of a passage's texts."""

    title: str
    lead: str
    text: str
    parts: str

    @property
    def distinct(self) -> set[str]:
        """Each key once, and those of title and lead as keys of their own besides."""
        foremost = {front_key(key) for column in self[:2] for key in column.split()}
        return foremost | {key for column in self for key in column.split()}

    @property
    def front(self) -> str:
        """Title and lead as keys of their own; no phrase spans the two."""
        title, lead = (" ".join(map(front_key, keys.split())) for keys in (self.title, self.lead))
        return f"{title} {front_key('')} {lead}".strip()


def read(columns: Sequence[list[str]], known: Mapping[str, Analysed]) -> Read:
    """The keys of a passage whose words, those of title, lead, text and aside, are all known."""
    parts = [
        key
        for column, times in zip(columns, PART_TIMES, strict=True)
        for key in dict.fromkeys(key for form in column for key in known[form].parts)
        for _ in range(times)
    ]
    title, lead, text, aside = (" ".join([known[form].key for form in each]) for each in columns)
    return Read(title, lead, text, " ".join([aside, *parts]).strip())


def _columns(passage: Passage) -> list[list[str]]:
    """The words of its texts. A title is found by its stop words too: "Hur går det?"."""
    return [
        swedish.forms(passage.title, every=True),
        _forms(passage.lead),
        _forms(passage.text),
        _forms(passage.aside),
    ]


def _forms(text: str) -> list[str]:
    return swedish.forms(text)[:MOST_KEYS]


def waiting() -> int:
    """How many passages have not been read."""
    return Passage.objects.filter(stale=True).count()


def begin_anew() -> None:
    """Let everything be fetched and read again; what is found meanwhile is found as before."""
    Word.objects.all().delete()
    Passage.objects.update(stale=True)
    Passage.objects.filter(file="").update(version=0)


def fetch_missing(at_once: int = AT_ONCE) -> Iterator[int]:
    """Put into the catalogue what is published and lacks its texts; yields how many so far."""
    count = 0
    for kind, source in catalogue.sources.items():
        numbers = iter(list(source.ids()))
        while batch := list(islice(numbers, at_once)):
            own = Passage.objects.filter(entry__kind=kind, entry__object_id__in=batch, file="")
            there = set(own.exclude(version=0).values_list("entry__object_id", flat=True))
            if missing := [number for number in batch if number not in there]:
                with transaction.atomic():
                    documents = list(source.documents(missing))
                    catalogue.put(documents)
                count += len(documents)
                yield count


def index(tell: Callable[[int], None] = lambda count: None, at_once: int = AT_ONCE) -> int:
    """Read what has not been read; returns how many passages. `tell` hears of each batch.

    Side effect: the edition is raised, for pages that were kept know nothing of what was read.
    """
    count = 0
    last = 0
    while batch := list(Passage.objects.filter(stale=True, pk__gt=last).order_by("pk")[:at_once]):
        last = batch[-1].pk
        _index(batch, lexicon())  # a curator may have changed it since the batch before
        count += len(batch)
        tell(len(batch))
    if count:
        engine().settle()
        with transaction.atomic():
            Edition.raise_number()
    return count


_WRITE = (
    "UPDATE search_passage SET title_keys = %s, lead_keys = %s, text_keys = %s, part_keys = %s,"
    " front_keys = %s, stale = %s WHERE id = %s"
)


def _index(passages: list[Passage], rules: Lexicon) -> None:
    """Read these passages. What was written over meanwhile stays stale and is read again."""
    columns = {passage.pk: _columns(passage) for passage in passages}
    known = learn({form for each in columns.values() for one in each for form in one}, rules)
    told: Counter[str] = Counter()
    rows = []
    with transaction.atomic():
        waiting = Passage.objects.filter(pk__in=columns, stale=True).order_by("pk")
        as_read = set(waiting.select_for_update().values_list("pk", "version"))
        for passage in passages:
            if (passage.pk, passage.version) not in as_read:
                continue
            found = read(columns[passage.pk], known)
            before = Read(
                passage.title_keys, passage.lead_keys, passage.text_keys, passage.part_keys
            )
            rows.append((*found, found.front, False, passage.pk))
            told[ALL] += not before.distinct
            told.update(found.distinct - before.distinct)
            told.subtract(before.distinct - found.distinct)
        with connection.cursor() as cursor:
            cursor.executemany(_WRITE, rows)
        _count(told)


def _count(told: Counter[str]) -> None:
    """Add to how many passages have each key, keys in one order so that nobody waits in a ring."""
    rows = iter(sorted((key, change) for key, change in told.items() if change))
    with connection.cursor() as cursor:
        while batch := list(islice(rows, 1_000)):
            places = ", ".join(["(%s, %s)"] * len(batch))
            cursor.execute(
                f"INSERT INTO search_term (key, passages) VALUES {places}"  # noqa: S608 - no values
                " ON CONFLICT (key) DO UPDATE"
                " SET passages = search_term.passages + excluded.passages",
                [value for row in batch for value in row],
            )


def recount() -> int:
    """Count anew in how many passages each key stands; returns how many keys there are.

    What is taken out of the catalogue is not counted down when it goes, for publishing must not
    wait; once a day is soon enough for what is only a weight. Words that stand nowhere any longer,
    such as a name in a story that its teller has taken back, are forgotten.
    """
    counted: Counter[str] = Counter()
    columns = ("title_keys", "lead_keys", "text_keys", "part_keys")
    for row in Passage.objects.values_list(*columns).iterator(1_000):
        counted.update(Read(*row).distinct)
        counted[ALL] += 1
    with transaction.atomic():
        Term.objects.all().delete()
        Term.objects.bulk_create(
            (Term(key=key, passages=count) for key, count in sorted(counted.items())),
            batch_size=500,
        )
    if not waiting():  # or words of texts that are being read would go
        known = Word.objects.values_list("form", "key").iterator()
        gone = [form for form, key in known if key not in counted]
        for start in range(0, len(gone), 500):
            Word.objects.filter(form__in=gone[start : start + 500]).delete()
    engine().tidy()
    return len(counted)
