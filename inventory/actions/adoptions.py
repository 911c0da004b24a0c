""" "Vi vill göra likadant": said, told to the owner, and asked about later."""

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from core.payloads import Payload
from inventory import emails
from inventory.actions.drafts import begin
from inventory.models import Adoption, Draft, HowItWent, Project
from inventory.models.adoptions import months_after
from people.models import Organisation, User

# Asked about in one run; the rest the next day.
BATCH = 200


@transaction.atomic
def adopt(
    *, project: Project, unit: Organisation, text: str, payload: Payload, by: User
) -> tuple[Adoption, bool]:
    """Let a unit do as a project did; also whether that is new. A unit says it once.

    Side effects: history; a draft of the unit's with what can be reused; a mail to the project's
    function, which is answered to the unit's.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    if there := Adoption.objects.filter(project=project, unit=unit).first():
        return there, False
    draft = begin(
        unit=unit,
        payload=payload,
        by=by,
        key=f"likadant-{project.pk}-{unit.pk}",
        inspired_by=[project],
    )
    Draft.objects.filter(pk=draft.pk).update(choice=Draft.Choice.ADAPT)
    adoption = Adoption.objects.create(
        project=project, unit=unit, draft=draft, text=text, begun_by=by
    )
    AuditEntry.record("vill göra likadant", adoption, by=by)
    emails.adoption_told(adoption)
    return adoption, True


def ask_adopters() -> int:
    """Ask units how it went, half a year and a year after they said so; returns how many.

    Each is a transaction of its own, and what is asked is asked once (`how_it_went_once`).
    """
    today, asked = timezone.localdate(), 0
    for months in reversed(Adoption.ASKED_AFTER):
        # Who is asked after a year is not asked about the half as well.
        later = [each for each in Adoption.ASKED_AFTER if each >= months]
        waiting = Adoption.objects.exclude(answers__months__in=later)
        for adoption in waiting.select_related("project", "unit").order_by("pk"):
            if months_after(timezone.localdate(adoption.begun_at), months) <= today:
                asked += ask_how_it_went(adoption=adoption, months=months)
                if asked >= BATCH:
                    return asked
    return asked


@transaction.atomic
def ask_how_it_went(*, adoption: Adoption, months: int) -> bool:
    """Ask a unit, once for each time; False when it was asked. Side effects: history, mail."""
    question, new = HowItWent.objects.get_or_create(adoption=adoption, months=months)
    if new:
        AuditEntry.record("frågad hur det gick", adoption, by=None)
        emails.adoption_asked(question)
    return new


@transaction.atomic
def answer_how_it_went(*, question: HowItWent, answer: str, text: str, by: User) -> None:
    """Keep a unit's answer, which can be changed. Side effects: history, mail to the owner.

    The owner is told the first time.
    """
    first = question.answered_at is None
    question.answer, question.text = answer, text
    question.answered_at, question.answered_by = timezone.now(), by
    question.save()
    AuditEntry.record("berättade hur det gick", question.adoption, by=by)
    if first:
        emails.adoption_answered(question)
