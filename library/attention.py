"""What somebody ought to see to in the library."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from library.link_checks import TIMES_UNTIL_TOLD
from library.models import Draft, Instrument, Item, ItemFile, Method

MOST_SHOWN = 50
UNTOUCHED = datetime.timedelta(days=30)
# So long a worker may take before somebody should ask why.
READ_WITHIN = datetime.timedelta(hours=3)


@dataclass(frozen=True)
class Row:
    """One thing: what it is called, where it is put right, and what is wrong."""

    title: str
    address: str
    told: str = ""


@dataclass(frozen=True)
class Heap:
    """Things with the same trouble: the first of them, and how many there are."""

    key: str
    label: str
    told: str
    count: int
    rows: list[Row]


def _standing() -> QuerySet[Item]:
    return Item.objects.published().filter(withdrawn_at=None)


def _revise(thing: Item | Method | Instrument) -> str:
    subject = {Item: "post", Method: "metod", Instrument: "instrument"}[type(thing)]
    return reverse("library:revise", args=[subject, thing.pk])


def overdue() -> QuerySet[Item]:
    """Items whose day of review has passed."""
    return _standing().filter(review_due__lt=timezone.localdate()).order_by("review_due", "pk")


def broken_links() -> QuerySet[Item]:
    """Items whose link has not answered, several times."""
    return (
        _standing()
        .filter(
            link_check__is_broken=True,
            link_check__url=F("url"),
            link_check__times_broken__gte=TIMES_UNTIL_TOLD,
        )
        .select_related("link_check")
        .order_by("pk")
    )


def troubled_files() -> QuerySet[ItemFile]:
    """Files that could not be read, have no text, or have waited too long."""
    waited = Q(
        reading=ItemFile.Reading.WAITING,
        added_at__lt=timezone.now() - READ_WITHIN,
        item__withdrawn_at=None,
    )
    states = (ItemFile.Reading.FAILED, ItemFile.Reading.NO_TEXT)
    shown = Q(item__isnull=False, item__taken_back_at=None) | Q(draft__state=Draft.State.WRITING)
    return (
        ItemFile.objects.filter(Q(reading__in=states) | waited)
        .filter(shown)
        .select_related("item", "draft")
        .order_by("pk")
    )


def untouched_drafts() -> QuerySet[Draft]:
    """Drafts that nobody has written in for a month."""
    before = timezone.now() - UNTOUCHED
    return Draft.objects.open().filter(changed_at__lt=before).order_by("changed_at")


def heaps() -> list[Heap]:
    """All that somebody ought to see to, heap by heap, also those with nothing in them."""
    lacking: list[tuple[int, Iterable[Item | Method | Instrument]]] = [
        (found.count(), found[:MOST_SHOWN])
        for found in (
            _standing().filter(plain_summary="").order_by("pk"),
            Method.objects.filter(plain_summary=""),
            Instrument.objects.filter(plain_summary=""),
        )
    ]
    late, links, files, drafts = overdue(), broken_links(), troubled_files(), untouched_drafts()
    return [
        Heap(
            "granskas",
            "Ska granskas",
            "Dagen då någon skulle läsa posten igen har passerat.",
            late.count(),
            [
                Row(item.title, _revise(item), f"Skulle granskas senast {item.review_due}.")
                for item in late[:MOST_SHOWN]
            ],
        ),
        Heap(
            "latt-svenska",
            "Saknar ”Kort på lätt svenska”",
            "Det som de flesta läser.",
            sum(count for count, _ in lacking),
            [Row(str(thing), _revise(thing)) for _, found in lacking for thing in found][
                :MOST_SHOWN
            ],
        ),
        Heap(
            "filer",
            "Filer utan text, eller som inte gick att läsa",
            "De går att hämta, men inte att söka i eller lyssna på.",
            files.count(),
            [_file_row(file) for file in files[:MOST_SHOWN]],
        ),
        Heap(
            "lankar",
            "Länkar som inte svarar",
            "Prövade minst två gånger.",
            links.count(),
            [
                Row(item.title, _revise(item), f"{item.url}: {item.link_check.told}")
                for item in links[:MOST_SHOWN]
            ],
        ),
        Heap(
            "utkast",
            "Utkast som ingen har rört på 30 dagar",
            "Skriv färdigt eller kasta.",
            drafts.count(),
            [
                Row(draft.title, reverse("library:draft", args=[draft.pk]))
                for draft in drafts[:MOST_SHOWN]
            ],
        ),
    ]


def _file_row(file: ItemFile) -> Row:
    told = str(file.get_trouble_display() or file.get_reading_display())
    if file.draft:
        return Row(file.title, reverse("library:draft-files", args=[file.draft.pk]), told)
    assert file.item is not None  # noqa: S101 - a constraint says so
    return Row(file.title, _revise(file.item), f"{file.item.title}. {told}")
