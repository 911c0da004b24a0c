"""What a unit answers, from a letter or from its own pages, and who may."""

import datetime

import pytest
from django.test import Client, RequestFactory

from core.models import AuditEntry, Mail
from core.register import Person
from inventory import actions
from inventory.models import Inquiry, Project
from inventory.panels import my_follow_up
from inventory.personal_data import CONFIRMATIONS
from people import roles
from people.models import Membership
from tests.conftest import forget_everything
from tests.factories import (
    make_curator,
    make_district,
    make_measure,
    make_member,
    make_organisation,
    make_partner,
    make_project,
    make_user,
)
from tests.people.test_roles import somebody
from tests.people.walking import text_of
from tests.reading import csv_rows, page

from .asking import START, answers, asked, ended, key_of, old_project, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = datetime.timedelta(days=1)
REPORTER, MANAGER = "uppgiftslamnare", "enhetschef"


# --- Who may answer -------------------------------------------------------------------------------

ANSWER_PATHS = ("", "{n}/stammer/", "{n}/andra/", "{n}/avslutat/")


def pages_of(inquiry: Inquiry, project: Project) -> list[str]:
    return [key_of(inquiry) + path.format(n=project.public_id) for path in ANSWER_PATHS]


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_a_link_to_accounts_works_for_the_unit_alone(role, unit, reporter):
    project = old_project(unit)
    inquiry = asked(unit)
    user = somebody(role, unit)
    client = signed_in(user) if user else Client()
    may = role in roles.ANSWER_INQUIRY.roles

    got = [client.get(path).status_code for path in pages_of(inquiry, project)]
    sent = client.post(f"{key_of(inquiry)}{project.public_id}/stammer/").status_code
    everything = client.post(f"{key_of(inquiry)}alla/").status_code

    expected = 200 if may else (302 if role is roles.Visitor else 404)
    assert got == [expected] * 4
    assert (sent, everything) == (302 if expected == 200 else expected,) * 2
    project.refresh_from_db()
    assert project.last_confirmed_by == (user if may else None)
    assert (project.last_confirmed_at is not None) == may


def test_a_link_is_of_no_use_to_another_unit_nor_to_one_below(farsta, unit, reporter):
    project = old_project(farsta)
    make_member("farsta@example.org", farsta, MANAGER)
    inquiry = asked(farsta)
    stranger = make_member("bromma@example.org", make_district("Bromma"), MANAGER)
    for user in (reporter, stranger):
        for path in pages_of(inquiry, project):
            assert signed_in(user).get(path).status_code == 404
    lost = make_member("slutat@example.org", farsta, REPORTER)
    assert signed_in(lost).get(key_of(inquiry)).status_code == 200
    Membership.objects.filter(user=lost).update(state="avslutad", ended_at=START)
    assert signed_in(lost).get(key_of(inquiry)).status_code == 404


def test_the_key_of_a_mailbox_is_enough_also_for_what_is_for_staff(unit, mailbox):
    project = old_project(unit, "Internt", visibility="personal", contact_phone="08-508 00 000")
    inquiry = asked(unit)
    client = Client()
    for path in pages_of(inquiry, project):
        response = client.get(path)
        assert (response.status_code, "Internt" in response.content.decode()) == (200, True)
        assert "no-store" in response["Cache-Control"]
    assert client.get(project.get_absolute_url()).status_code == 404

    response = client.post(f"{key_of(inquiry)}{project.public_id}/stammer/")
    assert response.url == f"{key_of(inquiry)}#post-{project.public_id}"
    project.refresh_from_db()
    assert (project.last_confirmed_at, project.last_confirmed_by) == (START.date(), None)
    entry = AuditEntry.about(project).first()
    assert (entry.verb, entry.by, entry.by_account, entry.reason) == (
        "bekräftad",
        None,
        False,
        "Med länken i ett mejl till funktionsbrevlådan.",
    )


def test_a_key_opens_its_own_entries_and_nothing_else(unit, mailbox):
    project, other = old_project(unit), old_project(make_district("Bromma"), "Hemligt")
    recent = make_project(title="Nyss", lead=unit)
    inquiry = asked(unit)
    key, client = key_of(inquiry), Client()
    text = page(client, key)
    assert ("Kvällsstöd" in text, "Hemligt" in text, "Nyss" in text) == (True, False, False)
    for wrong in (
        f"{key}{other.public_id}/stammer/",
        f"{key}{recent.public_id}/stammer/",
        f"{key}4711/stammer/",
        f"/inventering/stammer/{inquiry.token[:-1]}/",
        f"/inventering/stammer/{inquiry.token_hash}/",
        f"/inventering/stammer/{'x' * 3000}/",
        "/inventering/stammer/%00/",
    ):
        assert client.get(wrong).status_code in {400, 404}
        assert client.post(wrong).status_code in {400, 404, 405}
    for each in (other, recent):
        each.refresh_from_db()
        assert each.last_confirmed_at is None
    actions.withdraw(project=project, reason="Dubblett.", by=make_curator())
    assert client.get(f"{key}{project.public_id}/stammer/").status_code == 404
    assert "Kvällsstöd" not in page(client, key)


def test_links_expire(unit, mailbox, clock):
    project = old_project(unit)
    inquiry = asked(unit)
    clock.move_to(START + 60 * DAY - datetime.timedelta(seconds=1))
    assert Client().get(key_of(inquiry)).status_code == 200
    clock.move_to(START + 60 * DAY)
    for path in pages_of(inquiry, project):
        response = Client().get(path)
        assert response.status_code == 404
        assert "Länken har gått ut, eller så blev den inte hel." in response.content.decode()
    assert Client().post(pages_of(inquiry, project)[1]).status_code == 404
    project.refresh_from_db()
    assert project.last_confirmed_at is None


def test_links_outlive_a_change_of_the_portals_secret(unit, mailbox, clock, settings):
    project = old_project(unit)
    inquiry = asked(unit)
    before = key_of(inquiry)
    settings.SECRET_KEY = "en annan hemlighet " * 4
    response = Client().get(before)
    assert f'action="{before}{project.public_id}/stammer/"' in response.content.decode()
    clock.move_to(START + 21 * DAY)
    actions.ask_due()
    assert [Client().get(path).status_code for path in (before, key_of(inquiry))] == [404, 200]


def test_no_two_units_have_the_same_key(unit, farsta):
    made = {
        Inquiry(unit=each, expires_at=START + n * DAY).token
        for each in (unit, farsta)
        for n in (60, 61)
    }
    assert len(made) == 4


# --- Answers --------------------------------------------------------------------------------------


def test_opening_a_link_changes_nothing_and_pressing_it_twice_confirms_once(unit, reporter):
    project = old_project(unit)
    inquiry = asked(unit)
    client = signed_in(reporter)
    lines = AuditEntry.objects.count()
    for path in pages_of(inquiry, project):
        client.get(path)
        client.head(path)
    assert (AuditEntry.objects.count(), answers(inquiry)) == (lines, {"Kvällsstöd": ""})

    for _ in range(2):
        response = client.post(f"{key_of(inquiry)}{project.public_id}/stammer/", follow=True)
    assert "Tack! Kvällsstöd är bekräftat i dag." in text_of(response)
    assert "Ni har svarat på allt." in text_of(response)
    assert AuditEntry.objects.filter(verb="bekräftad").count() == 1
    inquiry.refresh_from_db()
    assert (answers(inquiry), inquiry.answered_at) == ({"Kvällsstöd": "stammer"}, START)
    project.refresh_from_db()
    assert (project.last_confirmed_at, project.last_confirmed_by) == (START.date(), reporter)
    # Everybody sees it.
    forget_everything()
    shown = page(Client(), project.get_absolute_url())
    assert "Uppgifterna bekräftades senast 2 mars 2026." in shown
    assert csv_rows(Client().get("/inventering/export.csv"))[0]["senast_bekraftad"] == "2026-03-02"


def test_all_are_true_at_once_but_for_what_was_answered_otherwise(unit, reporter):
    for title in ("A", "B", "C"):
        old_project(unit, title)
    inquiry = asked(unit)
    client = signed_in(reporter)
    changed = Project.objects.get(title="B")
    client.post(f"{key_of(inquiry)}{changed.public_id}/andra/")
    for _ in range(2):
        client.post(f"{key_of(inquiry)}alla/")
    assert answers(inquiry) == {"A": "stammer", "B": "andras", "C": "stammer"}
    changed.refresh_from_db()
    assert changed.last_confirmed_at is None
    assert AuditEntry.objects.filter(verb="bekräftad").count() == 2
    assert AuditEntry.objects.filter(verb="besvarad").count() == 1


def test_what_is_to_be_changed_is_told_the_curators_once(unit, reporter):
    project = old_project(unit)
    inquiry = asked(unit)
    path = f"{key_of(inquiry)}{project.public_id}/andra/"
    client = signed_in(reporter)
    assert "Ska något ändras?" in page(client, path)
    for _ in range(2):
        response = client.post(path, follow=True)
    assert response.request["PATH_INFO"] == f"{project.get_absolute_url()}andra/"
    assert [entry.verb for entry in AuditEntry.about(project)] == ["ska ändras", "publicerad"]
    assert "sade till 2 mars 2026" in page(signed_in(make_curator()), "/redaktion/tysta-enheter/")
    # She may still say that it is true after all.
    client.post(f"{key_of(inquiry)}{project.public_id}/stammer/")
    assert answers(inquiry) == {"Kvällsstöd": "stammer"}


def test_a_confirmation_by_any_way_answers_the_inquiry(unit, reporter):
    first, second = old_project(unit, "A"), old_project(unit, "B")
    inquiry = asked(unit)
    actions.confirm(project=first, by=make_curator())
    inquiry.refresh_from_db()
    assert (answers(inquiry), inquiry.answered_at) == ({"A": "stammer", "B": ""}, None)
    signed_in(reporter).post(f"/inventering/{second.public_id}/b/stammer/")
    inquiry.refresh_from_db()
    assert inquiry.answered_at == START


def test_when_there_is_a_page_for_changes_the_unit_is_led_there(unit, reporter, monkeypatch):
    project = old_project(unit)
    inquiry = asked(unit)
    monkeypatch.setattr(
        "inventory.follow_up_views.revise_address", lambda user, project: "/andra-har/"
    )
    path, client = f"{key_of(inquiry)}{project.public_id}/andra/", signed_in(reporter)
    assert "Du kommer till ett formulär där du ändrar." in page(client, path)
    assert client.post(path).url == "/andra-har/"
    assert '<a href="/andra-har/">Ändra nu</a>' in page(client, key_of(inquiry))
    assert answers(inquiry) == {"Kvällsstöd": "andras"}


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_the_pages_take_nothing_else(unit, mailbox, method):
    project = old_project(unit)
    inquiry = asked(unit)
    for path in pages_of(inquiry, project)[1:]:
        response = getattr(Client(), method)(path)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
    assert Client().get(f"{key_of(inquiry)}alla/").status_code == 405
    assert Client().post(key_of(inquiry)).status_code == 405


def test_a_form_from_elsewhere_is_refused(unit, mailbox):
    project = old_project(unit)
    inquiry = asked(unit)
    path = f"{key_of(inquiry)}{project.public_id}/stammer/"
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403


# --- From one's own pages -------------------------------------------------------------------------

FOLLOW_UP = ("folj-upp/", "stammer/", "avslutat/")


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_the_pages_of_a_project_are_for_those_who_follow_it_up(role, unit):
    public = make_project(title="Öppet", lead=unit)
    staff = make_project(title="Internt", lead=unit, visibility="personal")
    user = somebody(role, unit)
    client = signed_in(user) if user else Client()
    may = role in roles.FOLLOW_UP.roles
    reads = role in roles.READ_STAFF.roles

    def got(project: Project) -> set[int]:
        base = f"/inventering/{project.public_id}/x/"
        return {client.get(base + path).status_code for path in FOLLOW_UP}

    visitor = role is roles.Visitor
    assert got(public) == {200 if may else 302 if visitor else 403}
    assert got(staff) == {200 if may else 302 if visitor else 403 if reads else 404}
    response = client.post(f"/inventering/{public.public_id}/x/stammer/")
    assert response.status_code == (302 if may or visitor else 403)
    public.refresh_from_db()
    assert (public.last_confirmed_at is not None) == may


def test_another_owner_follows_up_as_well_and_a_partner_does_not(unit):
    other, partner = make_district("Bromma"), make_organisation("RSMH")
    project = make_project(lead=unit, co_owners=[other])
    make_partner(project, partner)
    base = f"/inventering/{project.public_id}/x/folj-upp/"
    owner = make_member("bromma@example.org", other, REPORTER)
    taking_part = make_member("rsmh@example.org", partner, REPORTER)
    assert [signed_in(each).get(base).status_code for each in (owner, taking_part)] == [200, 403]


def test_my_pages_show_what_my_units_run_the_longest_unconfirmed_first(unit, reporter):
    make_project(title="Nyss", lead=unit, last_confirmed_at=START.date())
    old = old_project(unit, "Gammalt")
    shared = old_project(
        make_district("Bromma"),
        "Delat",
        co_owners=[unit],
        last_confirmed_at=START.date() - 300 * DAY,
    )
    measure = make_measure(shared, ("2025", 50, 4))
    old_project(unit, "Slut", status="avslutades", **ended())
    old_project(make_district("Järva"), "Andras")
    markup = page(signed_in(reporter), "/mina-sidor/")
    panel = markup.partition('aria-labelledby="folj-upp"')[2].partition("</section>")[0]
    places = [panel.find(title) for title in (">Gammalt<", ">Delat<", ">Nyss<")]
    assert (places == sorted(places), -1 in places) == (True, False)
    assert ("Slut<" in panel, "Andras" in panel, "<form" in panel) == (False, False, False)
    assert f'href="/inventering/{old.public_id}/gammalt/stammer/"' in panel
    assert f'href="/inventering/{shared.public_id}/delat/matt/{measure.pk}/"' in panel
    assert "bekräftad 2 mars 2026" in panel
    assert 'aria-labelledby="folj-upp"' not in page(signed_in(make_user()), "/mina-sidor/")


@pytest.mark.parametrize("count", [1, 3])
def test_my_pages_ask_as_much_for_one_as_for_three(
    unit, reporter, count, django_assert_num_queries
):
    for number in range(count):
        old_project(unit, f"Projekt {number}")
    request = RequestFactory().get("/mina-sidor/")
    request.user = reporter
    with django_assert_num_queries(2):
        assert len(my_follow_up(request)["projects"]) == count


def test_the_project_page_leads_the_signed_in_to_follow_up(unit):
    project = make_project(lead=unit)
    way = f'href="{project.get_absolute_url()}folj-upp/"'
    assert way in page(signed_in(make_user()), project.get_absolute_url())
    assert way not in page(Client(), project.get_absolute_url())


@pytest.mark.parametrize("count", [1, 3])
def test_the_letters_page_asks_as_much_for_one_as_for_three(
    unit, mailbox, count, django_assert_num_queries
):
    for number in range(count):
        old_project(unit, f"Projekt {number}")
    inquiry = asked(unit)
    # The edition, the inquiry, its entries, the projects; owners, measures.
    with django_assert_num_queries(6):
        Client().get(key_of(inquiry))


def test_the_links_use_the_portals_own_address(unit, mailbox, settings):
    old_project(unit)
    inquiry = asked(unit)
    assert f"{settings.PORTAL_URL}{key_of(inquiry)}" in Mail.objects.get().text


def test_who_confirmed_last_is_handed_out_and_goes_with_the_account(unit, reporter):
    project = old_project(unit)
    actions.confirm(project=project, by=reporter)
    rows = list(CONFIRMATIONS.of_person(Person(reporter.email, reporter)))
    assert rows == [{"Bekräftade": "Kvällsstöd", "När": START.date()}]
    assert CONFIRMATIONS.left() == (1, None)
    reporter.delete()
    project.refresh_from_db()
    assert (project.last_confirmed_at, project.last_confirmed_by) == (START.date(), None)
    assert list(CONFIRMATIONS.of_person(Person("lamnar@example.org"))) == []
