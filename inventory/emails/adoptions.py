"""Letters about doing likewise: to who did it first, and to the unit that is asked later."""

from django.urls import reverse

from core import mail
from inventory import rules
from inventory.emails.drafts import members
from inventory.emails.relays import for_subject, function_of, relay_of
from inventory.models import Adoption, HowItWent
from people.models import Membership, audiences_of


def _about_adoption(adoption: Adoption, template: str, **told: object) -> None:
    """To the function of the project that is followed; answered to the unit's."""
    ours = function_of(adoption.unit)
    mail.write(
        to=relay_of(adoption.project).address,
        reply_to=ours.address,
        template=f"inventory/letters/{template}.html",
        context={
            "adoption": adoption,
            "title": for_subject(adoption.project.title),
            "address": adoption.project.get_absolute_url(),
            "ours": ours,
            **told,
        },
        purpose=template.replace("_", "-"),
    )


def adoption_told(adoption: Adoption) -> None:
    """Tell the owner that a unit wants to do likewise, with what it writes."""
    _about_adoption(adoption, "adoption_told")


def adoption_answered(question: HowItWent) -> None:
    """Tell the owner how it went."""
    _about_adoption(question.adoption, "adoption_answered", question=question)


def adoption_asked(question: HowItWent) -> None:
    """Ask the unit's reporters, else its managers, else its function, how it went.

    A project that has been hidden meanwhile from who is asked is not named to her.
    """
    adoption = question.adoption
    asked = members(adoption.unit, Membership.Role.REPORTER) or members(
        adoption.unit, Membership.Role.MANAGER
    )
    whom = [(user.email, audiences_of(user)) for user in asked]
    if not whom:
        unit = adoption.unit
        whom = [(function_of(unit).address, rules.audiences_within(unit))]
    for address, audiences in whom:
        project = adoption.project_shown_to(audiences)
        mail.write(
            to=address,
            template="inventory/letters/adoption_asked.html",
            context={
                "question": question,
                "adoption": adoption,
                "project": project,
                "title": for_subject(project.title) if project else "",
                "address": reverse("inventory:how-it-went", args=[question.pk]),
            },
            purpose="adoption-asked",
        )
