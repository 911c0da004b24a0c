"""Units that have been asked whether their entries are true, and have not answered."""

from dataclasses import dataclass

from django.db.models import Count

from core.text import sort_key
from inventory.models import Inquiry, InquiryEntry
from inventory.search import districts_of
from people.models import Organisation

NO_DISTRICT = "Utan stadsdelsområde"


@dataclass(frozen=True)
class Silence:
    """An open inquiry as curators see it."""

    inquiry: Inquiry
    district: str
    asked: int
    waiting: int

    @property
    def state(self) -> str:
        """How far it has come, in a few words."""
        if self.inquiry.recipients == Inquiry.Recipients.NOBODY:
            return "Ingen att fråga"
        if self.inquiry.is_silent:
            return "Tyst"
        return "Påmind" if self.inquiry.reminders else "Frågad"

    @property
    def sent_to(self) -> str:
        """Whom the last mail went to: never a person's name."""
        if self.inquiry.recipients == Inquiry.Recipients.MAILBOX:
            return f"Funktionsbrevlåda: {self.inquiry.sent_to}"
        return self.inquiry.sent_to


def silences() -> list[Silence]:
    """Open inquiries, district by district in alphabetical order, those asked longest ago first."""
    waiting = InquiryEntry.objects.waiting().order_by().values("inquiry").annotate(n=Count("pk"))
    left = dict(waiting.values_list("inquiry", "n"))
    found = Inquiry.objects.open().select_related("unit").annotate(asked=Count("entries"))
    inquiries = list(found.order_by("asked_at", "pk"))
    districts = districts_of({inquiry.unit_id for inquiry in inquiries})
    rows = [
        Silence(
            inquiry,
            _today(districts.get(inquiry.unit_id, [])),
            inquiry.asked,
            left.get(inquiry.pk, 0),
        )
        for inquiry in inquiries
    ]
    return sorted(rows, key=lambda row: (row.district == NO_DISTRICT, sort_key(row.district)))


def _today(districts: list[Organisation]) -> str:
    """The district that a unit belongs to today; of one that is over, the last known."""
    if not districts:
        return NO_DISTRICT
    return max(districts, key=lambda district: (district.is_current, district.sort_key)).label
