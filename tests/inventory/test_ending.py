"""A project ends: what came of it, what did not work, and advice to the next."""

import datetime

import pytest
from django.test import Client

from core.models import AuditEntry
from inventory import actions, following
from inventory.follow_up_forms import EndingForm
from inventory.models import Inquiry, Project
from people import roles
from tests.conftest import forget_everything
from tests.factories import make_follow, make_project, make_source, make_user
from tests.people.test_roles import somebody
from tests.people.walking import text_of
from tests.reading import page

from .asking import START, asked, key_of, old_project, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TYPED = {
    "status": "avslutades",
    "end_date": "2026-02",
    "reach_actual": "40",
    "results": "Fler klarade kvällarna.",
    "what_failed": "Schemat.",
    "advice": "Börja med schemat.",
    "continuation": "Arbetet fortsätter i ordinarie verksamhet.",
}


@pytest.fixture
def project(unit) -> Project:
    return old_project(unit)


def address(project: Project) -> str:
    return f"{project.get_absolute_url()}avslutat/"


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_those_who_follow_up_end_a_project_and_nobody_else(role, unit, project):
    user = somebody(role, unit)
    client = signed_in(user) if user else Client()
    may = role in roles.FOLLOW_UP.roles
    visitor = role is roles.Visitor
    assert client.get(address(project)).status_code == (200 if may else 302 if visitor else 403)
    sent = client.post(address(project), TYPED).status_code
    assert sent == (302 if may or visitor else 403)
    project.refresh_from_db()
    assert project.status == ("avslutades" if may else "pagar")


def test_what_was_learnt_is_shown_to_all_and_told_in_the_history(project, reporter):
    client = signed_in(reporter)
    response = client.post(address(project), TYPED, follow=True)
    assert "Tack för det ni delar med er av! Kvällsstöd är avslutat." in text_of(response)

    project.refresh_from_db()
    kept = {name: str(getattr(project, name)) for name in TYPED}
    assert kept == TYPED
    assert (project.last_confirmed_at, project.last_confirmed_by) == (START.date(), reporter)
    forget_everything()
    shown = text_of(Client().get(project.get_absolute_url()))
    for told in ("Avslutades", "Fler klarade kvällarna.", "Schemat.", "Börja med schemat."):
        assert told in shown
    assert "Kvällsstöd" in page(Client(), "/inventering/?lage=avslutades")
    assert "Kvällsstöd" not in page(Client(), "/inventering/?lage=pagar")
    entry = AuditEntry.about(project).first()
    assert (entry.verb, entry.by) == ("avslutad", reporter)
    assert entry.changes["status"] == ["Pågår", "Avslutades"]
    assert entry.changes["end_date"] == ["", "2026-02"]
    assert set(entry.changes) == set(TYPED)


def test_whoever_follows_it_is_told_that_it_has_ended(project, reporter, clock):
    later = START + datetime.timedelta(hours=1)
    clock.move_to(later)
    follower = make_user("foljer@example.org")
    make_follow(follower, project=project)
    signed_in(reporter).post(address(project), TYPED)
    until = later + datetime.timedelta(days=7)
    (section,) = following.news(follower, since=later, until=until)
    assert [(item.title, item.what) for item in section.items] == [("Kvällsstöd", "Avslutat")]


def test_with_the_letters_key_a_mailbox_ends_it_and_the_inquiry_is_answered(unit, mailbox, project):
    inquiry = asked(unit)
    path = f"{key_of(inquiry)}{project.public_id}/avslutat/"
    response = Client().post(path, TYPED, follow=True)
    assert "Det här är avslutat." in text_of(response)
    inquiry = Inquiry.objects.get()
    assert (inquiry.answered_at, inquiry.entries.get().answer) == (START, "avslutat")
    entry = AuditEntry.about(project).first()
    assert (entry.by, entry.reason) == (None, "Med länken i ett mejl till funktionsbrevlådan.")


def test_ended_twice_it_ends_once(unit, project, reporter):
    client = signed_in(reporter)
    client.post(address(project), TYPED)
    response = client.post(address(project), TYPED | {"advice": "Ett annat råd."})
    assert response.url == f"{project.get_absolute_url()}folj-upp/"
    assert client.get(address(project)).status_code == 302
    project.refresh_from_db()
    assert project.advice == "Börja med schemat."
    assert AuditEntry.objects.filter(verb="avslutad").count() == 1
    facts = {"status": "lades-ned"}
    assert actions.end_project(project=project, facts=facts, by=reporter) is False
    # Nor is it confirmed any more.
    client.post(f"{project.get_absolute_url()}stammer/")
    assert AuditEntry.objects.filter(verb="bekräftad").count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("status", "", "Välj hur det slutade."),
        ("status", "pagar", "Välj ett av svaren i listan."),
        ("end_date", "", "Skriv när det tog slut. Ett år räcker."),
        ("end_date", "nyss", "Skriv ett datum som 2015, 2015-09 eller 2015-09-01."),
        ("end_date", "2026-04", "Det datumet har inte varit än. Skriv i dag eller tidigare."),
        ("end_date", "2013", "Slut kan inte vara före start, som var 2014."),
        ("reach_actual", "", "Skriv ungefär hur många ni nådde."),
        ("reach_actual", "-1", "Skriv ett tal som är 0 eller mer."),
        ("reach_actual", "9999999999", "Talet är för stort. Skriv högst en miljon."),
        ("results", " ", "Skriv vad resultatet blev. Vet ni inte, skriv det."),
        ("what_failed", "", "Skriv vad som inte fungerade. Fungerade allt, skriv det."),
        ("advice", "", "Skriv minst ett råd till dem som vill göra något liknande."),
        ("continuation", "", "Skriv vad som händer nu. Fortsätter inget, skriv det."),
        (
            "advice",
            "x" * 10_001,
            "Texten är för lång: 10001 tecken. Korta den till högst 10000.",
        ),
    ],
)
def test_what_is_missing_is_told_at_the_field_and_nothing_typed_is_lost(
    project, reporter, field, typed, told
):
    response = signed_in(reporter).post(address(project), TYPED | {field: typed})
    assert response.status_code == 422
    assert response.context["form"].errors == {field: [told]}
    markup = response.content.decode()
    for name in ("results", "what_failed", "advice", "continuation"):
        assert name == field or TYPED[name] in markup
    project.refresh_from_db()
    assert project.status == "pagar"


def test_an_empty_form_says_all_that_is_missing(project, reporter):
    response = signed_in(reporter).post(address(project), {})
    assert (response.status_code, set(response.context["form"].errors)) == (422, set(TYPED))


def test_nobody_is_pointed_at(project):
    for name in ("results", "what_failed", "advice", "continuation"):
        form = EndingForm(TYPED | {name: "Anna 19811218-9876"}, instance=project)
        assert set(form.errors) == {name}
        assert "Skriv inget som pekar ut en person" in form.fields[name].help_text


def test_the_form_asks_for_learning_and_not_for_blame(project, reporter):
    text = text_of(signed_in(reporter).get(address(project)))
    assert "Ingen blir bedömd för det som står här." in text
    assert "också när det inte blev som ni hade tänkt" in text


@pytest.mark.parametrize(
    ("start", "end", "ok"),
    [("2015-03", "2015", True), ("2015-03", "2015-02", False), ("2015-03", "2015-03", True)],
)
def test_a_year_alone_may_hold_the_start(unit, start, end, ok):
    project = make_project(lead=unit, start_date=start)
    assert EndingForm(TYPED | {"end_date": end}, instance=project).is_valid() is ok


def test_an_entry_from_a_source_ends_as_well_and_keeps_what_was_known(unit, reporter):
    project = make_project(
        lead=unit, source=make_source(), start_date="", need="", results="Det källan sade."
    )
    client = signed_in(reporter)
    assert "Det källan sade." in page(client, address(project))
    assert client.post(address(project), TYPED | {"status": "lades-ned"}).status_code == 302
    project.refresh_from_db()
    assert (project.status, project.need, project.advice) == (
        "lades-ned",
        "",
        "Börja med schemat.",
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fault",
    ["core.models.AuditEntry.record", "inventory.actions.follow_up.refresh"],
)
def test_a_fault_drops_all_of_it(monkeypatch, fault):
    project = make_project()
    monkeypatch.setattr(fault, lambda *args, **more: 1 / 0)
    form = EndingForm(TYPED, instance=Project.objects.get(pk=project.pk))
    assert form.is_valid()
    with pytest.raises(ZeroDivisionError):
        actions.end_project(project=project, facts=form.cleaned_data, by=None)
    project = Project.objects.get(pk=project.pk)
    assert (project.status, project.last_confirmed_at) == ("pagar", None)
