"""What is measured of one room on one database."""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from statistics import fmean, median
from time import perf_counter
from urllib.parse import urljoin

from tests.bench.client import Outcome, percentile
from tests.bench.databases import Database
from tests.bench.goals import (
    BYTES,
    COLD,
    MEMORY,
    P50,
    P95,
    QUERIES,
    REPEATED,
    REQUESTS,
    SEARCHES,
    SMALL,
    STATES,
    THROUGHPUT,
    WARM,
    Row,
)
from tests.bench.servers import (
    Answer,
    Client,
    Lines,
    MemoryWatch,
    Server,
    fetch,
    request,
    wait_for_quiet,
)

CONNECTIONS = 8

# room → page → its address; what is None is found by the process inside, and may be many.
ROOMS: Mapping[str, Mapping[str, str | None]] = {
    "inventory": {
        "list": "/inventering/",
        "filtered": "/inventering/?stadsdel=sodermalm&tema=boende",
        "detail": None,
        "overview": "/inventering/oversikt/",
    },
    "library": {
        "list": "/bibliotek/",
        "filtered": "/bibliotek/?publikation=utvardering&tema=boende",
        "detail": None,
    },
    "search": dict.fromkeys(SEARCHES),
}
EXPORTS = {"inventory": "/inventering/export.csv", "library": "/bibliotek/export.csv"}
# Who is signed in searches as everybody does.
STATES_OF = {"inventory": STATES, "library": STATES, "search": (COLD, REPEATED)}
# Of a page with many addresses: how many are asked again and again (a number that connections do
# not divide, or each would ask for the same ones each time), and for how many the queries are
# counted (the most any of them takes).
REPEATEDLY, COUNTED = 13, 4


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Many short rounds rather than a few long ones: how eight connections spread over the workers
    is decided anew in each, and a median of nine does not mind the one where all met in one.
    """

    rounds: int = 9
    seconds: float = 0.35
    bare_seconds: float = 0.25
    batches: int = 2
    exports: bool = True


QUICK = Effort(rounds=3, seconds=0.25, bare_seconds=0.2, batches=2, exports=False)


class Bench:
    """One room on one database, with the processes that serve and ask."""

    def __init__(
        self, room: str, database: Database, effort: Effort, say: Callable[[str], None]
    ) -> None:
        self.room, self.database, self.effort, self.say = room, database, effort, say
        self.client_load: list[float] = []
        self.bare_throughput: list[float] = []
        self.disturbed: list[float] = []

    def rows(self) -> Iterator[Row]:
        """Start everything, measure, end everything."""
        database = self.database
        with Lines("tests.bench.inside", database.environment) as self.inside:
            self.inside.ask(do="static")
            with (
                Server.portal(database) as self.portal,
                Server.bare(database) as self.bare,
                Client() as self.client,
            ):
                self.cookie = self.inside.ask(do="cookie")
                found = self.inside.ask(do="addresses", room=self.room)
                for page, address in ROOMS[self.room].items():
                    yield from self.page(page, [address] if address else found[page])
                if self.effort.exports and self.room in EXPORTS:
                    yield from self.export(EXPORTS[self.room])

    def row(self, page: str, state: str, measure: str, value: float) -> Row:
        """One figure of this room and database."""
        engine, rows = self.database.engine, self.database.rows
        return Row(self.room, page, engine, rows, state, measure, round(value, 4))

    def page(self, page: str, paths: list[str]) -> Iterator[Row]:
        """Everything about one page, or about a set of pages of one kind."""
        self.disturbed.append(wait_for_quiet())
        more = f" och {len(paths) - 1} till" if len(paths) > 1 else ""
        self.say(f"{self.database.engine} {self.database.rows} {page}: {paths[0]}{more}")
        states = STATES_OF[self.room]
        counted = [self.inside.ask(do="queries", path=path) for path in paths[:COUNTED]]
        for state in states:
            yield self.row(page, state, QUERIES, max(counts[state] for counts in counted))
        size = median(fetch(self.portal.port, path).size for path in paths[:REPEATEDLY])
        yield from self.loaded(page, COLD, int(size), partial(self.cold, cycle(paths)))
        for state, cookie in ((WARM, self.cookie), (REPEATED, "")):
            if state not in states:
                continue
            asked = [request(path, cookie=cookie) for path in paths[:REPEATEDLY]]
            self.build(asked)
            yield from self.loaded(page, state, int(size), partial(self.warm, asked))
        yield from self.wire(page, paths[0], states)

    def loaded(self, page: str, state: str, size: int, run: Callable[[], Outcome]) -> Iterator[Row]:
        """Throughput and latencies, with the bare view before, between and after."""
        bare, portal = [self.yardstick(size)], []
        for _ in range(self.effort.rounds):
            portal.append(run())
            bare.append(self.yardstick(size))
        self.client_load += [outcome.cpu / outcome.seconds for outcome in bare]
        self.bare_throughput += [outcome.throughput for outcome in bare]
        figures: dict[str, list[float]] = {THROUGHPUT: [], P50: [], P95: []}
        for outcome, before, after in zip(portal, bare, bare[1:], strict=False):
            around = fmean([before.throughput, after.throughput])
            middle = percentile([*before.latencies, *after.latencies], 50)
            figures[THROUGHPUT].append(outcome.throughput / around)
            figures[P50].append(percentile(outcome.latencies, 50) / middle)
            figures[P95].append(percentile(outcome.latencies, 95) / middle)
        for measure, values in figures.items():
            yield self.row(page, state, measure, median(values))

    def build(self, asked: list[bytes]) -> None:
        """Let both workers build what they keep before anything is counted.

        New connections each time, since it is by chance which worker takes one.
        """
        for _ in range(4):
            self.client.load(
                self.portal.port,
                asked,
                connections=CONNECTIONS,
                most=4 * max(len(asked), CONNECTIONS),
            )

    def yardstick(self, size: int) -> Outcome:
        """The bare view, under the same load."""
        return self.client.load(
            self.bare.port,
            [request(f"/{size}")],
            connections=CONNECTIONS,
            seconds=self.effort.bare_seconds,
        )

    def warm(self, asked: list[bytes]) -> Outcome:
        """The same page again and again."""
        return self.client.load(
            self.portal.port, asked, connections=CONNECTIONS, seconds=self.effort.seconds
        )

    def cold(self, paths: Iterator[str]) -> Outcome:
        """Eight visitors at once, each time just after a publication; none finds a kept page.

        Each of them asks twice, so that the end of a batch, when a worker may be without work,
        weighs less.
        """
        whole = Outcome()
        for batch in range(self.effort.batches):
            self.inside.ask(do="publish")
            count = 2 * CONNECTIONS
            first = 10_000 + batch * count
            asked = [request(next(paths), port=first + place) for place in range(count)]
            outcome = self.client.load(self.portal.port, asked, connections=CONNECTIONS, most=count)
            whole.seconds += outcome.seconds
            whole.latencies += outcome.latencies
        return whole

    def wire(self, page: str, path: str, states: Sequence[str]) -> Iterator[Row]:
        """Bytes and requests of a first visit, a signed-in one and one that comes back."""
        port = self.portal.port
        browser = {"Accept-Encoding": "gzip, deflate, br"}
        first = fetch(port, path, browser)
        parts = [fetch(port, address, browser) for address in sorted(assets(port, path, first))]
        yield self.row(page, COLD, BYTES, first.wire + sum(part.wire for part in parts))
        yield self.row(page, COLD, REQUESTS, 1 + len(parts))
        if WARM in states:
            signed_in = fetch(port, path, {**browser, "Cookie": self.cookie})
            yield self.row(page, WARM, BYTES, signed_in.wire)
        # The one who comes back meets any of the workers: the worst of some visits counts.
        known = {**browser, "If-None-Match": first.headers.get("ETag", "")}
        again = max(fetch(port, path, known).wire for _ in range(6))
        yield self.row(page, REPEATED, BYTES, again)

    def export(self, path: str) -> Iterator[Row]:
        """Exports of everything, one at a time, and what they add to a worker's memory."""
        self.say(f"{self.database.engine} {self.database.rows} export: {path}")
        runs = 3 if self.database.rows == SMALL else 1
        with MemoryWatch(self.portal.workers) as watch:
            exports = [timed(self.portal.port, path) for _ in range(runs)]
        took, answer = [seconds for seconds, _ in exports], exports[-1][1]
        bare = [timed(self.bare.port, f"/{answer.size}")[0] for _ in range(runs)]
        yardstick = percentile(bare, 50)
        yield self.row("export", COLD, THROUGHPUT, yardstick / percentile(took, 50))
        yield self.row("export", COLD, P50, percentile(took, 50) / yardstick)
        yield self.row("export", COLD, P95, percentile(took, 95) / yardstick)
        yield self.row("export", COLD, BYTES, answer.wire)
        yield self.row("export", COLD, MEMORY, watch.grown)


def timed(port: int, path: str) -> tuple[float, Answer]:
    """Seconds until all of a large answer has come, and what it was."""
    began = perf_counter()
    answer = fetch(port, path, keep=False)
    return perf_counter() - began, answer


def assets(port: int, path: str, page: Answer) -> set[str]:
    """What a browser fetches for the page: styles and what they name, scripts, pictures, icons."""
    html = page.text
    if page.headers.get("Content-Encoding") == "gzip":
        html = gzip.decompress(html)
    text = html.decode()
    found = set(re.findall(r'<(?:script|img|source)\b[^>]*\bsrc="([^"]+)"', text))
    for tag in re.findall(r"<link\b[^>]*>", text):
        if re.search(r'\brel="[^"]*\b(stylesheet|icon|preload|manifest)\b', tag):
            found |= set(re.findall(r'\bhref="([^"]+)"', tag))
    whole = {urljoin(path, address) for address in found if not address.startswith("data:")}
    for address in [address for address in whole if ".css" in address]:
        style = fetch(port, address).text.decode()
        named = re.findall(r"""url\(["']?([^"')]+)["']?\)""", style)
        whole |= {urljoin(address, name) for name in named if not name.startswith(("data:", "#"))}
    return whole
