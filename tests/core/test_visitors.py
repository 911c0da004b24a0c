"""Whose request it is, and how many of them are enough."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory

from core.visitors import Limit, address

FORGED = "203.0.113.9"
VISITOR = "198.51.100.7"
OUTER_PROXY = "10.0.0.1"
INNER_PROXY = "10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "expected"),
    [
        (0, "", VISITOR, VISITOR),
        (0, FORGED, VISITOR, VISITOR),
        (1, VISITOR, OUTER_PROXY, VISITOR),
        (1, f"{FORGED}, {VISITOR}", OUTER_PROXY, VISITOR),
        (1, f"{FORGED},{FORGED} , {VISITOR} ", OUTER_PROXY, VISITOR),
        (2, f"{VISITOR}, {OUTER_PROXY}", INNER_PROXY, VISITOR),
        (2, f"{FORGED}, {VISITOR}, {OUTER_PROXY}", INNER_PROXY, VISITOR),
        (1, "", VISITOR, VISITOR),
        (2, FORGED, VISITOR, VISITOR),
    ],
)
def test_the_address_is_the_last_one_that_our_own_proxies_wrote(
    settings, proxies, forwarded, peer, expected
):
    settings.PROXY_COUNT = proxies
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **extra)
    assert address(request) == expected


def test_a_limit_lets_through_so_many_and_then_says_how_long_to_wait():
    limit = Limit("prov", times=2, seconds=60)
    with time_machine.travel("2026-03-01T12:00:20Z", tick=False):
        waits = [limit.wait(VISITOR) for _ in range(4)]
    assert waits == [0, 0, 40, 40]


def test_one_visitor_does_not_use_up_anothers_limit():
    limit = Limit("prov", times=1, seconds=60)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        waits = [limit.wait(visitor) for visitor in (VISITOR, FORGED, VISITOR, FORGED)]
    assert waits == [0, 0, 60, 60]


def test_two_limits_are_counted_apart():
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        waits = [Limit(name, times=1, seconds=60).wait(VISITOR) for name in ("a", "b", "a")]
    assert waits == [0, 0, 60]


def test_the_next_window_begins_anew():
    limit = Limit("prov", times=1, seconds=60)
    waits = []
    for moment in ("12:00:00", "12:00:59", "12:01:00"):
        with time_machine.travel(f"2026-03-01T{moment}Z", tick=False):
            waits.append(limit.wait(VISITOR))
    assert waits == [0, 1, 0]


def test_a_culled_count_starts_again_instead_of_failing(monkeypatch):
    limit = Limit("prov", times=1, seconds=60)
    monkeypatch.setattr(cache, "add", lambda *args, **kwargs: False)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        waits = [limit.wait(VISITOR) for _ in range(2)]
    assert waits == [0, 60]


def test_no_address_is_stored(monkeypatch):
    stored = []
    monkeypatch.setattr(cache, "add", lambda key, *args, **kwargs: stored.append(key))
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        Limit("prov", times=1, seconds=60).wait(VISITOR)
    (key,) = stored
    name, limit, window, digest = key.split(":")
    assert (name, limit, window) == ("limit", "prov", str(1772366400 // 60))
    assert len(digest) == 32
    assert VISITOR not in key
