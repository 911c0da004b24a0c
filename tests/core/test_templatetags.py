"""What every template may use."""

import json
from decimal import Decimal

import pytest

from core.templatetags.ksi import json_ld, number, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (999, "999"),
        (750_000, "750\u202f000"),
        (1_234_567, "1\u202f234\u202f567"),
        (Decimal("92.00"), "92"),
        (Decimal("92.50"), "92,5"),
        (Decimal("1234.05"), "1\u202f234,05"),
        (Decimal("-12"), "\u221212"),
        (Decimal("100.00"), "100"),
        (1000.5, "1\u202f000,5"),
    ],
)
def test_numbers_are_written_as_swedes_do(value, text):
    assert number(value) == text


def test_a_size_has_no_sign():
    assert size(Decimal("-12.50")) == "12,5"


def test_data_for_search_engines_cannot_end_its_block_early():
    data = {"name": "</script><script>alert('å & ä')</script>\u2028"}
    block = json_ld(data)
    assert block.startswith('<script type="application/ld+json">{')
    inner = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert [sign for sign in "<>&\u2028" if sign in inner] == []
    assert json.loads(inner) == data
