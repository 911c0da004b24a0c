"""What the inventory keeps about people: those who wrote to a function."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from core.personal_data import LEGAL_DUTY, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register
from inventory.models import Message


def _older(before: Moment) -> QuerySet[Message]:
    return Message.objects.filter(received_at__lt=before, erased_at=None)


def _erase(before: Moment) -> int:
    # That there was one, about what, to whom and when, stays.
    return _older(before).update(name="", email="", text="", erased_at=timezone.now())


def _messages_of(person: Person) -> Iterable[Facts]:
    written = Message.objects.filter(email__iexact=person.email, erased_at=None)
    for message in written.select_related("project").order_by("pk"):
        yield {
            "Om": message.project.title,
            "Skickat till": message.sent_to_function,
            "När": message.received_at,
            "Ditt namn": message.name,
            "Meddelande": message.text,
        }


MESSAGES = Holding(
    key="meddelanden",
    label="Meddelanden till funktioner",
    whom="Den som skriver till en funktion från ett projekts sida.",
    what="Din e-postadress, det du skrev, ditt namn om du fyllde i det, och när det kom.",
    purpose="Att funktionen ska kunna svara dig. Meddelandet är en allmän handling.",
    ground=LEGAL_DUTY,
    seen_by="Funktionen, registratorer och administratörer. Andra kan begära att få läsa det som"
    " allmän handling.",
    period=Period(
        days=730,
        since="att meddelandet kom",
        due=lambda before: _older(before).count(),
        erase=_erase,
    ),
    fields={"inventory.Message": ("name", "email", "text")},
    left=lambda: count_and_oldest(Message.objects.filter(erased_at=None), "received_at"),
    of_person=_messages_of,
    order=50,
)

register(MESSAGES)
