"""How good the answers are: the judged searches of this folder, asked and counted.

    python -m tests.search.quality              the four figures, and those of the database alone
    python -m tests.search.quality --verbose    each search of relevance.toml with what it found

`relevance.toml` is what the engine is tuned with. `untouched.toml` tells whether that was learnt
or learnt by heart: of it nothing but the four figures is ever shown.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from pathlib import Path
from statistics import fmean
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TUNED, UNTOUCHED = "relevance", "untouched"

# How many of the first hits count.
FIRST, FOREMOST = 10, 5
# From this grade on a hit is what somebody hoped for; from 1 on it is no waste of time.
USEFUL = 2

Grades = Mapping[str, int]  # "projekt/3" → 1 to 3
Ask = Callable[[str], Sequence[str]]  # what was typed → what is found, best first


@dataclass(frozen=True)
class Judged:
    """A search and what it should find."""

    text: str
    kind: str
    relevant: Grades


def judged(name: str) -> list[Judged]:
    """The searches of a file."""
    rows = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))["query"]
    return [Judged(**row) for row in rows]


# --- The figures ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """Means over the searches of a file, 0 to 1."""

    recall: float
    precision: float
    ndcg: float
    mrr: float


def recall(ranked: Sequence[str], relevant: Grades) -> float:
    """How much of what is useful stands among the first ten hits."""
    useful = {found for found, grade in relevant.items() if grade >= USEFUL}
    return len(useful.intersection(ranked[:FIRST])) / len(useful)


def precision(ranked: Sequence[str], relevant: Grades) -> float:
    """How many of the first five hits are relevant, of as many as there could be."""
    return sum(found in relevant for found in ranked[:FOREMOST]) / min(FOREMOST, len(relevant))


def ndcg(ranked: Sequence[str], relevant: Grades) -> float:
    """Normalised discounted cumulated gain of the first ten: what is best should stand first.

    Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20:4
    (2002); the gain 2^grade − 1 after Burges et al., "Learning to rank using gradient descent",
    ICML 2005. 1 is the best order there is of what was judged.
    """

    def cumulated(grades: Iterable[int]) -> float:
        return sum((2**grade - 1) / log2(place + 1) for place, grade in enumerate(grades, 1))

    ideal = sorted(relevant.values(), reverse=True)[:FIRST]
    return cumulated(relevant.get(found, 0) for found in ranked[:FIRST]) / cumulated(ideal)


def reciprocal_rank(ranked: Sequence[str], relevant: Grades) -> float:
    """1 / the place of the first useful hit; 0 when there is none.

    Its mean is the MRR of Voorhees, "The TREC-8 Question Answering Track Report" (1999).
    """
    places = (place for place, found in enumerate(ranked, 1) if relevant.get(found, 0) >= USEFUL)
    return 1 / next(places, float("inf"))


def figures(searches: Iterable[Judged], ask: Ask) -> Figures:
    """Ask them all; the means."""
    answers = [(list(ask(search.text)), search.relevant) for search in searches]
    return Figures(
        *(
            fmean(measure(ranked, relevant) for ranked, relevant in answers)
            for measure in (recall, precision, ndcg, reciprocal_rank)
        )
    )


# --- Who is asked ---------------------------------------------------------------------------------


def names() -> dict[int, str]:
    """Entry → "projekt/3", "metod/<slug>", "bibliotek/<loaded_as>" and so on."""
    from django.db.models import F

    from inventory.search import KIND
    from library.gap_search import KIND as GAP
    from library.models import Gap, Item
    from library.search import KIND as ITEM
    from search.models import Entry, EntryFacet

    # What a word of a vocabulary is called stands in the facet of its own name.
    own = EntryFacet.objects.filter(facet=F("entry__kind"))
    slugs = dict(own.values_list("entry", "value"))
    loaded = {
        ITEM: dict(Item.objects.values_list("pk", "loaded_as")),
        GAP: dict(Gap.objects.values_list("pk", "loaded_as")),
    }

    def name(pk: int, kind: str, number: int) -> str:
        if kind == KIND:
            return str(number)
        return loaded[kind].get(number, "") if kind in loaded else slugs.get(pk, "")

    rows = Entry.objects.values_list("pk", "kind", "object_id")
    return {pk: f"{kind}/{name(pk, kind, number)}" for pk, kind, number in rows}


def portal() -> Ask:
    """The portal, as somebody who is not signed in meets it."""
    from core.models import Edition
    from search.finding import Search
    from search.models import Audience

    named, edition = names(), Edition.current()

    def ask(text: str) -> list[str]:
        found = Search(text, frozenset([Audience.PUBLIC]), edition).find()
        return [named[hit.entry] for hit in [*found.hits, *found.partial]]

    return ask


def texts() -> dict[str, str]:
    """Everything that the portal's entries say themselves, by their names."""
    from search.models import Passage

    named = names()
    rows = Passage.objects.filter(file="").order_by("pk")
    columns = rows.values_list("entry", "title", "lead", "text", "aside")
    return {named[entry]: "\n".join(said) for entry, *said in columns}


def fts5(content: Mapping[str, str]) -> Ask:
    """SQLite alone: FTS5 as it comes, all words of the question, ranked by bm25."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE told USING fts5(name UNINDEXED, said)")
    database.executemany("INSERT INTO told VALUES (?, ?)", content.items())

    def ask(text: str) -> list[str]:
        words = " AND ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        sql = "SELECT name FROM told WHERE told MATCH ? ORDER BY bm25(told)"
        return [name for (name,) in database.execute(sql, [words])] if words else []

    return ask


def postgresql(content: Mapping[str, str]) -> Ask:
    """PostgreSQL alone: its Swedish dictionary, all words of the question, ranked by ts_rank_cd."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE told (name text, said tsvector)")
        cursor.executemany(
            "INSERT INTO told VALUES (%s, to_tsvector('swedish', %s))", list(content.items())
        )

    def ask(text: str) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM told, plainto_tsquery('swedish', %s) AS asked"
                " WHERE said @@ asked ORDER BY ts_rank_cd(said, asked) DESC, name",
                [text],
            )
            return [name for (name,) in cursor.fetchall()]

    return ask


def everybody() -> dict[str, Ask]:
    """The portal, and what the database in use does alone."""
    from django.db import connection

    alone = fts5 if connection.vendor == "sqlite" else postgresql
    return {"portal": portal(), alone.__name__: alone(texts())}


# --- What came of it ------------------------------------------------------------------------------


def measured() -> dict[str, Any]:
    """File → who was asked → the four figures, and what the tuned searches find; as JSON takes it.

    Asks the database of the settings, which holds the content of ksi/seed, read.
    """
    asked = everybody()
    return {
        "figures": {
            file: {who: asdict(figures(judged(file), ask)) for who, ask in asked.items()}
            for file in (TUNED, UNTOUCHED)
        },
        "found": found(asked["portal"]),
    }


def found(ask: Ask) -> dict[str, list[str]]:
    """What the tuned searches find."""
    return {search.text: list(ask(search.text)) for search in judged(TUNED)}


def differences(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> list[str]:
    """Searches that find other things, or another first one."""
    return [
        text
        for text, ranked in one.items()
        if set(ranked) != set(other[text]) or ranked[:1] != other[text][:1]
    ]


def prepare(environment: Mapping[str, str]) -> None:
    """Migrate, load the content of ksi/seed and read it, in the database of that environment."""
    for command in ("migrate", "createcachetable", "load_seed", "reindex"):
        subprocess.run(
            [sys.executable, "manage.py", command, "--verbosity=0"],
            cwd=ROOT,
            env=dict(environment),
            check=True,
            stdout=subprocess.DEVNULL,
        )


def asked_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """What `measured` says in a process of its own, with that environment."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.search.quality", "--data"],
        cwd=ROOT,
        env=dict(environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(made.stdout)


def told(search: Judged, ranked: Sequence[str]) -> str:
    """A search with what it found, each with its grade, and what it should have found."""
    relevant, first = search.relevant, ranked[:FIRST]
    lines = [f"{ndcg(ranked, relevant):.3f}  {search.kind:<14}  {search.text}"]
    lines.append(", ".join(f"{name} {relevant.get(name, '–')}" for name in first) or "(inget)")
    useful = (name for name, grade in relevant.items() if grade >= USEFUL)
    if lacking := [f"{name} {relevant[name]}" for name in useful if name not in first]:
        lines.append(f"saknas: {', '.join(lacking)}")
    return "\n       ".join(lines)


def main() -> None:
    """Show the figures of a database of this folder's own, made when it is not there."""
    parser = ArgumentParser(prog="python -m tests.search.quality")
    parser.add_argument("--verbose", action="store_true", help="Visa varje sökning som trimmas.")
    parser.add_argument("--anew", action="store_true", help="Läs in innehållet från början.")
    parser.add_argument("--data", action="store_true", help="JSON, ur DATABASE_URL som den är.")
    options = parser.parse_args()
    if not options.data:
        var = ROOT / "var" / "bench" / "quality"
        var.mkdir(parents=True, exist_ok=True)
        if options.anew:
            for file in var.glob("ksi.sqlite3*"):
                file.unlink()
        here = {"DJANGO_SETTINGS_MODULE": "ksi.settings", "KSI_MODE": "demo", "KSI_VAR": str(var)}
        here["DATABASE_URL"] = f"sqlite:///{var / 'ksi.sqlite3'}"
        os.environ |= here
        prepare(os.environ)

    import django

    django.setup()
    outcome = measured()
    if options.data:
        print(json.dumps(outcome))
        return
    if options.verbose:
        searches = [(search, outcome["found"][search.text]) for search in judged(TUNED)]
        for search, ranked in sorted(searches, key=lambda pair: ndcg(pair[1], pair[0].relevant)):
            print(told(search, ranked))
        print()
    print(f"{'':<24}" + "".join(f"{name:>11}" for name in Figures.__annotations__))
    for file, by in outcome["figures"].items():
        for who, values in by.items():
            print(f"{file:<12}{who:<12}" + "".join(f"{value:>11.3f}" for value in values.values()))


if __name__ == "__main__":
    main()
