"""Pages of a list whose length is known."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from django.http import QueryDict

from core.errors import NotHere


class Pages:
    """Where in a list of `count` things a visitor is; page 1 exists even when nothing does.

    `asked` is the address's own text. Raises NotHere for a page that does
    not exist or is no number.
    """

    def __init__(
        self,
        asked: str | None,
        count: int,
        per_page: int,
        address: Callable[[Callable[[QueryDict], Any]], str],
    ) -> None:
        self.count = count
        self.last = max(1, -(-count // per_page))
        self.address = address
        text = asked or "1"
        if not (text.isdecimal() and len(text) < 10 and 1 <= int(text) <= self.last):
            pages = "en sida" if self.last == 1 else f"{self.last} sidor"
            raise NotHere(
                f"Sidan ”{text[:20]}” finns inte. Listan har {pages}.",
                (address(lambda params: None), "Till listans första sida"),
            )
        self.number = int(text)
        self.start = (self.number - 1) * per_page
        self.stop = min(self.start + per_page, count)

    def address_of(self, number: int) -> str:
        """The address of a page."""

        def change(params: QueryDict) -> None:
            if number > 1:
                params["sida"] = str(number)

        return self.address(change)

    @property
    def numbers(self) -> Iterator[tuple[int | None, str]]:
        """Numbers and addresses for the pager: first, last and those around; None for a gap."""
        shown = {1, self.last} | set(range(self.number - 2, self.number + 3))
        before = 0
        for number in sorted(number for number in shown if 1 <= number <= self.last):
            if number > before + 1:
                yield None, ""
            yield number, self.address_of(number)
            before = number

    @cached_property
    def previous(self) -> str:
        """The address of the page before, or nothing."""
        return self.address_of(self.number - 1) if self.number > 1 else ""

    @cached_property
    def next(self) -> str:
        """The address of the page after, or nothing."""
        return self.address_of(self.number + 1) if self.number < self.last else ""
