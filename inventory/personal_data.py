"""What the inventory keeps about people: who wrote, confirmed, follows or told an idea."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from core.personal_data import LEGAL_DUTY, PUBLIC_TASK, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register
from inventory.models import (
    Adoption,
    Comment,
    DigestSetting,
    Draft,
    DraftFile,
    Echo,
    Follow,
    HowItWent,
    Idea,
    Message,
    Project,
    Submission,
)
from inventory.models.files import DraftFileQuerySet
from inventory.search import FACETS


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

# --- Confirmations --------------------------------------------------------------------------------


def _confirmed_by(person: Person) -> Iterable[Facts]:
    if person.user:
        for project in Project.objects.filter(last_confirmed_by=person.user).order_by("pk"):
            yield {"Bekräftade": project.title, "När": project.last_confirmed_at}


# Inquiries name nobody: they say how many were asked, and the history who answered.
CONFIRMATIONS = Holding(
    key="bekraftelser",
    label="Bekräftelser av uppgifter",
    whom="Den som har bekräftat att en enhets uppgifter stämmer.",
    what="Vilket konto som senast bekräftade ett projekt, och vilken dag. Dagen visas för alla.",
    purpose="Att läsare ska veta hur färska uppgifterna är, och redaktörer vem de kan fråga.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer och administratörer.",
    kept="Tills någon annan bekräftar projektet. När ett konto raderas står bara dagen kvar.",
    left=lambda: (Project.objects.exclude(last_confirmed_by=None).count(), None),
    of_person=_confirmed_by,
    order=55,
)

# --- Following ------------------------------------------------------------------------------------


def _follows_of(person: Person) -> Iterable[Facts]:
    if not person.user:
        return
    for follow in Follow.objects.filter(user=person.user).select_related("project"):
        # By its number: what it is called may be hidden from her by now.
        number = follow.project.public_id if follow.project else None
        yield {
            "Följer": f"Projekt med löpnummer {number}" if number else _chosen(follow.query),
            "Sedan": follow.created_at,
        }
    for setting in DigestSetting.objects.filter(user=person.user):
        yield {"Mejl om det": setting.get_frequency_display(), "Nästa": setting.next_on}


def _chosen(query: str) -> str:
    names = FACETS | {"q": "Sökord", "fran": "Från", "till": "Till", "ordagrant": "Ordagrant"}
    return " · ".join(
        f"{names.get(name, name)}: {', '.join(values)}" for name, values in QueryDict(query).lists()
    )


def _erase_follows_of(person: Person) -> int:
    if not person.user:
        return 0
    DigestSetting.objects.filter(user=person.user).delete()
    return Follow.objects.filter(user=person.user).delete()[0]


FOLLOWS = Holding(
    key="foljer",
    label="Det du följer",
    whom="Den som följer något.",
    what="Vilka projekt och urval du följer, sedan när, och hur ofta du vill ha mejl om det. Har du"
    " följt en sökning sparas dina sökord.",
    purpose="Att kunna mejla dig när något nytt har kommit.",
    ground=PUBLIC_TASK,
    seen_by="Bara du. I historiken står att du började eller slutade följa något, men inte vad.",
    kept="Finns kvar tills du slutar följa det, eller tills kontot raderas.",
    fields={"inventory.Follow": ("query",)},
    left=lambda: count_and_oldest(Follow.objects.all(), "created_at"),
    of_person=_follows_of,
    erase_person=_erase_follows_of,
    at_request="Det du följer, så att inga fler mejl om det skickas",
    goes_with_account=True,
    order=35,
)


# --- Ideas and needs ------------------------------------------------------------------------------


def _ideas_of(person: Person) -> Iterable[Facts]:
    if not person.user:
        return
    for idea in Idea.objects.filter(created_by=person.user).select_related("organisation"):
        yield {
            "Upplagd för": str(idea.organisation),
            "Idé eller behov": idea.title,
            "När": idea.created_at,
        }
    for echo in Echo.objects.filter(by=person.user).select_related("organisation", "idea"):
        yield {
            "”Vi också” för": str(echo.organisation),
            "Idé eller behov": echo.idea.title,
            "När": echo.created_at,
        }


def _ideas_left() -> tuple[int, Moment | None]:
    told = Idea.objects.exclude(created_by=None).count()
    return told + Echo.objects.exclude(by=None).count(), None


IDEAS = Holding(
    key="ideer",
    label="Idéer och behov",
    whom="Den som lägger upp en idé eller ett behov för sin enhet, eller säger ”vi också”.",
    what="Att det var ditt konto. Idén är enhetens, och kontakten är en funktion.",
    purpose="Att enheten och redaktionen ska kunna se vem som lade upp den.",
    ground=PUBLIC_TASK,
    seen_by="Du, redaktörer och administratörer. På sidan står bara enheten.",
    kept="Så länge du har kontot. När kontot raderas finns idén kvar, utan dig.",
    left=_ideas_left,
    of_person=_ideas_of,
    goes_with_account=True,
    order=55,
)


# --- Who wrote drafts -----------------------------------------------------------------------------

# Model → when it was last written, and who is named in it. What was typed is about no person, and
# names are cleared with the account (SET_NULL) or when the period is over, whatever comes first.
NAMED: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Draft: ("changed_at", ("created_by", "changed_by", "claimed_by")),
    Submission: ("submitted_at", ("submitted_by",)),
    Comment: ("written_at", ("written_by", "answered_by")),
    DraftFile: ("added_at", ("added_by",)),
    Adoption: ("begun_at", ("begun_by",)),
    HowItWent: ("asked_at", ("answered_by",)),
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
    for file in DraftFile.objects.filter(added_by=person.user):
        yield {"Vad": f"Bifogade en fil till utkast {file.draft_id}", "När": file.added_at}
    for adoption in Adoption.objects.filter(begun_by=person.user).select_related("unit", "project"):
        yield {
            "Vad": f"Sade att {adoption.audit_label}",
            "När": adoption.begun_at,
            "Hälsning": adoption.text,
        }
    for told in HowItWent.objects.filter(answered_by=person.user).select_related(
        "adoption__unit", "adoption__project"
    ):
        yield {
            "Vad": f"Berättade hur det gick när {told.adoption.audit_label}",
            "När": told.answered_at,
            "Svar": told.text,
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
    what="Vem som började på ett utkast, ändrade det senast, bifogade filer, lämnade in det,"
    " granskar det, kommenterade och svarade, och när.",
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

# --- Files of drafts ------------------------------------------------------------------------------


def _old_files(before: Moment) -> DraftFileQuerySet:
    """Those that were handed in and that no open draft has any longer."""
    gone = Q(removed_at__lt=before) | (Q(handed_in_at__lt=before) & ~Q(draft__state__in=Draft.OPEN))
    return DraftFile.objects.filter(gone)


DRAFT_FILES = Holding(
    key="utkasts-filer",
    label="Filer som enheter lämnar in",
    whom="Den som någon trots allt nämner i en fil.",
    what="Filerna och vad de heter. En fil ska inte peka ut någon. En fil som inte har lämnats in"
    " raderas när enheten tar bort den eller kastar utkastet.",
    purpose="Att redaktionen ska kunna läsa dem, och publicera dem med projektet. Det som har"
    " lämnats in är en allmän handling.",
    ground=LEGAL_DUTY,
    seen_by="Enhetens uppgiftslämnare och chef. När filen är inlämnad också redaktörer,"
    " registratorer och administratörer.",
    period=Period(
        days=730,
        since="att filen lämnades in och utkastet är publicerat eller avböjt, eller att enheten tog"
        " bort filen",
        due=lambda before: _old_files(before).count(),
        # What has been published stays stored: the project's own row names it.
        erase=lambda before: _old_files(before).erase(),
    ),
    fields={"inventory.DraftFile": ("name",)},
    left=lambda: count_and_oldest(DraftFile.objects.exclude(handed_in_at=None), "handed_in_at"),
    order=53,
)

register(MESSAGES, CONFIRMATIONS, FOLLOWS, IDEAS, WRITERS, DRAFT_FILES)
