""" "Vi vill göra likadant": said once, told to the owner, asked about twice."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError

from core.models import AuditEntry, Mail
from inventory import actions
from inventory.models import Adoption, Draft, HowItWent, Project
from inventory.models.adoptions import months_after
from people import roles
from people.models import Organisation
from tests.factories import (
    make_curator,
    make_district,
    make_organisation,
    make_project,
    make_unit,
    make_writer,
)
from tests.people.test_roles import somebody
from tests.reading import page

pytestmark = pytest.mark.django_db

BEGUN = datetime.datetime(2026, 3, 31, 9, tzinfo=datetime.UTC)


@pytest.fixture
def project():
    return make_project(
        title="Kvällsstöd",
        lead=make_district("Bromma"),
        contact_email="bromma@example.org",
        themes=["Boende"],
    )


@pytest.fixture
def unit():
    unit = make_unit("Träffpunkten", make_district("Farsta"))
    unit.contact_function, unit.contact_email = "Samordnaren", "traff@example.org"
    unit.save()
    return unit


@pytest.fixture
def reporter(client, unit):
    user = make_writer(unit, email="skribent@example.org")
    client.force_login(user)
    return user


def address(project) -> str:
    return f"{project.get_absolute_url()}gor-likadant/"


def adopted(project, unit, reporter) -> Adoption:
    made, _ = actions.adopt(project=project, unit=unit, text="Hej.", payload={}, by=reporter)
    return made


def letters() -> list[tuple[str, str, str]]:
    return list(Mail.objects.order_by("pk").values_list("to", "reply_to", "subject"))


def test_saying_it_writes_to_the_owner_and_begins_a_draft(client, project, unit, reporter):
    response = client.post(address(project), {"unit": unit.pk, "text": "Hur började ni?"})
    draft = Draft.objects.get()
    assert response.headers["Location"] == f"/inventering/lamna-in/{draft.pk}/"
    assert draft.unit == unit
    assert draft.payload["title"] == ["Kvällsstöd"]
    assert draft.payload["themes"] == [str(project.themes.get().pk)]
    assert draft.payload["activities"] == [project.activities]
    assert "results" not in draft.payload
    assert list(draft.inspired_by.all()) == [project]
    assert letters() == [
        (
            "bromma@example.org",
            "traff@example.org",
            "Träffpunkten vill göra som ni: Kvällsstöd",
        )
    ]
    assert "Hur började ni?" in Mail.objects.get().text
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["påbörjat", "vill göra likadant"]


def test_saying_it_twice_is_saying_it_once(client, project, unit, reporter):
    for _ in range(2):
        response = client.post(address(project), {"unit": unit.pk, "text": ""})
        assert response.status_code == 302
    assert (Adoption.objects.count(), Draft.objects.count(), len(letters())) == (1, 1, 1)


def test_the_project_leads_there_for_who_is_signed_in(client, project, reporter):
    assert f'href="{address(project)}"' in page(client, project.get_absolute_url())
    client.logout()
    assert f'href="{address(project)}"' not in page(client, project.get_absolute_url())


def test_a_unit_that_is_not_ones_own_is_told_at_the_field(client, project, reporter):
    other = make_unit("Annan", make_district("Farsta"))
    response = client.post(address(project), {"unit": other.pk, "text": "Det jag skrev"})
    assert response.status_code == 422
    assert "Välj en av dina enheter i listan." in response.content.decode()
    assert "Det jag skrev" in response.content.decode()


def test_what_is_hidden_is_not_found(client, unit):
    client.force_login(make_writer(unit, email="utanfor@example.net", is_city_staff=False))
    hidden = make_project(lead=make_district("Bromma"), visibility="personal")
    assert client.get(address(hidden)).status_code == 404


WRITERS = {roles.Reporter, roles.UnitManager}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_only_who_writes_for_a_unit_may(client, project, unit, role):
    question = HowItWent.objects.create(adoption=adopted(project, unit, None), months=6)
    if user := somebody(role, unit):
        client.force_login(user)
    said = client.get(address(project)).status_code
    told = client.get(f"/inventering/lamna-in/likadant/{question.pk}/").status_code
    if user is None:
        assert (said, told) == (302, 302)
    else:
        assert (said, told) == ((200, 200) if role in WRITERS else (403, 404))


# --- How it went ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-03-31", 6, "2026-09-30"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-15", 12, "2027-12-15"),
        ("2026-06-30", 6, "2026-12-30"),
    ],
)
def test_months_later_is_the_same_day_or_the_last(day, months, later):
    assert months_after(datetime.date.fromisoformat(day), months) == datetime.date.fromisoformat(
        later
    )


def asked_on(day: str) -> int:
    with time_machine.travel(f"{day}T10:00Z", tick=False):
        return actions.ask_adopters()


def test_the_unit_is_asked_after_half_a_year_and_after_a_year_once_each(project, unit, reporter):
    with time_machine.travel(BEGUN, tick=False):
        adopted(project, unit, reporter)
    Mail.objects.all().delete()
    asked = [asked_on(day) for day in ("2026-09-29", "2026-09-30", "2026-10-01")]
    assert asked == [0, 1, 0]
    assert letters() == [("skribent@example.org", "", "Hur gick det? Kvällsstöd")]
    assert [asked_on(day) for day in ("2027-03-30", "2027-03-31", "2027-04-01")] == [0, 1, 0]
    assert len(letters()) == 2


def test_a_portal_that_stood_still_for_a_year_asks_once(project, unit, reporter):
    with time_machine.travel(BEGUN, tick=False):
        adopted(project, unit, reporter)
    assert [asked_on("2027-06-01") for _ in range(2)] == [1, 0]
    assert list(HowItWent.objects.values_list("months", flat=True)) == [12]


def test_without_reporters_the_function_is_asked(project, unit):
    with time_machine.travel(BEGUN, tick=False):
        adopted(project, unit, None)
    Mail.objects.all().delete()
    asked_on("2026-09-30")
    assert [to for to, *_ in letters()] == ["traff@example.org"]


def hide(project, how: str) -> None:
    if how == "withdrawn":
        actions.withdraw(project=project, reason="Dubblett.", by=make_curator())
    else:
        Project.objects.filter(pk=project.pk).update(visibility="personal")
        actions.record_change(project=Project.objects.get(pk=project.pk), by=None, changes={})


@pytest.mark.parametrize("how", ["withdrawn", "for staff"])
@pytest.mark.parametrize("asked", ["reporter", "function"])
def test_what_has_been_hidden_is_not_named_to_who_is_asked(client, project, unit, how, asked):
    association = make_organisation("En förening", kind=Organisation.Kind.USERS)
    association.contact_email = "foreningen@example.net"
    association.save()
    writer = None
    if asked == "reporter":
        writer = make_writer(association, email="forening@example.net", is_city_staff=False)
    with time_machine.travel(BEGUN, tick=False):
        adopted(project, association, writer)
    Mail.objects.all().delete()
    hide(project, how)
    assert asked_on("2026-09-30") == 1
    mail = Mail.objects.get()
    assert mail.to == ("forening@example.net" if writer else "foreningen@example.net")
    assert mail.subject == "Hur gick det?"
    assert "ett projekt som inte visas för er längre" in mail.text
    assert ("Kvällsstöd" in mail.text + mail.html, "kvallsstod" in mail.html) == (False, False)
    if writer:
        client.force_login(writer)
        question = HowItWent.objects.get()
        for there in (
            f"/inventering/lamna-in/likadant/{question.pk}/",
            f"/inventering/lamna-in/{question.adoption.draft_id}/",
        ):
            assert f"{project.get_absolute_url()}" not in page(client, there)
        assert "Kvällsstöd" not in page(client, f"/inventering/lamna-in/likadant/{question.pk}/")


def test_what_is_for_staff_is_named_to_staff(project, unit, reporter):
    with time_machine.travel(BEGUN, tick=False):
        adopted(project, unit, reporter)
    Mail.objects.all().delete()
    hide(project, "for staff")
    asked_on("2026-09-30")
    assert letters() == [("skribent@example.org", "", "Hur gick det? Kvällsstöd")]


def test_the_answer_is_kept_and_told_the_owner_once(client, project, unit, reporter):
    question = HowItWent.objects.create(adoption=adopted(project, unit, reporter), months=6)
    Mail.objects.all().delete()
    there = f"/inventering/lamna-in/likadant/{question.pk}/"
    for answer, text in (("gor-det", "Schemat var svårt."), ("blev-inte-av", "")):
        assert client.post(there, {"answer": answer, "text": text}).status_code == 302
    question.refresh_from_db()
    assert (question.answer, question.text, question.answered_by) == ("blev-inte-av", "", reporter)
    assert letters() == [
        ("bromma@example.org", "traff@example.org", "Så gick det för Träffpunkten")
    ]
    assert "Schemat var svårt." in Mail.objects.get().text


def test_no_answer_is_told_and_what_was_typed_stays(client, project, unit, reporter):
    question = HowItWent.objects.create(adoption=adopted(project, unit, reporter), months=6)
    response = client.post(f"/inventering/lamna-in/likadant/{question.pk}/", {"text": "Det gick."})
    assert response.status_code == 422
    assert "Välj hur det gick." in response.content.decode()
    assert "Det gick." in response.content.decode()
    question.refresh_from_db()
    assert question.answered_at is None


def test_an_answer_without_its_time_is_refused(project, unit):
    question = HowItWent(adoption=adopted(project, unit, None), months=6, answer="gor-det")
    with pytest.raises(ValidationError):
        question.full_clean()
