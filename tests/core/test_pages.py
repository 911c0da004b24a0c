"""Where in a list one is."""

import pytest
from django.http import QueryDict

from core.errors import NotHere
from core.pages import Pages


def pages(asked: str | None, count: int) -> Pages:
    def address(change) -> str:
        params = QueryDict("q=stöd", mutable=True)
        change(params)
        return f"?{params.urlencode()}"

    return Pages(asked, count, 25, address)


@pytest.mark.parametrize(
    ("asked", "count", "expected"),
    [
        (None, 0, (1, 1, 0, 0)),
        ("", 3, (1, 1, 0, 3)),
        ("1", 25, (1, 1, 0, 25)),
        ("2", 26, (2, 2, 25, 26)),
        ("40", 1000, (40, 40, 975, 1000)),
    ],
)
def test_a_page_knows_its_number_the_last_one_and_its_rows(asked, count, expected):
    made = pages(asked, count)
    assert (made.number, made.last, made.start, made.stop) == expected


@pytest.mark.parametrize(
    "asked", ["0", "-1", "41", "99999", "abc", "1.0", "²", "½", "1e1", " 1", "9" * 3000, "1\n"]
)
def test_a_page_that_does_not_exist_says_so_and_shows_the_way_to_the_first(asked):
    with pytest.raises(NotHere) as refused:
        pages(asked, 1000)
    assert refused.value.sentence == f"Sidan ”{asked[:20]}” finns inte. Listan har 40 sidor."
    assert refused.value.way_on == ("?q=st%C3%B6d", "Till listans första sida")


def test_a_list_of_one_page_says_so():
    with pytest.raises(NotHere) as refused:
        pages("2", 1)
    assert refused.value.sentence == "Sidan ”2” finns inte. Listan har en sida."


@pytest.mark.parametrize(
    ("asked", "count", "expected"),
    [
        ("1", 1, [1]),
        ("1", 75, [1, 2, 3]),
        ("1", 1000, [1, 2, 3, None, 40]),
        ("4", 1000, [1, 2, 3, 4, 5, 6, None, 40]),
        ("20", 1000, [1, None, 18, 19, 20, 21, 22, None, 40]),
        ("40", 1000, [1, None, 38, 39, 40]),
    ],
)
def test_the_pager_shows_the_first_the_last_and_those_around(asked, count, expected):
    assert [number for number, _ in pages(asked, count).numbers] == expected


def test_neighbours_keep_what_else_stands_in_the_address():
    middle, first, last = (pages(asked, 75) for asked in ("2", "1", "3"))
    assert (middle.previous, middle.next) == ("?q=st%C3%B6d", "?q=st%C3%B6d&sida=3")
    assert (first.previous, last.next) == ("", "")
