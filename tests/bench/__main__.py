"""`make bench`: how quick the pages are beside a bare Django view, and whether that is enough.

For each page, database and size: throughput at 8 connections as a share of the bare view's,
p50 and p95 in the bare view's medians, queries, bytes. Portal and bare view run side by side under
gunicorn's configuration of the repository and are asked in turn. The states:

kall        eight visitors at once just after a publication; none finds a kept page
varm        signed in; fragments are kept
upprepad    anonymous; the whole page is kept

The room "core" is another matter: tasks and mail per second, as shares of a bare loop of INSERTs.
The room "search" also tells how good the answers are and how quickly texts are read
(tests/bench/search_room.py), and "drafts" is what those wait for who write (drafts_room.py).

The table is printed, the rows are written to var/bench.json, and the exit code is 1 when a goal
is missed. ROOM= picks one room, QUICK=1 (or --quick) takes a quick look without exports. The
generated databases are kept and made anew for other code; --keep takes them as they are, migrated.
"""

import json
import os
import sys
import time
from argparse import ArgumentParser

from tests.bench import core_room, drafts_room, search_room
from tests.bench.databases import ROOT, VAR, Database, keep, postgresql_answers, prepare
from tests.bench.goals import LARGE, SMALL, Row, as_data, judge
from tests.bench.measuring import QUICK, ROOMS, Bench, Effort
from tests.bench.report import table

CORE = "core"
BENCHES = {drafts_room.ROOM: drafts_room.DraftsBench}
RESULT = ROOT / "var" / "bench.json"


def say(line: str) -> None:
    """Tell how it goes, apart from the result."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Measure what was asked for; the exit code."""
    parser = ArgumentParser(prog="make bench", description="Mäter hur snabba sidorna är.")
    parser.add_argument("--room", default=os.environ.get("ROOM") or None, choices=[*ROOMS, CORE])
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")))
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--rows", type=int, choices=[SMALL, LARGE], action="append")
    parser.add_argument(
        "--keep", action="store_true", help="Räkna databaserna som gjorda av dagens kod."
    )
    asked = parser.parse_args()
    if asked.room not in (None, CORE, *ROOMS):
        parser.error(f"ROOM={asked.room} finns inte. Välj bland: {', '.join([*ROOMS, CORE])}.")
    rooms = [room for room in ROOMS if asked.room in (None, room)]

    began = time.monotonic()
    engines = asked.database or ["sqlite", "postgresql"]
    if "postgresql" in engines and not postgresql_answers():
        say("PostgreSQL svarar inte; bara SQLite mäts.")
        engines.remove("postgresql")
    VAR.mkdir(parents=True, exist_ok=True)
    databases = [
        Database(engine, rows) for engine in engines for rows in asked.rows or [SMALL, LARGE]
    ]
    for database in databases if rooms else []:
        if asked.keep:
            keep(database)
        prepare(database, say)

    rows: list[Row] = []
    if asked.room in (None, CORE):
        say("Uppgifter och mejl, bredvid en slinga av INSERT …")
        rows += core_room.rows(engines, quick=asked.quick)
    if search_room.ROOM in rooms:
        rows += search_room.answers(engines, say)
        rows += search_room.reading(databases)
    for room in rooms:
        for database in databases:
            bench = BENCHES.get(room, Bench)(
                room, database, QUICK if asked.quick else Effort(), say
            )
            rows += bench.rows()
            bare, busy = bench.bare_throughput, max(bench.client_load)
            say(
                f"Jämförelsevyn gav {min(bare):.0f}–{max(bare):.0f} svar i sekunden;"
                f" provaren använde då högst {busy:.0%} av en kärna."
            )
            if (other := max(bench.disturbed)) > 0.15:
                say(f"Datorn gjorde samtidigt annat ({other:.0%}): värdena är osäkra.")
    judge(rows)
    RESULT.write_text(json.dumps(as_data(rows), ensure_ascii=False, indent=1) + "\n")
    missed = [row for row in rows if not row.ok]
    print(table(rows))
    print(f"\n{len(rows)} värden på {time.monotonic() - began:.0f} s, {len(missed)} mål missade.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
