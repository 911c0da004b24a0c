"""Public records (handlingar) that a registrar hands out, with the reference number of the errand.

    records.register(Series("historik", "Historik", COLUMNS, rows))      # in AppConfig.ready

Each room registers the series that it keeps. What was handed out, and to which errand, is itself
told in the history.
"""

import datetime
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from core import export
from core.models import AuditEntry

KIND, VERB = "people.records", "utlämnad"
IN_MEMORY = 1_000_000  # bytes; what is longer waits in a file without a name

CSV, JSON = "csv", "json"
FORMATS = {CSV: "CSV, för kalkylprogram", JSON: "JSON, för program"}


@dataclass(frozen=True)
class Series:
    """A series of public records that a registrar hands out.

    `rows` takes the first and last day (inclusive, either may be open) and gives the records oldest
    first, a few at a time.
    """

    key: str
    label: str
    columns: tuple[str, ...]
    rows: Callable[[datetime.date | None, datetime.date | None], Iterable[Sequence[Any]]]


all_series: dict[str, Series] = {}


def register(series: Series) -> None:
    """Let registrars hand out this series."""
    all_series[series.key] = series


@dataclass(frozen=True)
class Errand:
    """What somebody asked for: which records of which days, and the errand's reference number."""

    series: Series
    reference: str
    first: datetime.date | None = None
    last: datetime.date | None = None
    form: str = CSV

    @property
    def filename(self) -> str:
        """Named by the series and the reference number."""
        number = slugify(re.sub(r"[\W_]+", "-", self.reference))
        return f"{self.series.key}-{number}.{self.form}"


def hand_out(*, errand: Errand, by: Any) -> IO[bytes]:
    """The file, complete, ready to be sent. Its reader closes it.

    Side effect: history (reference number, series, days, count and the file's sha256), written
    before anything is sent. The file is made first, outside the transaction: SQLite would let
    nobody write meanwhile.
    """
    with ExitStack() as until_told:
        file = until_told.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        digest, counted = hashlib.sha256(), Counted(errand)
        for text in counted.parts():
            data = text.encode()
            digest.update(data)
            file.write(data)
        file.seek(0)
        tell(errand=errand, count=counted.count, digest=digest.hexdigest(), by=by)
        until_told.pop_all()
    return file


@transaction.atomic
def tell(*, errand: Errand, count: int, digest: str, by: Any) -> None:
    """Tell the history what was handed out."""
    told = {
        "från och med": str(errand.first or ""),
        "till och med": str(errand.last or ""),
        "antal": str(count),
        "fil": errand.filename,
        "sha256": digest,
    }
    AuditEntry.note(
        VERB,
        about=(KIND, errand.series.key, errand.series.label),
        by=by,
        reason=errand.reference,
        changes={name: ["", value] for name, value in told.items() if value},
    )


class Counted:
    """The text of a file, piece by piece, and how many records it held."""

    def __init__(self, errand: Errand) -> None:
        self.errand = errand
        self.count = 0

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Each record by column."""
        series = self.errand.series
        for row in series.rows(self.errand.first, self.errand.last):
            self.count += 1
            yield {name: plain(value) for name, value in zip(series.columns, row, strict=True)}

    def parts(self) -> Iterator[str]:
        """The file in its format."""
        if self.errand.form == CSV:
            flat = ({name: flat_text(value) for name, value in row.items()} for row in self.rows())
            return export.csv_lines(self.errand.series.columns, flat)
        head = {
            "serie": self.errand.series.label,
            "diarienummer": self.errand.reference,
            "fran": plain(self.errand.first),
            "till": plain(self.errand.last),
            "utlamnad": plain(timezone.now()),
        }
        return export.json_parts(head, "handlingar", self.rows())


def plain(value: Any) -> Any:
    """A value as JSON can hold it; moments in the portal's time."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return str(value)


def flat_text(value: Any) -> Any:
    """A value that fits in a cell."""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def handed_out() -> QuerySet[AuditEntry]:
    """What has been handed out, the latest first."""
    lines = AuditEntry.objects.filter(app_model=KIND, verb=VERB).select_related("by")
    return lines.order_by("-pk")
