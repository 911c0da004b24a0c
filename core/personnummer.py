"""Swedish personal identity numbers in free text, so that none is left there by mistake.

Personnummer: the birthday, three digits and a control digit (folkbokföringslagen 1991:481, 18 §;
Skatteverket, SKV 704). Samordningsnummer: the same with 60 added to the day (SKV 707).
"""

import datetime
import re
import unicodedata
from collections.abc import Iterator

from django.core.exceptions import ValidationError

# A hyphen or a dash as keyboards, word processors and web pages write it, or the + of those who are
# over a hundred.
_DASH = r"[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_PLUS = "+\ufe62\uff0b"
_SIGN = rf"(?:{_DASH}|[{_PLUS}])"
_SPACE = r"[^\S\r\n]"  # also the ones that do not break
# The birthday stands together, and only the last four digits may stand apart: an amount
# ("750 000 000 000"), a telephone number or a card number is grouped otherwise. Digits that go on,
# also after a hyphen, are another and longer number, such as an account's. After a whole date with
# hyphens a space also leads to an amount or a telephone number; a dash between spaces leads to the
# year in which something ended, and is left alone.
_NUMBER = re.compile(
    rf"""(?<!\d)(?<!\d-)
    (?: (?P<century>18|19|20)?(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)
        (?P<sign>{_SPACE}{{0,3}}{_SIGN}{_SPACE}{{0,3}}|{_SPACE}{{1,3}})?
      | (?P<iso>(?:18|19|20)\d\d{_DASH}\d\d{_DASH}\d\d)
        (?: {_SIGN}?
          | {_SPACE}{{1,3}}(?!\d{{4}}(?:{_DASH}\d|{_SPACE}?(?:kr|kronor|tkr|mnkr|SEK)\b))
            (?!0\d{{3}}{_SPACE}\d(?:\d|{_SPACE}){{4}})
        )
    )
    (?P<last>\d{{4}})
    (?!-?\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_HIDDEN = {"Cf", "Mn", "Me"}
_COORDINATION = 60


def control_digit(nine: str) -> int:
    """The tenth digit: each digit times 2 and 1 in turn, the digits of the products summed."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    return -sum(product // 10 + product % 10 for product in doubled) % 10


def found_in(text: str) -> Iterator[str]:
    """What in the text is a personnummer or a samordningsnummer, as it is written there."""
    # Invisible signs, such as soft hyphens, come along from web pages and PDF files; signs that
    # combine with a digit leave it as readable as it was.
    seen = "".join(sign for sign in text if unicodedata.category(sign) not in _HIDDEN)
    for match in _NUMBER.finditer(seen):
        if match["iso"]:
            century, year = match["iso"][:2], match["iso"][2:4]
            month, day = match["iso"][5:7], match["iso"][8:]
        else:
            # Without a century only 29 February 2000 depends on it: 1900 was no leap year.
            elder = any(plus in (match["sign"] or "") for plus in _PLUS)
            century = match["century"] or ("19" if elder else "20")
            year, month, day = match["year"], match["month"], match["day"]
        if not _is_date(int(century + year), int(month), int(day)):
            continue
        if control_digit(year + month + day + match["last"][:3]) == int(match["last"][3]):
            yield match[0]


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day - _COORDINATION if day > _COORDINATION else day)
    except ValueError:
        return False
    return True


def refuse_personnummer(text: str) -> None:
    """A validator. Its message shows only the beginning, for pages and logs that may be seen."""
    if number := next(found_in(str(text)), ""):
        raise ValidationError(
            "Texten innehåller något som ser ut som ett personnummer (%(start)s…). Ta bort det:"
            " ingen enskild person ska pekas ut här. Är det ett annat slags nummer? Dela upp det"
            " med mellanslag.",
            code="personnummer",
            params={"start": number[:4]},
        )
