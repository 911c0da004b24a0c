"""What the library keeps about those who answer, tell and propose."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet

from core.personal_data import LEGAL_DUTY, PUBLIC_TASK, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register
from library.models import Gap, GapSupport, StoryOffer, StoryQuestion, Voice

# --- Voices ---------------------------------------------------------------------------------------


def _declined_voices(before: Moment) -> Any:
    declined = Voice.objects.with_words().filter(state=Voice.State.DECLINED)
    return declined.filter(decided_at__lt=before)


VOICES = Holding(
    key="roster",
    label="Röster: ”Stämmer det här hos er?”",
    whom="Den som svarar på frågan på en sida i biblioteket.",
    what="Svaret, orden, och roll och stadsdelsområde om du valde att säga dem. Varken namn, adress"
    " eller konto.",
    purpose="Att andra ska se om det som står stämmer i verkligheten. Svaret är en allmän"
    " handling.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer, registratorer och administratörer. Alla, när redaktionen har godtagit"
    " det.",
    period=Period(
        days=365,
        since="att redaktionen avböjde svaret. Ett godtaget svar står kvar så länge det visas",
        due=lambda before: _declined_voices(before).count(),
        erase=lambda before: _declined_voices(before).forget(),
    ),
    fields={"library.Voice": ("text", "decided_reason")},
    left=lambda: count_and_oldest(
        Voice.objects.with_words().filter(state=Voice.State.DECLINED), "decided_at"
    ),
    order=56,
)

# --- Stories --------------------------------------------------------------------------------------


def _closed_stories(before: Moment) -> Any:
    return StoryOffer.objects.closed_before(before).with_words()


def _stories_of(person: Person) -> Iterable[Facts]:
    for offer in StoryOffer.objects.filter(email__iexact=person.email).order_by("pk"):
        yield {
            "Vad": offer.get_kind_display(),
            "Lämnad": offer.received_at,
            "Läge": offer.get_state_display(),
            "Rubrik": offer.title,
            "Berättelsen": offer.text,
            "Vad andra kan lära": offer.learning,
            "Under texten": offer.signature,
        }
        for question in offer.questions.exclude(text=""):
            yield {"Fråga": question.text, "Ditt svar": question.answer}


STORIES = Holding(
    key="berattelser",
    label="Berättelser",
    whom="Den som berättar om sin erfarenhet eller ett gott exempel.",
    what="Det du skrev, namnet du valde om du valde ett, och redaktionens frågor med dina svar."
    " Inte vilket konto eller vilken dator.",
    purpose="Att andra ska kunna lära av det. Det är en allmän handling tills du tar tillbaka det.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer, registratorer och administratörer, och den som har din länk. Alla, när det"
    " är publicerat.",
    period=Period(
        days=365,
        since="att berättelsen publicerades eller avböjdes. Den publicerade texten står kvar tills"
        " du tar tillbaka den; då raderas allt genast",
        due=lambda before: _closed_stories(before).count(),
        erase=lambda before: _closed_stories(before).forget(),
    ),
    fields={
        "library.StoryOffer": ("title", "text", "learning", "signature", "decided_reason"),
        "library.StoryQuestion": ("text", "answer"),
    },
    left=lambda: count_and_oldest(StoryOffer.objects.with_words(), "received_at"),
    of_person=_stories_of,
    order=57,
)


def _closed_addresses(before: Moment) -> QuerySet[StoryOffer]:
    return StoryOffer.objects.closed_before(before).exclude(email="")


def _erase_address_of(person: Person) -> int:
    return StoryOffer.objects.filter(email__iexact=person.email).update(email="")


ADDRESSES = Holding(
    key="berattelser-adress",
    label="E-postadresser till dem som har berättat",
    whom="Den som lämnar sin e-postadress när hon berättar.",
    what="E-postadressen.",
    purpose="Att kunna mejla länken till din sida och säga till om vi har en fråga.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer, registratorer och administratörer.",
    period=Period(
        days=30,
        since="att berättelsen publicerades eller avböjdes. Genast när du tar tillbaka den",
        due=lambda before: _closed_addresses(before).count(),
        erase=lambda before: _closed_addresses(before).update(email=""),
    ),
    fields={"library.StoryOffer": ("email",)},
    left=lambda: count_and_oldest(StoryOffer.objects.exclude(email=""), "received_at"),
    erase_person=_erase_address_of,
    at_request="E-postadressen vid berättelser som du har lämnat. Berättelsen tar du tillbaka med"
    " din länk",
    goes_with_account=True,
    order=57,
)

# --- Knowledge gaps -------------------------------------------------------------------------------


def _decided_gaps(before: Moment) -> Any:
    return Gap.objects.with_words().exclude(received="").filter(decided_at__lt=before)


GAPS = Holding(
    key="kunskapsluckor",
    label="Föreslagna kunskapsluckor",
    whom="Den som föreslår en kunskapslucka.",
    what="Det du skrev. Varken namn, adress eller konto.",
    purpose="Att forskningen ska få veta vad som saknas. Förslaget är en allmän handling.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer, registratorer och administratörer. Alla, när redaktionen har publicerat"
    " det.",
    period=Period(
        days=365,
        since="att redaktionen publicerade eller avböjde förslaget. Det publicerade står kvar",
        due=lambda before: _decided_gaps(before).count(),
        erase=lambda before: _decided_gaps(before).forget(),
    ),
    fields={"library.Gap": ("title", "text", "received", "decided_reason")},
    left=lambda: count_and_oldest(
        Gap.objects.with_words().exclude(received="").exclude(decided_at=None), "decided_at"
    ),
    order=58,
)


def _known_visitors(before: Moment) -> QuerySet[GapSupport]:
    return GapSupport.objects.exclude(visitor="").filter(supported_at__lt=before)


def _supports_of(person: Person) -> Iterable[Facts]:
    if person.user:
        found = GapSupport.objects.filter(user=person.user).select_related("gap")
        for support in found:
            yield {"Behöver veta": support.gap.title, "När": support.supported_at}


def _erase_supports_of(person: Person) -> int:
    return GapSupport.objects.filter(user=person.user).update(user=None) if person.user else 0


SUPPORTS = Holding(
    key="kunskapsluckor-stod",
    label="Stöd för kunskapsluckor",
    whom="Den som säger ”det behöver jag också veta”.",
    what="För den som är inloggad: kontot. För andra: en kontrollsumma av nätadress och webbläsare."
    " Den gäller en enda kunskapslucka och går inte att räkna tillbaka.",
    purpose="Att varje besökare ska räknas en gång.",
    ground=PUBLIC_TASK,
    seen_by="Ingen. Alla ser hur många det är.",
    period=Period(
        days=30,
        since="att du sade det. Att någon sade det räknas kvar, och för inloggade vilket konto",
        due=lambda before: _known_visitors(before).count(),
        erase=lambda before: _known_visitors(before).update(visitor=""),
    ),
    fields={"library.GapSupport": ("visitor",)},
    left=lambda: count_and_oldest(GapSupport.objects.exclude(visitor=""), "supported_at"),
    of_person=_supports_of,
    erase_person=_erase_supports_of,
    at_request="Vilka kunskapsluckor du har sagt att du behöver veta mer om",
    goes_with_account=True,
    order=58,
)

# --- Who decided ----------------------------------------------------------------------------------

# Model → when it was, and who is named in it.
NAMED: dict[type[Model], tuple[str, str]] = {
    Voice: ("decided_at", "decided_by"),
    StoryOffer: ("decided_at", "decided_by"),
    StoryQuestion: ("asked_at", "asked_by"),
    Gap: ("decided_at", "decided_by"),
}


def _named(before: Moment | None = None) -> Iterable[tuple[QuerySet[Any], str, str]]:
    for model, (moment, name) in NAMED.items():
        found = model._default_manager.exclude(**{name: None})
        yield found.filter(**{f"{moment}__lt": before}) if before else found, moment, name


def _decisions_left() -> tuple[int, Moment | None]:
    counted = [count_and_oldest(rows, moment) for rows, moment, _ in _named()]
    moments = [oldest for _, oldest in counted if oldest]
    return sum(count for count, _ in counted), min(moments, default=None)


def _decisions_of(person: Person) -> Iterable[Facts]:
    if person.user:
        for model, (moment, name) in NAMED.items():
            for each in model._default_manager.filter(Q(**{name: person.user})).order_by("pk"):
                told = getattr(each, "audit_label", str(each))
                yield {"Vad": f"Tog ställning till {told}", "När": getattr(each, moment)}


DECISIONS = Holding(
    key="roster-beslut",
    label="Vem som har tagit ställning till röster och berättelser",
    whom="Den som på redaktionen godtar, avböjer eller frågar.",
    what="Vilket konto som bestämde eller frågade, och när.",
    purpose="Att redaktionen och registratorn ska kunna se vem som bestämde.",
    ground=LEGAL_DUTY,
    seen_by="Redaktörer, registratorer och administratörer.",
    period=Period(
        days=730,
        since="beslutet eller frågan",
        due=lambda before: sum(rows.count() for rows, _, _ in _named(before)),
        erase=lambda before: sum(
            rows.order_by().update(**{name: None}) for rows, _, name in _named(before)
        ),
    ),
    left=_decisions_left,
    of_person=_decisions_of,
    goes_with_account=True,
    order=59,
)

register(VOICES, STORIES, ADDRESSES, GAPS, SUPPORTS, DECISIONS)
