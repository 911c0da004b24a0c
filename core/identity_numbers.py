"""Personnummer and samordningsnummer in what people type."""

import datetime
import re

from django.core.exceptions import ValidationError

# YYMMDD-NNNC or YYYYMMDDNNNC, with or without sign or space, not inside a longer number.
_PATTERN = re.compile(r"(?<!\d)(?:19|20)?(\d{2})(\d{2})(\d{2})[-+\s]?(\d{3})(\d)(?!\d)")

MESSAGE = (
    "Texten innehåller ett personnummer. Ta bort det: skriv inget som pekar ut en enskild person."
)


def _checks(digits: str) -> bool:
    """Whether the last digit is the Luhn control digit of the nine before it.

    Source: folkbokföringslagen (1991:481) 18 §; the algorithm in SKV 704.
    """
    total = 0
    for place, digit in enumerate(digits):
        value = int(digit) * (2 - place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0


def _is_date(month: str, day: str) -> bool:
    """Whether it is a day; a samordningsnummer has 60 added to the day."""
    number = int(day)
    try:
        # 2000 is a leap year: 29 February passes for any year, which errs on the careful side.
        datetime.date(2000, int(month), number - 60 if number > 60 else number)
    except ValueError:
        return False
    return True


def holds_identity_number(text: str) -> bool:
    """Whether the text holds a personnummer or samordningsnummer with a right control digit."""
    return any(
        _is_date(month, day) and _checks(year + month + day + serial + control)
        for year, month, day, serial, control in _PATTERN.findall(text)
    )


def refuse_identity_numbers(text: str) -> None:
    """A validator for fields of free text; raises ValidationError with what to do."""
    if holds_identity_number(text):
        raise ValidationError(MESSAGE, code="identity_number")
