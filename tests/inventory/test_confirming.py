"""Once a year a unit is asked whether its entries are true: who, when, how often, what it says."""

import datetime

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client, RequestFactory

from core import periodic
from core.models import AuditEntry, Mail
from core.register import Person
from inventory import actions
from inventory.actions.confirming import units_to_ask
from inventory.emails import whom_to_ask
from inventory.models import Inquiry, InquiryEntry, Project
from inventory.panels import my_follow_up
from inventory.personal_data import CONFIRMATIONS
from people import roles
from people.models import Membership, Organisation, User
from tests.conftest import forget_everything
from tests.factories import (
    ended_fields,
    make_curator,
    make_district,
    make_measure,
    make_member,
    make_organisation,
    make_partner,
    make_project,
    make_succession,
    make_unit,
    make_user,
)
from tests.people.test_roles import somebody
from tests.people.walking import text_of
from tests.reading import csv_rows, page

from .asking import START, asked, key_of, letters, old_project, paths_in

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
REPORTER, MANAGER = "uppgiftslamnare", "enhetschef"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def farsta() -> Organisation:
    return make_district("Farsta")


@pytest.fixture
def unit(farsta) -> Organisation:
    return make_unit("Träffpunkten", farsta)


@pytest.fixture
def reporter(unit) -> User:
    return make_member("lamnar@example.org", unit, REPORTER)


@pytest.fixture
def mailbox(unit) -> str:
    Organisation.objects.filter(pk=unit.pk).update(contact_email="traffen@example.org")
    unit.refresh_from_db()
    return unit.contact_email


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def answers(inquiry: Inquiry) -> dict[str, str]:
    return dict(inquiry.entries.values_list("project__title", "answer"))


# --- Who is asked ---------------------------------------------------------------------------------


def test_units_are_asked_about_what_nobody_has_confirmed_for_a_year(unit, mailbox):
    old_project(unit, "Gammalt")
    old_project(unit, "Bekräftat", last_confirmed_at=START.date() - 200 * DAY)
    old_project(unit, "Nyss", last_confirmed_at=START.date() - 100 * DAY)
    old_project(unit, "Slut", status="avslutades", **_ended())
    old_project(unit, "Påhittat", generated=True)
    old_project(unit, "Kommande", embargo_until=START.date() + DAY)
    withdrawn = old_project(unit, "Borttaget")
    actions.withdraw(project=withdrawn, reason="Dubblett.", by=make_curator())
    old_project(make_district("Bromma"), "Nytt", published_at=START - 364 * DAY)

    assert list(units_to_ask(START)) == [unit]
    assert actions.ask_due() == 1
    # What is half a year old is asked about at the same time: one mail a year.
    assert answers(Inquiry.objects.get()) == {"Gammalt": "", "Bekräftat": ""}


def _ended() -> dict[str, object]:
    return {name: value for name, value in ended_fields().items() if name != "status"}


@pytest.mark.parametrize(
    ("confirmed", "published", "is_asked"),
    [
        (None, START - 365 * DAY, True),
        (None, START - 364 * DAY, False),
        (START.date() - 365 * DAY, START - 900 * DAY, True),
        (START.date() - 364 * DAY, START - 900 * DAY, False),
    ],
)
def test_a_year_is_counted_from_the_last_word(unit, confirmed, published, is_asked):
    old_project(unit, published_at=published, last_confirmed_at=confirmed)
    assert list(units_to_ask(START)) == ([unit] if is_asked else [])


def test_one_mail_holds_all_entries_with_links_for_each_answer(unit, mailbox):
    first, second = old_project(unit, "A & B"), old_project(unit, "C <b>")
    measure = make_measure(second, ("2025", 50, 4))
    inquiry = asked(unit)

    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (
        "traffen@example.org",
        "Stämmer det fortfarande? 2 uppgifter på KSI",
    )
    key = key_of(inquiry)
    assert paths_in(mail) == [
        key,
        *(f"{key}{first.public_id}/{each}/" for each in ("stammer", "andra", "avslutat")),
        *(f"{key}{second.public_id}/{each}/" for each in ("stammer", "andra", "avslutat")),
        f"{key}{second.public_id}/matt/{measure.pk}/",
    ]
    assert "C <b>" in mail.text
    assert "C &lt;b&gt;" in mail.html
    assert "Svara gärna senast den 23 mars 2026." in mail.text
    assert "De gäller till den 1 maj 2026." in mail.text
    # The key itself is nowhere but in the letter.
    stored = list(Inquiry.objects.values_list("token_hash", flat=True))
    assert (len(stored[0]), inquiry.token in stored[0]) == (64, False)
    entry = AuditEntry.about(inquiry).get()
    assert (entry.verb, entry.by, entry.changes) == (
        "fråga skickad",
        None,
        {"skickat till": ["", "Träffpunkten"]},
    )


# --- The ladder -----------------------------------------------------------------------------------


def told(unit: Organisation) -> tuple[str, list[str], str]:
    found = whom_to_ask(Organisation.objects.get(pk=unit.pk), Project.objects.filter(lead=unit))
    return found.recipients, list(found.addresses), found.told


def test_reporters_are_asked_else_managers_else_the_mailbox_nearest(farsta, unit):
    project = old_project(unit)
    ladder = [told(unit)]
    Organisation.objects.filter(pk=farsta.pk).update(contact_email="farsta@example.org")
    ladder.append(told(unit))
    Project.objects.filter(pk=project.pk).update(contact_email="projektet@example.org")
    ladder.append(told(unit))
    Organisation.objects.filter(pk=unit.pk).update(
        contact_email="traffen@example.org", contact_function="Föreståndaren"
    )
    ladder.append(told(unit))
    make_member("chef@example.org", unit, MANAGER)
    ladder.append(told(unit))
    make_member("b@example.org", unit, REPORTER)
    make_member("a@example.org", unit, REPORTER)
    make_member("vilande@example.org", unit, REPORTER, is_active=False)
    make_member("samordnar@example.org", unit, "samordnare")
    make_member("annan@example.org", make_district("Bromma"), REPORTER)
    for state in ("begard", "avslagen"):
        Membership.objects.create(
            user=make_user(f"{state}@example.org"), organisation=unit, role=REPORTER, state=state
        )
    ladder.append(told(unit))

    assert ladder == [
        ("ingen", [], ""),
        ("funktionsbrevlada", ["farsta@example.org"], "Farsta"),
        ("funktionsbrevlada", ["projektet@example.org"], "Enheten för socialpsykiatri"),
        ("funktionsbrevlada", ["traffen@example.org"], "Föreståndaren"),
        ("enhetschef", ["chef@example.org"], "1 enhetschef"),
        ("uppgiftslamnare", ["a@example.org", "b@example.org"], "2 uppgiftslämnare"),
    ]


def test_a_unit_that_has_ceased_is_asked_through_those_that_came_after(farsta):
    former = make_district("Vantör", valid_to=datetime.date(2007, 1, 1))
    later = make_district("Enskede-Årsta-Vantör")
    make_succession(former, later)
    make_member("vantor@example.org", former, REPORTER)
    old_project(former)
    assert told(former) == ("ingen", [], "")
    Organisation.objects.filter(pk=later.pk).update(contact_email="eav@example.org")
    assert told(former) == ("funktionsbrevlada", ["eav@example.org"], later.name)
    member = make_member("eav.lamnar@example.org", later, REPORTER)
    assert told(former) == ("uppgiftslamnare", ["eav.lamnar@example.org"], "1 uppgiftslämnare")
    inquiry = asked(former)
    assert signed_in(member).get(key_of(inquiry)).status_code == 200


def test_organisations_in_a_ring_do_not_go_round_for_ever(farsta, unit):
    type(farsta).objects.filter(pk=farsta.pk).update(parent=unit)
    assert told(unit) == ("ingen", [], "")
    ended = datetime.date(2020, 1, 1)
    type(farsta).objects.filter(pk__in=[farsta.pk, unit.pk]).update(valid_to=ended)
    assert told(unit) == ("ingen", [], "")


# --- When -----------------------------------------------------------------------------------------


def test_a_unit_is_reminded_twice_and_is_then_silent(unit, mailbox, clock):
    old_project(unit)
    sent = []
    for day in range(0, 70):
        clock.move_to(START + day * DAY)
        if actions.ask_due():
            sent.append((day, Mail.objects.latest("pk").subject))
            inquiry = Inquiry.objects.get()
            silent = inquiry.is_silent
            assert list(Inquiry.objects.silent()) == ([inquiry] if silent else [])
            sent[-1] = (*sent[-1], silent)
    question = "Stämmer det fortfarande? En uppgift på KSI"
    assert sent == [
        (0, question, False),
        (21, f"Påminnelse: {question}", False),
        (42, f"Påminnelse: {question}", True),
    ]
    assert len(set(map(str, map(paths_in, Mail.objects.all())))) == 1


def test_a_clock_that_stood_still_does_not_send_two_reminders_at_once(unit, mailbox, clock):
    old_project(unit)
    actions.ask_due()
    clock.move_to(START + 50 * DAY)
    assert [actions.ask_due(), actions.ask_due()] == [1, 0]
    clock.move_to(START + 64 * DAY)
    assert actions.ask_due() == 1
    assert Inquiry.objects.get().reminders == 2


def test_a_year_later_a_silent_unit_is_asked_again_and_the_old_links_are_over(unit, mailbox, clock):
    old_project(unit)
    actions.ask_due()
    before = key_of(Inquiry.objects.get())
    for days in (21, 42):
        clock.move_to(START + days * DAY)
        actions.ask_due()
    newer = old_project(unit, "Nyare", published_at=START + 50 * DAY)
    clock.move_to(START + 365 * DAY)
    assert actions.ask_due() == 1
    inquiry = Inquiry.objects.get()
    assert (inquiry.asked_at, inquiry.sent_at) == (START, START + 365 * DAY)
    assert (inquiry.reminders, answers(inquiry)) == (0, {"Kvällsstöd": "", newer.title: ""})
    client = Client()
    assert [client.get(path).status_code for path in (before, key_of(inquiry))] == [404, 200]


def test_who_has_answered_is_not_asked_until_a_year_has_passed(unit, mailbox, clock):
    project = old_project(unit)
    inquiry = asked(unit)
    actions.want_to_change(entry=inquiry.entries.get(), by=None)
    inquiry.refresh_from_db()
    assert inquiry.answered_at == START
    for days in (1, 21, 42, 364):
        clock.move_to(START + days * DAY)
        assert actions.ask_due() == 0
    clock.move_to(START + 365 * DAY)
    assert actions.ask_due() == 1
    actions.confirm(project=project, by=None)
    clock.move_to(START + 365 * DAY + 364 * DAY)
    assert actions.ask_due() == 0


def test_whoever_joins_meanwhile_gets_the_reminder(unit, mailbox, clock):
    old_project(unit)
    inquiry = asked(unit)
    assert Client().get(key_of(inquiry)).status_code == 200
    make_member("ny@example.org", unit, REPORTER)
    clock.move_to(START + 21 * DAY)
    actions.ask_due()
    assert letters() == ["traffen@example.org", "ny@example.org"]
    # From now on the key needs an account.
    response = Client().get(key_of(inquiry))
    assert (response.status_code, response.url) == (
        302,
        f"/konto/logga-in/?next={key_of(inquiry)}",
    )


def test_where_there_is_nobody_the_unit_is_silent_at_once_and_asked_when_somebody_comes(
    unit, clock
):
    old_project(unit)
    actions.ask_due()
    inquiry = Inquiry.objects.get()
    assert (inquiry.recipients, inquiry.is_silent, letters()) == ("ingen", True, [])
    assert Client().get(key_of(inquiry)).status_code == 404
    make_member("ny@example.org", unit, MANAGER)
    clock.move_to(START + 21 * DAY)
    actions.ask_due()
    assert letters() == ["ny@example.org"]
    assert Inquiry.objects.get().is_silent is False


def test_what_was_answered_at_the_desk_is_not_reminded_of(unit, mailbox, clock):
    project = old_project(unit)
    asked(unit)
    Project.objects.filter(pk=project.pk).update(status="avslutades", **_ended())
    clock.move_to(START + 21 * DAY)
    actions.ask_due()
    assert len(letters()) == 1
    assert Inquiry.objects.get().answered_at == START + 21 * DAY


# --- Killed, run twice, and failing ---------------------------------------------------------------


def test_run_twice_it_asks_once(unit, mailbox):
    old_project(unit)
    assert [actions.ask_due(), actions.ask_due(), actions.ask(unit=unit)] == [1, 0, False]
    assert letters() == ["traffen@example.org"]


def test_two_at_once_remind_once(unit, mailbox, clock):
    old_project(unit)
    one = asked(unit)
    other = Inquiry.objects.get(pk=one.pk)
    clock.move_to(START + 21 * DAY)
    assert [actions.remind(inquiry=one), actions.remind(inquiry=other)] == [True, False]
    assert len(letters()) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["inventory.emails.mail.write", "core.models.AuditEntry.record"])
def test_killed_between_the_rows_and_the_mail_nothing_is_left_and_the_next_run_asks(
    monkeypatch, fault
):
    unit = make_unit("Träffpunkten", make_district("Farsta", contact_email="f@example.org"))
    old_project(unit)
    with monkeypatch.context() as broken:
        broken.setattr(fault, lambda *args, **more: 1 / 0)
        with pytest.raises(ExceptionGroup):
            actions.ask_due()
        assert (Inquiry.objects.count(), letters()) == (0, [])
    assert actions.ask_due() == 1
    assert letters() == ["f@example.org"]


@pytest.mark.django_db(transaction=True)
def test_a_unit_that_fails_leaves_the_others_alone(monkeypatch):
    for name in ("Farsta", "Bromma", "Järva"):
        district = make_district(name, contact_email=f"{name[0].lower()}@example.org")
        old_project(district, name)
    ask = whom_to_ask

    def failing(unit, projects):
        if unit.name == "Bromma":
            raise ValueError("fel")
        return ask(unit, projects)

    monkeypatch.setattr("inventory.emails.whom_to_ask", failing)
    with pytest.raises(ExceptionGroup) as told_of:
        actions.ask_due()
    assert [str(each) for each in told_of.value.exceptions] == ["fel"]
    assert sorted(letters()) == ["f@example.org", "j@example.org"]


def test_a_database_that_is_away_is_waited_for(unit, monkeypatch):
    old_project(unit)

    def away(**more):
        raise OperationalError("borta")

    monkeypatch.setattr("inventory.actions.confirming.ask", away)
    with pytest.raises(OperationalError):
        actions.ask_due()


def test_a_run_takes_so_many_units_and_no_more(monkeypatch):
    monkeypatch.setattr("inventory.actions.confirming.BATCH", 2)
    for name in ("Farsta", "Bromma", "Järva"):
        old_project(make_district(name), name)
    assert [actions.ask_due() for _ in range(3)] == [2, 1, 0]


def test_the_database_holds_one_open_inquiry_for_a_unit(unit):
    old_project(unit)
    inquiry = asked(unit)
    later = START + DAY
    for wrong in (
        lambda: Inquiry.objects.create(unit=unit, expires_at=later),
        lambda: Inquiry.objects.update(reminders=3),
        lambda: Inquiry.objects.update(expires_at=START),
        lambda: InquiryEntry.objects.update(answer="stammer"),
        lambda: InquiryEntry.objects.update(answered_at=later),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    Inquiry.objects.filter(pk=inquiry.pk).update(answered_at=later)
    Inquiry.objects.create(unit=unit, expires_at=later)


def test_the_clock_runs_it_once_a_day():
    work = periodic.works["stammer-det-fortfarande"]
    assert (work.function, work.every, work.at) == (
        "inventory.actions.ask_due",
        periodic.DAY,
        datetime.time(6, 30),
    )


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
    assert "En redaktör hör av sig" in text_of(response)
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
    monkeypatch.setattr("inventory.follow_up_views.revise_address", lambda project: "/andra-har/")
    response = signed_in(reporter).post(f"{key_of(inquiry)}{project.public_id}/andra/")
    assert response.url == "/andra-har/"
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
    old_project(unit, "Slut", status="avslutades", **_ended())
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


# --- The curators' list ---------------------------------------------------------------------------

LIST = "/redaktion/tysta-enheter/"


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_the_list_is_for_those_who_edit(role, unit, mailbox, clock):
    old_project(unit)
    inquiry = asked(unit)
    clock.move_to(START + 2 * DAY)
    user = somebody(role, unit)
    client = signed_in(user) if user else Client()
    may = role in roles.EDIT_CONTENT.roles
    other = 302 if role is roles.Visitor else 404
    got = [client.get(path).status_code for path in (LIST, "/redaktion/tysta-enheter.csv")]
    assert got == [200 if may else other] * 2
    assert client.post(f"{LIST}{inquiry.pk}/skicka-igen/").status_code == (302 if may else other)
    assert len(letters()) == 1 + may
    if user:
        assert (f'href="{LIST}"' in page(client, "/mina-sidor/")) == may


def test_the_list_tells_by_district_who_has_not_answered(farsta, unit, mailbox, clock):
    for title in ("A", "B"):
        old_project(unit, title)
    old_project(make_organisation("En förening"), "C")
    old_project(make_unit("Ängen", make_district("Älvsjö")), "D")
    make_member("chef@example.org", Organisation.objects.get(name="Ängen"), MANAGER)
    actions.ask_due()
    actions.confirm(project=Project.objects.get(title="A"), by=None)
    for days in (21, 42):
        clock.move_to(START + days * DAY)
        actions.ask_due()
    client = signed_in(make_curator())
    text = text_of(client.get(LIST))
    assert "3 enheter har inte svarat. 3 av dem är tysta." in text
    assert "Tyst, frågad sedan 2 mars 2026" in text
    assert "Funktionsbrevlåda: Träffpunkten, 13 april 2026" in text
    rows = csv_rows(client.get("/redaktion/tysta-enheter.csv"))
    assert [tuple(row.values()) for row in rows] == [
        (
            "Farsta",
            "Träffpunkten",
            "Tyst",
            "2026-03-02",
            "2026-04-13",
            "2",
            "Funktionsbrevlåda: Träffpunkten",
            "2",
            "1",
        ),
        ("Älvsjö", "Ängen", "Tyst", "2026-03-02", "2026-04-13", "2", "1 enhetschef", "1", "1"),
        (
            "Utan stadsdelsområde",
            "En förening",
            "Ingen att fråga",
            "2026-03-02",
            "2026-04-13",
            "2",
            "",
            "1",
            "1",
        ),
    ]
    assert "chef@example.org" not in page(client, LIST)


def test_sent_again_it_is_one_mail_however_often_it_is_pressed(unit, mailbox, clock):
    old_project(unit)
    inquiry = asked(unit)
    before = key_of(inquiry)
    clock.move_to(START + 70 * DAY)
    curator = make_curator()
    client = signed_in(curator)
    told_of = [
        text_of(client.post(f"{LIST}{inquiry.pk}/skicka-igen/", follow=True)) for _ in range(2)
    ]
    assert "Frågan är skickad igen till Träffpunkten." in told_of[0]
    assert "fick ett mejl för mindre än ett dygn sedan" in told_of[1]
    assert len(letters()) == 2
    inquiry.refresh_from_db()
    codes = [Client().get(path).status_code for path in (before, key_of(inquiry))]
    assert codes == [404, 200]
    entry = AuditEntry.about(inquiry).first()
    assert (entry.verb, entry.by) == ("fråga skickad", curator)
    actions.confirm(project=Project.objects.get(), by=None)
    clock.move_to(START + 72 * DAY)
    late = text_of(client.post(f"{LIST}{inquiry.pk}/skicka-igen/", follow=True))
    assert "har redan svarat" in late
    assert client.post(f"{LIST}4711/skicka-igen/").status_code == 404


def test_where_there_is_nobody_the_curator_is_told_what_to_do(unit, clock):
    old_project(unit)
    inquiry = asked(unit)
    clock.move_to(START + 2 * DAY)
    client = signed_in(make_curator())
    said = text_of(client.post(f"{LIST}{inquiry.pk}/skicka-igen/", follow=True))
    assert "Det finns ännu ingen att fråga i Träffpunkten." in said


def test_an_empty_list_says_so():
    text = text_of(signed_in(make_curator()).get(LIST))
    assert "Alla enheter som har fått frågan har svarat." in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(count, django_assert_num_queries):
    for name in ("Farsta", "Bromma", "Järva")[:count]:
        district = make_district(name)
        old_project(district, name)
        inquiry = asked(district)
        if name != "Farsta":
            actions.want_to_change(entry=inquiry.entries.get(), by=None)
    client = signed_in(make_curator())
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)


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
