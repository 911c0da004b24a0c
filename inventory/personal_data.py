"""What the inventory keeps about people: who wrote to a function, and who wrote drafts."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from core.personal_data import LEGAL_DUTY, PUBLIC_TASK, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register
from inventory.models import Comment, Draft, Message, Submission


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

# --- Who wrote drafts -----------------------------------------------------------------------------

# Model → when it was last written, and who is named in it. What was typed is about no person, and
# names are cleared with the account (SET_NULL) or when the period is over, whatever comes first.
NAMED: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Draft: ("changed_at", ("created_by", "changed_by", "claimed_by")),
    Submission: ("submitted_at", ("submitted_by",)),
    Comment: ("written_at", ("written_by", "answered_by")),
}


def _named(model: type[Model]) -> QuerySet[Any]:
    someone = Q()
    for name in NAMED[model][1]:
        someone |= Q(**{f"{name}__isnull": False})
    return model._default_manager.filter(someone)


def _old_named(before: Moment) -> Iterable[tuple[QuerySet[Any], tuple[str, ...]]]:
    for model, (moment, names) in NAMED.items():
        found = _named(model).filter(**{f"{moment}__lt": before})
        # Who works on something now is not forgotten, however long it takes.
        yield (found.exclude(state__in=Draft.OPEN) if model is Draft else found), names


def _forget_names(before: Moment) -> int:
    return sum(rows.order_by().update(**dict.fromkeys(names)) for rows, names in _old_named(before))


def _names_left() -> tuple[int, Moment | None]:
    found = [count_and_oldest(_named(model), NAMED[model][0]) for model in NAMED]
    moments = [oldest for _, oldest in found if oldest]
    return sum(count for count, _ in found), min(moments, default=None)


def _drafts_of(person: Person) -> Iterable[Facts]:
    if not person.user:
        return
    wrote = Draft.objects.filter(Q(created_by=person.user) | Q(changed_by=person.user))
    for draft in wrote.select_related("unit").order_by("pk"):
        yield {"Vad": f"Skrev i {draft.audit_label}", "När": draft.changed_at}
    for draft in Draft.objects.filter(claimed_by=person.user).select_related("unit").order_by("pk"):
        yield {"Vad": f"Granskar {draft.audit_label}", "När": draft.submitted_at}
    for sent in Submission.objects.filter(submitted_by=person.user):
        yield {"Vad": f"Lämnade in utkast {sent.draft_id}", "När": sent.submitted_at}
    for said in Comment.objects.filter(written_by=person.user):
        yield {
            "Vad": f"Kommenterade utkast {said.draft_id}",
            "När": said.written_at,
            "Kommentar": said.text,
        }
    for said in Comment.objects.filter(answered_by=person.user):
        yield {
            "Vad": f"Svarade på en kommentar till utkast {said.draft_id}",
            "När": said.answered_at,
            "Svar": said.answer,
        }


WRITERS = Holding(
    key="utkast",
    label="Vem som har skrivit, lämnat in och granskat",
    whom="Den som skriver och lämnar in för en enhet, och den som granskar det.",
    what="Vem som började på ett utkast, ändrade det senast, lämnade in det, granskar det,"
    " kommenterade och svarade, och när.",
    purpose="Att de som skriver tillsammans ska se vem som ändrade, och att den som skrev ska få"
    " veta hur det går.",
    ground=PUBLIC_TASK,
    seen_by="Enhetens uppgiftslämnare och chef, redaktörer, registratorer och administratörer.",
    period=Period(
        days=730,
        since="att utkastet senast ändrades och är klart, eller att inlämningen eller kommentaren"
        " gjordes",
        due=lambda before: sum(rows.count() for rows, _ in _old_named(before)),
        erase=_forget_names,
    ),
    left=_names_left,
    of_person=_drafts_of,
    goes_with_account=True,
    order=52,
)

register(MESSAGES, WRITERS)
