"""What every test starts from: nothing remembered, and the same random input every time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.backends.base.operations import BaseDatabaseOperations
from hypothesis import HealthCheck, settings

from core import history, keeping
from inventory import views
from search import export_views, facets, vocabulary, words

settings.register_profile(
    "ksi",
    derandomize=True,
    database=None,
    deadline=timedelta(seconds=20),  # for what hangs; nothing is timed here
    max_examples=60,
    # The client and the database are one and the same for all examples of a test.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("ksi")


# More than any test asks for.
UNLIMITED = 1_000_000


def forget_everything() -> None:
    """Make this process as new: no kept pages, no facets, no counted visits."""
    facets.forget()
    words.forget()
    vocabulary.forget()
    keeping.store.clear(edition=None)
    keeping.parts.clear(edition=None)
    cache.clear()


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    """Tests roll the database back; what the process remembers of it must go as well."""
    forget_everything()
    yield
    forget_everything()


@pytest.fixture(scope="session", autouse=True)
def only_tests_empty_the_history() -> Iterator[None]:
    """After a test that commits, Django empties every table; the history refuses that of others.

    The triggers go and come back in the transaction that empties.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_all(operations: BaseDatabaseOperations, sql_list: list[str]) -> None:
        database = operations.connection
        open_it = history.unprotecting(database.vendor)
        close_it = history.protecting(database.vendor, history.columns_of(database))
        flush(operations, [*open_it, *sql_list, *close_it])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_all)
        yield


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test ask for more files than a visitor may."""
    for module, name in ((export_views, "export_limit"), (views, "sheet_limit")):
        limit = getattr(module, name)
        monkeypatch.setattr(module, name, replace(limit, times=UNLIMITED))
