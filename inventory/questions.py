"""What a unit is asked about a project, in steps, in its own words; the form's fields follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from inventory.models import Project

When = Literal["", "project", "ended"]


@dataclass(frozen=True)
class Question:
    """One question: its fields, its words, and an example of an answer."""

    key: str
    label: str
    help: str = ""
    example: str = ""
    fields: tuple[str, ...] = ()
    more: bool = False  # stands behind "Lägg till mer"
    when: When = ""  # asked only of projects, or of what has ended

    @property
    def names(self) -> tuple[str, ...]:
        """The form fields that answer it."""
        return self.fields or (self.key,)


@dataclass(frozen=True)
class Step:
    """Some questions on one page."""

    key: str
    label: str
    questions: tuple[Question, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The form fields of the page."""
        return tuple(name for question in self.questions for name in question.names)


# Rows of their own forms stand in a question by these names.
MEASURES, LINKS, PARTNERS = "measures", "links", "partners"

STEPS = (
    Step(
        "vad",
        "Vad",
        (
            Question(
                "kind", "Vad är det?", "En verksamhet pågår tills vidare, ett projekt tar slut."
            ),
            Question(
                "title",
                "Vad heter det?",
                "Ett namn som säger vad det är.",
                "Kvällsöppet boendestöd i Farsta",
            ),
            Question(
                "plain_summary",
                "Berätta kort, på lätt svenska",
                "2–4 meningar som en brukare eller anhörig förstår: vem, vad, vad det ledde till.",
                "Boendestödet kommer också på kvällen. Då är det flera som sover bättre.",
            ),
            Question(
                "status",
                "Hur är läget, och när började det?",
                "Så mycket du vet: 2026, 2026-09 eller 2026-09-01. Slutet fylls i när det är slut.",
                fields=("status", "start_date", "end_date"),
            ),
            Question(
                "visibility",
                "Vem ska kunna läsa?",
                "Är det öppet hjälper det fler. Telefon och brevlåda ser bara inloggad personal.",
                fields=("visibility", "embargo_until"),
                more=True,
            ),
            Question(
                "co_owners",
                "Vilka andra äger det?",
                "Välj de enheter eller förvaltningar som äger det tillsammans med er.",
                more=True,
            ),
            Question("reference_number", "Diarienummer", example="2.1.1-123/2026", more=True),
        ),
    ),
    Step(
        "for-vem",
        "För vem",
        (
            Question(
                "need",
                "Vilket behov möter det?",
                "Vad såg ni, och hur vet ni det?",
                "Många ringde jouren på kvällen, fast det de saknade var någon att prata med.",
            ),
            Question("target_groups", "Vilka är det till för?"),
            Question(
                "themes",
                "Vad handlar det om?",
                "Välj det som passar bäst, helst högst tre teman.",
                fields=("themes", "service_areas"),
            ),
            Question("interventions", "Vilken insats är det?"),
            Question(
                "reach_planned",
                "Hur många ska det nå?",
                "Antal personer per år, eller under projektet.",
                "25",
                more=True,
            ),
            Question(
                "rationale",
                "Varför bör det fungera?",
                "Forskning, erfarenhet eller något som ni har sett hos andra.",
                more=True,
            ),
        ),
    ),
    Step(
        "hur",
        "Hur",
        (
            Question(
                "activities",
                "Vad gör ni?",
                "Berätta så att någon annan kan göra likadant. Rader som börjar med ett"
                " bindestreck blir en lista.",
                "Två boendestödjare arbetar kl. 16–21, måndag till torsdag. De ringer först.",
            ),
            Question(
                "user_involvement",
                "Hur är brukare och anhöriga med?",
                "Inte bara som deltagare: i planering, beslut och uppföljning.",
                fields=("user_involvement", "user_involvement_text"),
            ),
            Question("methods", "Vilka metoder använder ni?", more=True),
            Question("instruments", "Vilka instrument använder ni?", more=True),
            Question(
                "staff_roles",
                "Vilka utför det?",
                "Yrken och utbildning, inga namn.",
                "Två boendestödjare med utbildning i motiverande samtal.",
                more=True,
            ),
            Question(
                "setting", "Var?", example="Hemma hos den enskilde, och på träfflokalen.", more=True
            ),
            Question(
                "dose",
                "Hur mycket och hur ofta?",
                example="En timme, två gånger i veckan.",
                more=True,
            ),
            Question(
                "adaptations",
                "Vad har ni anpassat?",
                "Sådant som ni gör annorlunda än andra.",
                more=True,
            ),
            Question(
                PARTNERS,
                "Vilka medverkar?",
                "Organisationer som är med utan att äga det.",
                more=True,
            ),
            Question(
                "research_link",
                "Är forskning knuten till det?",
                "Lärosäte eller FoU-enhet, och vad de gör.",
                more=True,
            ),
        ),
    ),
    Step(
        "resultat",
        "Resultat",
        (
            Question("evaluation", "Hur följer ni upp det?"),
            Question(
                MEASURES,
                "Mål och mått",
                "Minst ett för ett projekt. Ett enkelt mått som ni följer är bättre än många.",
                "Mål: färre kvällssamtal till jouren. Mått: samtal per vecka. Före: 12. Nu: 7.",
                when="project",
            ),
            Question(
                "results",
                "Vad har det lett till?",
                "Också det som bara har börjat synas.",
                more=True,
                when="ended",
            ),
            Question(
                "what_failed",
                "Vad fungerade inte?",
                "Det här är det som andra lär sig mest av. Skriv om arbetet, inte om personer.",
                more=True,
                when="ended",
            ),
            Question("advice", "Vad vill ni råda nästa att göra?", more=True, when="ended"),
            Question(
                "continuation",
                "Vad hände sedan?",
                "Fortsätter något av det? Vem tog över?",
                more=True,
                when="ended",
            ),
            Question(
                "reach_actual", "Hur många nådde det?", "Antal personer.", more=True, when="ended"
            ),
            Question(
                "cost_total",
                "Vad kostar det?",
                "Hela kronor, utan decimaler. Årlig drift om det pågår.",
                fields=("cost_total", "running_cost", "funding"),
                more=True,
            ),
            Question(
                LINKS,
                "Rapporter och länkar",
                "Adresser till sådant som ni har publicerat.",
                more=True,
            ),
        ),
    ),
    Step(
        "kontakt",
        "Kontakt",
        (
            Question(
                "contact_function",
                "Vem svarar på frågor?",
                "En funktion, inte en person. Telefon och brevlåda ser bara inloggad personal.",
                "Samordnaren för boendestödet",
                fields=("contact_function", "contact_phone", "contact_email"),
            ),
        ),
    ),
)
BY_KEY = {step.key: step for step in STEPS}

# What stands before "Lägg till mer" is answered in ten minutes.
MOST_FIRST = 12


def questions() -> Iterator[Question]:
    """All of them, in order."""
    for step in STEPS:
        yield from step.questions


def question_of(name: str) -> Question | None:
    """The question that a form field answers, also one in a row of its own form."""
    row = name.partition("-")[0]
    return next((each for each in questions() if name in each.names or row in each.names), None)


def step_of(question: Question) -> Step:
    """The page that it stands on."""
    return next(step for step in STEPS if question in step.questions)


def is_asked(question: Question, kind: str, status: str) -> bool:
    """Whether it must be answered before something of this kind and status is published."""
    if question.when == "project":
        return kind == Project.Kind.PROJECT
    if question.when == "ended":
        return status in {Project.Status.ENDED, Project.Status.CLOSED}
    return not question.more
