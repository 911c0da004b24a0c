"""Once a year a unit is asked whether its entries are true: who, when, how often."""

import datetime

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client

from core import periodic
from core.models import AuditEntry, Mail
from inventory import actions
from inventory.actions.confirming import units_to_ask
from inventory.emails import whom_to_ask
from inventory.models import Inquiry, InquiryEntry, Project
from people.models import Membership, Organisation
from tests.factories import (
    make_curator,
    make_district,
    make_measure,
    make_member,
    make_succession,
    make_unit,
    make_user,
)

from .asking import START, answers, asked, ended, key_of, letters, old_project, paths_in, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = datetime.timedelta(days=1)
REPORTER, MANAGER = "uppgiftslamnare", "enhetschef"


# --- Who is asked ---------------------------------------------------------------------------------


def test_units_are_asked_about_what_nobody_has_confirmed_for_a_year(unit, mailbox):
    old_project(unit, "Gammalt")
    old_project(unit, "Bekräftat", last_confirmed_at=START.date() - 200 * DAY)
    old_project(unit, "Nyss", last_confirmed_at=START.date() - 100 * DAY)
    old_project(unit, "Slut", status="avslutades", **ended())
    old_project(unit, "Påhittat", generated=True)
    old_project(unit, "Kommande", embargo_until=START.date() + DAY)
    withdrawn = old_project(unit, "Borttaget")
    actions.withdraw(project=withdrawn, reason="Dubblett.", by=make_curator())
    old_project(make_district("Bromma"), "Nytt", published_at=START - 364 * DAY)

    assert list(units_to_ask(START)) == [unit]
    assert actions.ask_due() == 1
    # What is half a year old is asked about at the same time: one mail a year.
    assert answers(Inquiry.objects.get()) == {"Gammalt": "", "Bekräftat": ""}


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
    texts = list(Mail.objects.order_by("pk").values_list("text", flat=True))
    days = ("23 mars", "13 april", "1 maj")  # on the last, the links expire
    for text, last in zip(texts, days, strict=True):
        assert f"Svara gärna senast den {last} 2026." in text
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
    Project.objects.filter(pk=project.pk).update(status="avslutades", **ended())
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
@pytest.mark.parametrize("fault", ["core.mail.write", "core.models.AuditEntry.record"])
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
