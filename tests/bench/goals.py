"""The rows of a measurement, and what each should reach (issues 2 and 5)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

THROUGHPUT, P50, P95 = "throughput", "p50", "p95"
QUERIES, BYTES, REQUESTS, MEMORY = "queries", "bytes", "requests", "memory"
RATE = "rate"  # per second, of this machine: to read beside its throughput only
COLD, WARM, REPEATED = "cold", "warm", "repeated"
STATES = (COLD, WARM, REPEATED)
SMALL, LARGE = 1_000, 100_000

PAGES = ("list", "filtered", "detail", "overview")
# Sets of searches; each is measured as one page.
SEARCHES = ("word", "common", "two", "typing", "misspelt", "listed")

# What those wait for who write drafts and review them.
DRAFTS = ("alike", "autosave", "desk")

# How good the answers are (tests/search/quality.py), and how many differ between the databases.
RECALL, PRECISION, NDCG, MRR, DIFFERENCES = "recall", "precision", "ndcg", "mrr", "differences"
# The rest are not to pass their goals.
TO_REACH = {THROUGHPUT, RATE, RECALL, PRECISION, NDCG, MRR}


@dataclass
class Row:
    """One figure. Throughput is a share of the bare view's; p50 and p95 are in its medians."""

    room: str
    page: str
    database: str
    rows: int
    state: str
    measure: str
    value: float
    goal: float | None = None
    ok: bool = True


@dataclass(frozen=True)
class Goal:
    """A limit for the rows that match; None matches all. Measures in TO_REACH are to reach it, the
    rest not to pass it. With `times_small` the limit is so many times the value at the smaller
    size, with `above_small` that value and so much more.
    """

    measure: str
    limit: float
    pages: tuple[str, ...] = PAGES
    state: str | None = None
    database: str | None = None
    rows: int | None = None
    times_small: bool = False
    above_small: bool = False

    def is_for(self, row: Row) -> bool:
        """Whether the row is held to this goal."""
        return (
            row.measure == self.measure
            and row.page in self.pages
            and self.state in (None, row.state)
            and self.database in (None, row.database)
            and self.rows in (None, row.rows)
        )


GOALS = (
    Goal(THROUGHPUT, 0.5, state=REPEATED, database="sqlite"),
    Goal(THROUGHPUT, 0.4, state=REPEATED, database="postgresql"),
    Goal(THROUGHPUT, 0.12, ("list",), WARM),
    Goal(THROUGHPUT, 0.20, ("detail",), WARM),
    Goal(THROUGHPUT, 0.04, ("list",), COLD),
    Goal(THROUGHPUT, 0.05, ("detail",), COLD),
    Goal(THROUGHPUT, 0.015, ("filtered",), WARM, rows=LARGE),
    Goal(P50, 300, ("filtered",), COLD, rows=LARGE),
    Goal(P95, 1.5, ("list", "detail", "overview"), rows=LARGE, times_small=True),
    Goal(P95, 2.5, ("filtered",), rows=LARGE, times_small=True),
    Goal(QUERIES, 8, ("list", "filtered"), COLD),
    Goal(QUERIES, 14, ("detail",), COLD),
    Goal(QUERIES, 1, state=REPEATED),
    Goal(BYTES, 40_000, state=COLD),
    Goal(REQUESTS, 5, state=COLD),
    # What an export of everything may add to a process, in MB, above what a small one adds.
    Goal(MEMORY, 16, ("export",), rows=LARGE, above_small=True),
    Goal(THROUGHPUT, 0.02, SEARCHES, COLD),
    Goal(THROUGHPUT, 0.4, SEARCHES, REPEATED),
    Goal(P95, 60, SEARCHES),
    Goal(P95, 150, DRAFTS, rows=LARGE),
    # The queue does not know how much is published.
    Goal(P95, 1.5, ("desk",), rows=LARGE, times_small=True),
    Goal(QUERIES, 4, ("autosave",)),
    Goal(NDCG, 0.95, ("relevance",), "portal"),
    Goal(DIFFERENCES, 0, ("relevance",)),
)


def judge(rows: Iterable[Row]) -> None:
    """Set each row's goal and whether it is reached; a row without a goal is in order."""
    rows = list(rows)
    small = {
        (row.room, row.page, row.database, row.state, row.measure): row.value
        for row in rows
        if row.rows == SMALL
    }
    for row in rows:
        for goal in GOALS:
            if not goal.is_for(row):
                continue
            limit = goal.limit
            if goal.times_small or goal.above_small:
                before = small.get((row.room, row.page, row.database, row.state, row.measure))
                if before is None:
                    continue
                limit = limit * before if goal.times_small else limit + before
            row.goal = round(limit, 3)
            reached = row.value >= limit if row.measure in TO_REACH else row.value <= limit
            row.ok = row.ok and reached


def as_data(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as they are written to var/bench.json."""
    return [asdict(row) for row in rows]
