"""The measuring instrument itself: client, percentiles, goals and rows."""

import http.server
import json
import threading

import pytest

from tests.bench import search_room
from tests.bench.bare import pieces
from tests.bench.client import percentile, run
from tests.bench.goals import (
    BYTES,
    COLD,
    GOALS,
    LARGE,
    MEMORY,
    P95,
    QUERIES,
    REPEATED,
    SMALL,
    THROUGHPUT,
    WARM,
    Row,
    as_data,
    judge,
)
from tests.bench.measuring import ROOMS
from tests.bench.report import NAMES, table
from tests.bench.servers import request


def row(measure, value, page="list", state=COLD, database="sqlite", rows=SMALL):
    return Row("inventory", page, database, rows, state, measure, value)


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 1), (50, 5), (51, 6), (90, 9), (95, 10), (100, 10)]
)
def test_percentile_is_a_value_that_was_measured(percent, expected):
    assert percentile([10, 3, 1, 2, 9, 8, 4, 5, 7, 6], percent) == expected


def test_percentile_of_one_value():
    assert percentile([0.25], 95) == 0.25


def test_throughput_must_reach_its_goal_and_the_rest_must_not_pass_it():
    rows = [
        row(THROUGHPUT, 0.04),
        row(THROUGHPUT, 0.039),
        row(QUERIES, 8),
        row(QUERIES, 9),
        row(BYTES, 40_001),
    ]

    judge(rows)

    assert [(found.goal, found.ok) for found in rows] == [
        (0.04, True),
        (0.04, False),
        (8, True),
        (8, False),
        (40_000, False),
    ]


@pytest.mark.parametrize(("database", "goal"), [("sqlite", 0.5), ("postgresql", 0.4)])
def test_repeated_pages_have_a_goal_per_database(database, goal):
    found = row(THROUGHPUT, 0.45, state=REPEATED, database=database)

    judge([found])

    assert (found.goal, found.ok) == (goal, goal <= 0.45)


@pytest.mark.parametrize(("page", "times"), [("detail", 1.5), ("filtered", 2.5)])
def test_large_p95_is_held_to_the_small_one(page, times):
    small, large = row(P95, 2, page, WARM), row(P95, 2 * times + 0.1, page, WARM, rows=LARGE)
    other = row(P95, 99, page, WARM, rows=LARGE, database="postgresql")

    judge([large, small, other])

    assert (large.goal, large.ok) == (2 * times, False)
    assert (small.goal, small.ok) == (None, True)
    assert (other.goal, other.ok) == (None, True)  # the small one was not measured


def test_a_large_export_may_take_little_more_memory_than_a_small_one():
    small, large = row(MEMORY, 50, "export"), row(MEMORY, 67, "export", rows=LARGE)

    judge([small, large])

    assert (large.goal, large.ok) == (66, False)


def test_answers_must_reach_their_goal_and_those_never_tuned_with_come_near():
    def measured(tuned, untouched):
        figures = {"recall": 0.9, "precision": 0.8, "mrr": 1.0}
        by = {"relevance": tuned, "untouched": untouched}
        return {
            file: {"portal": figures | {"ndcg": value}, "fts5": figures | {"ndcg": 0.3}}
            for file, value in by.items()
        }

    def goals(tuned, untouched):
        rows = list(search_room.rows("sqlite", measured(tuned, untouched)))
        judge(rows)
        return [(row.page, row.goal, row.ok) for row in rows if row.goal is not None]

    assert goals(0.96, 0.92) == [("relevance", 0.95, True), ("untouched", 0.91, True)]
    assert goals(0.94, 0.88) == [("relevance", 0.95, False), ("untouched", 0.89, False)]


def test_every_goal_is_for_something_that_is_measured():
    pages = {*(page for room in ROOMS.values() for page in room), "export", "relevance"}

    assert [goal for goal in GOALS if not set(goal.pages) <= pages] == []
    assert all(goal.measure in NAMES for goal in GOALS)


def test_rows_have_the_agreed_columns():
    (data,) = as_data([row(QUERIES, 5)])

    assert list(json.loads(json.dumps(data))) == [
        *("room", "page", "database", "rows", "state"),
        *("measure", "value", "goal", "ok"),
    ]


def test_table_marks_what_was_missed():
    rows = [row(QUERIES, 9), row(THROUGHPUT, 0.05)]
    judge(rows)

    line = table(rows).splitlines()[-1]

    assert "9 (MISS ≤ 8)" in line
    assert "0.050 (≥ 0.040)" in line


def test_requests_look_like_a_browsers():
    assert request("/a/?b=c", cookie="s=1", port=99).decode().split("\r\n") == [
        "GET /a/?b=c HTTP/1.1",
        "Host: localhost:99",
        "Accept: text/html,application/xhtml+xml",
        "Accept-Encoding: gzip, deflate, br",
        "Accept-Language: sv",
        "Cookie: s=1",
        "",
        "",
    ]


def test_bare_pieces_make_the_wanted_size():
    assert sum(map(len, pieces(200_001))) == 200_001


class Page(http.server.BaseHTTPRequestHandler):
    """A page longer than one read; /slut closes the connection, /fel fails."""

    def do_GET(self):
        body = b"x" * 300_000
        self.protocol_version = "HTTP/1.1"
        self.send_response(500 if self.path == "/fel" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close" if self.path == "/slut" else "keep-alive")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.path == "/slut"

    def log_message(self, *args):
        pass


@pytest.fixture
def port():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/", "/slut"])
def test_client_asks_as_many_times_as_told(port, path):
    outcome = run(port, [request(path)], connections=3, most=10)

    assert len(outcome.latencies) == 10
    assert outcome.statuses == {"200": 10}
    assert outcome.received > 3_000_000
    assert outcome.throughput > 0


def test_client_tells_what_failed(port):
    outcome = run(port, [request("/"), request("/fel")], connections=2, most=4)

    assert outcome.statuses == {"200": 2, "500": 2}


def test_client_stops_in_time(port):
    outcome = run(port, [request("/")], connections=2, seconds=0.05)

    assert 0.05 <= outcome.seconds < 2
