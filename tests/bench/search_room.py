"""`make bench ROOM=search`, besides the speed of its pages: how good the answers are, and how
quickly texts are read.

svar        the judged searches of tests/search asked of the portal and of the database alone, on
            the content of ksi/seed; what the portal finds must be the same on both databases
inläsning   passages a second of `manage.py reindex`, and its peak memory, when the generated
            database was made
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tests.bench.databases import VAR, Database, facts_of
from tests.bench.goals import DIFFERENCES, NDCG, Row
from tests.search import quality

ROOM = "search"
# How much worse the searches may be answered that nothing was tuned with.
MOST_WORSE = 0.05


def answers(engines: Sequence[str], say: Callable[[str], Any]) -> Iterator[Row]:
    """The four figures on each database, and how many searches are answered differently."""
    found = {}
    for engine in engines:
        say(f"Svaren på de bedömda sökningarna, {engine} …")
        outcome = on(Database(engine, 0))
        found[engine] = outcome["found"]
        yield from rows(engine, outcome["figures"])
    for engine in engines[1:]:
        differing = quality.differences(found[engines[0]], found[engine])
        for text in differing:
            say(f"Olika svar i {engines[0]} och {engine}: {text}")
        yield Row(
            *(ROOM, quality.TUNED, "+".join([engines[0], engine])),
            *(len(found[engine]), "portal", DIFFERENCES, len(differing)),
        )


def on(database: Database) -> dict[str, Any]:
    """What `tests.search.quality` measures on a new database with the content of ksi/seed."""
    VAR.mkdir(parents=True, exist_ok=True)
    database.drop()
    database.create()
    try:
        quality.prepare(database.environment)
        return quality.asked_of(database.environment)
    finally:
        database.drop()


def rows(engine: str, measured: dict[str, dict[str, dict[str, float]]]) -> Iterator[Row]:
    """The figures as rows; those of the untouched searches are held to those of the others."""
    for file, by in measured.items():
        count = len(quality.judged(file))
        for who, values in by.items():
            for measure, value in values.items():
                row = Row(ROOM, file, engine, count, who, measure, round(value, 4))
                if (file, who, measure) == (quality.UNTOUCHED, "portal", NDCG):
                    row.goal = round(measured[quality.TUNED][who][NDCG] - MOST_WORSE, 3)
                    row.ok = value >= row.goal
                yield row


def reading(databases: Iterable[Database]) -> Iterator[Row]:
    """How quickly the texts of the generated databases were read."""
    for database in databases:
        for measure, value in facts_of(database).get("reading", {}).items():
            yield Row(ROOM, "reading", database.engine, database.rows, "", measure, value)
