"""Parts of addresses."""


class NumberConverter:
    """A number that any database can hold: one to nine digits, none leading zero."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)
