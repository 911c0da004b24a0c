"""The answers are as good as was promised, and the same on both databases."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from search import indexing, words
from tests.conftest import forget_everything
from tests.processes import environment
from tests.search import quality
from tests.search.quality import TUNED, UNTOUCHED, Figures, figures, judged

GRADES = {"a": 3, "b": 2, "c": 1}


# --- The figures, counted by hand -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [
        (["a", "b", "c"], 1),
        (["x"] * 9 + ["a", "b"], 0.5),  # the eleventh hit comes too late
        (["c"], 0),  # what merely touches it need not be found
        ([], 0),
    ],
)
def test_recall_is_the_share_of_what_is_useful(ranked, expected):
    assert quality.recall(ranked, GRADES) == expected


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [
        (["a", "b", "c", "x", "y"], 1),  # there are no more than three
        (["x", "y", "z", "a", "b", "c"], 2 / 3),
        ([], 0),
    ],
)
def test_precision_is_the_share_of_what_could_be_relevant(ranked, expected):
    assert quality.precision(ranked, GRADES) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [
        (["a", "b", "c"], 1),
        (["a", "b", "c", "x"], 1),  # what follows the last one does no harm
        # (7 / log2(3) + 3 / log2(4)) / (7 / log2(2) + 3 / log2(3) + 1 / log2(4))
        (["x", "a", "b"], (7 / 1.5849625 + 3 / 2) / (7 + 3 / 1.5849625 + 1 / 2)),
        ([], 0),
    ],
)
def test_ndcg_is_the_gain_as_a_share_of_the_best_order(ranked, expected):
    assert quality.ndcg(ranked, GRADES) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranked", "expected"), [(["b"], 1), (["c", "x", "a"], 1 / 3), (["c"], 0), ([], 0)]
)
def test_reciprocal_rank_is_that_of_the_first_useful_hit(ranked, expected):
    assert quality.reciprocal_rank(ranked, GRADES) == pytest.approx(expected)


def test_differences_are_other_hits_or_another_first_one():
    one = {"same": ["a", "b", "c"], "first": ["a", "b"], "more": ["a"], "none": []}
    other = {"same": ["a", "c", "b"], "first": ["b", "a"], "more": ["a", "b"], "none": []}

    assert quality.differences(one, other) == ["first", "more"]


# --- The content of ksi/seed ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The content, loaded and read once for all of these tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        words.forget()
        call_command("load_seed", stdout=io.StringIO())
        indexing.index()
        yield
        transaction.set_rollback(True)
    words.forget()


@pytest.fixture
def content(loaded, db) -> None:
    forget_everything()
    words.forget()


@pytest.fixture(scope="module")
def names(loaded, django_db_blocker) -> set[str]:
    """What there is to find."""
    with django_db_blocker.unblock():
        return set(quality.names().values())


@pytest.mark.parametrize("file", [TUNED, UNTOUCHED])
def test_what_should_be_found_exists(content, names, file):
    relevant = {name for search in judged(file) for name in search.relevant}
    assert len(relevant - names) == 0


def test_answers_are_as_good_as_was_promised(content):
    """The searches that the engine is tuned with, and those that it has never met.

    The latter must stay unseen: they are compared by their figures alone, never one by one.
    """
    ask = quality.portal()

    tuned: Figures = figures(judged(TUNED), ask)
    untouched: Figures = figures(judged(UNTOUCHED), ask)

    assert tuned.ndcg >= 0.95
    # The aim is 0.05 apart. What is reached is held, so that it only gets better (ADR 0018).
    assert untouched.ndcg >= tuned.ndcg - 0.085


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="jämför PostgreSQL med SQLite, inte tvärtom"
)
def test_sqlite_finds_the_same_with_the_same_first(content, tmp_path):
    there = environment(DATABASE_URL=f"sqlite:///{tmp_path}/ksi.sqlite3", KSI_VAR=str(tmp_path))
    quality.prepare(there)

    sqlite = quality.asked_of(there)["found"]

    assert quality.differences(quality.found(quality.portal()), sqlite) == []
