"""Tests of the search start with nothing remembered of words."""

from collections.abc import Iterator

import pytest

from search import vocabulary, words


@pytest.fixture(autouse=True)
def fresh_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(vocabulary, "_seen", (-1, [], []))
    words.forget()
    yield
    words.forget()
