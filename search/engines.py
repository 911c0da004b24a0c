"""Matching keys: FTS5 on SQLite, tsvector on PostgreSQL. The databases find; Python ranks.

A question is an AND (or, when that finds too little, an OR) of groups; a group an OR of
alternatives; an alternative one key, a phrase, or keys that all must stand in the passage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from django.db import connection

from search.vendor import BLOCK, BLOCK_SIZE

# Columns of search_passage, in the order of their weight; also PostgreSQL's weights A to D.
COLUMNS = ("title_keys", "lead_keys", "text_keys", "part_keys")


@dataclass(frozen=True)
class Alternative:
    """Something that a passage can hold: all of these keys, side by side if it is a phrase."""

    keys: tuple[str, ...]
    phrase: bool = True


def front_key(key: str) -> str:
    """The key that stands for another one in title or lead."""
    return f"^{key}"


Group = Sequence[Alternative]
Hits = list[tuple[int, int]]  # (passage, entry)


@dataclass(frozen=True)
class Question:
    """What is to be matched. `narrowed` holds facet keys: one of each tuple must be there."""

    groups: Sequence[Group]
    audiences: Iterable[str]
    narrowed: Sequence[Sequence[str]] = ()
    how: Literal["all", "any"] = "all"
    foremost: bool = False  # in title and lead alone
    # About how many passages match; nothing when that has not been counted.
    expected: float | None = None

    def sought(self, part: Alternative) -> list[str]:
        """The keys that are matched for an alternative."""
        return list(map(front_key, part.keys)) if self.foremost else list(part.keys)


class Engine(Protocol):
    """What a database must be able to do."""

    def matching(self, question: Question, limit: int) -> Hits:
        """At most `limit` passages that match, those first that were put in last."""

    def settle(self) -> None:
        """Put what was just written in its place in the index, for questions to come."""

    def tidy(self) -> None:
        """Leave nothing in the index of what has been erased. Takes its time: once a day."""


class _Fts5:
    """SQLite."""

    def matching(self, question: Question, limit: int) -> Hits:
        audiences = sorted(question.audiences)
        sql = (
            "SELECT passage.id, passage.entry_id FROM search_passage_fts fts"
            " JOIN search_passage passage INDEXED BY search_passage_place"
            " ON passage.id = fts.rowid"
            f" WHERE fts.search_passage_fts MATCH %s AND passage.audience IN ({_places(audiences)})"
            " ORDER BY fts.rowid DESC LIMIT %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.expression(question), *audiences, limit])
            return cursor.fetchall()

    def settle(self) -> None:
        """FTS5 has done so by itself."""

    def tidy(self) -> None:
        """FTS5 marks what is erased and keeps it until parts of the index are merged."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO search_passage_fts (search_passage_fts) VALUES ('optimize')"
            )

    @staticmethod
    def expression(question: Question) -> str:
        """The question in the words of FTS5; each key is quoted, so that none is an operator."""

        def alternative(part: Alternative) -> str:
            keys = question.sought(part)
            if part.phrase or len(keys) == 1:
                return f'"{" ".join(keys)}"'
            return "(" + " AND ".join(f'"{key}"' for key in keys) + ")"

        joined = (" OR " if question.how == "any" else " AND ").join(
            "(" + " OR ".join(map(alternative, group)) + ")" for group in question.groups
        )
        facets = ["(" + " OR ".join(f'"{key}"' for key in keys) + ")" for keys in question.narrowed]
        return " AND ".join([f"({joined})", *facets])


_AT_ONCE = "SELECT id, entry_id FROM search_matching(%s::tsquery, %s::text[], %s)"
# By -id: an index of ids would be read backwards, and each vector with it.
_BY_BLOCKS = f"""
    SELECT found.id, found.entry_id
    FROM (SELECT generate_series(max(id) / {BLOCK_SIZE}, 0, -1) AS block FROM search_match) AS each
    CROSS JOIN LATERAL (
        SELECT id, entry_id FROM search_match
        WHERE vector @@ %s::tsquery AND audience = ANY (%s::text[]) AND {BLOCK} && ARRAY[block]
        ORDER BY -id
    ) AS found
    LIMIT %s
"""


class _Tsvector:
    """PostgreSQL."""

    # What is rarer than this is looked for in the whole index at once, which goes through all that
    # match before it gives the first of them; the rest block by block, the newest first, for as
    # long as it takes.
    RARE = 10_000

    def matching(self, question: Question, limit: int) -> Hits:
        is_rare = question.expected is not None and question.expected <= self.RARE
        sql = _AT_ONCE if is_rare else _BY_BLOCKS
        values: Any = [self.expression(question), sorted(question.audiences), limit]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def tidy(self) -> None:
        """Autovacuum does so in its own time."""

    def settle(self) -> None:
        """Until then every question would walk a list of it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('search_match_vector')")

    @staticmethod
    def expression(question: Question) -> str:
        """The question as a tsquery; each key is quoted, so that none is an operator."""

        def quoted(key: str) -> str:
            return "'" + key.replace("\\", "\\\\").replace("'", "''") + "'"

        def alternative(part: Alternative) -> str:
            between = " <-> " if part.phrase else " & "
            return "(" + between.join(map(quoted, question.sought(part))) + ")"

        joined = (" | " if question.how == "any" else " & ").join(
            "(" + " | ".join(map(alternative, group)) + ")" for group in question.groups
        )
        facets = ["(" + " | ".join(quoted(key) for key in keys) + ")" for keys in question.narrowed]
        return " & ".join([f"({joined})", *facets])


def _places(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


def engine() -> Engine:
    """The engine of the database that is used."""
    return _Fts5() if connection.vendor == "sqlite" else _Tsvector()
