"""Organisations become one: roles and units go over, what is old stays where it was written."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import periodic
from core.models import AuditEntry, Mail, PeriodicRun
from people import actions, roles
from people.history import of_merger
from people.merging import CannotMerge, Plan
from people.models import Membership, Merger, Organisation, Succession, User
from search.models import Entry
from tests.factories import (
    make_curator,
    make_district,
    make_merger,
    make_organisation,
    make_partner,
    make_project,
    make_succession,
    make_unit,
    make_user,
)
from tests.people.test_roles import somebody
from tests.reading import page, text_of, titles

pytestmark = pytest.mark.django_db

State = Membership.State
DAY = datetime.date(2023, 7, 1)
MERGE = reverse("admin:people_organisation_merge")
MERGED = reverse("admin:people_organisation_merged")


@pytest.fixture
def by() -> User:
    return make_curator()


@pytest.fixture
def city() -> Organisation:
    return make_organisation("Stockholms stad", kind=Organisation.Kind.MUNICIPALITY)


@pytest.fixture
def pair(city) -> list[Organisation]:
    """Two districts of the city."""
    return [make_district(name, parent=city) for name in ("Norrmalm", "Östermalm")]


def new(name: str = "Norra innerstaden", **fields: Any) -> Organisation:
    """An organisation that is to be made by a merger."""
    return Organisation(**{"name": name, "slug": "norra-innerstaden"} | fields)


def join(user: User, organisation: Organisation, role: str = "uppgiftslamnare", **fields: Any):
    """Somebody's approved role there, unless told otherwise."""
    fields = {"state": State.APPROVED, "decided_at": timezone.now()} | fields
    return Membership.objects.create(user=user, organisation=organisation, role=role, **fields)


def roles_in(organisation: Organisation) -> list[tuple[str, str, str]]:
    """Who is what there, now or perhaps soon."""
    found = Membership.objects.open().filter(organisation=organisation).order_by("user__email")
    return list(found.values_list("user__email", "role", "state"))


def verbs(obj: Any) -> list[str]:
    return list(AuditEntry.about(obj).order_by("pk").values_list("verb", flat=True))


# --- What happens -------------------------------------------------------------------------------


def test_two_districts_become_a_new_one(pair, city, by):
    pair[0].neighbourhoods = ["Vasastan"]
    pair[0].save()

    merger = make_merger(pair, by=by)

    made = Organisation.objects.get(slug="norra-innerstaden")
    assert (made.kind, made.parent, made.valid_from, made.neighbourhoods) == (
        Organisation.Kind.DISTRICT,
        city,
        DAY,
        ["Vasastan"],
    )
    assert (merger.state, merger.successor, merger.settled_at is not None) == (
        Merger.State.DONE,
        made,
        True,
    )
    assert [each.valid_to for each in Organisation.objects.filter(mergers=merger)] == [DAY, DAY]
    rows = Succession.objects.order_by("predecessor__sort_key")
    assert list(rows.values_list("predecessor", "successor", "date")) == [
        (each.pk, made.pk, DAY) for each in pair
    ]


def test_one_goes_over_into_an_existing_one(pair, by):
    old, successor = pair
    successor.valid_from = datetime.date(1997, 1, 1)
    successor.save()

    actions.merge_organisations(
        organisations=[old], successor=successor, date=DAY, by=by, reason="Beslut."
    )

    successor.refresh_from_db()
    assert (successor.valid_from, successor.valid_to) == (datetime.date(1997, 1, 1), None)
    assert Succession.objects.get().successor == successor
    line = AuditEntry.about(successor).get()
    assert (line.verb, line.changes) == ("ändrad", {"föregångare": ["", "Norrmalm"]})


def test_members_go_over_with_their_roles_and_by_their_old_decision(pair, by):
    manager = make_user("chef@example.org")
    asked, decided = (datetime.datetime(2020, 1, day, tzinfo=datetime.UTC) for day in (1, 2))
    old = join(
        make_user("a@example.org"), pair[0], asked_at=asked, decided_at=decided, decided_by=manager
    )
    join(make_user("b@example.org"), pair[1], "enhetschef")
    waiting = {"state": State.REQUESTED, "decided_at": None}
    join(make_user("c@example.org"), pair[1], "samordnare", **waiting)
    left = join(make_user("d@example.org"), pair[0], state=State.ENDED, ended_at=decided)

    merger = make_merger(pair, by=by)

    assert roles_in(merger.successor) == [
        ("a@example.org", "uppgiftslamnare", "godkand"),
        ("b@example.org", "enhetschef", "godkand"),
        ("c@example.org", "samordnare", "begard"),
    ]
    assert [roles_in(each) for each in pair] == [[], []]
    went_on = Membership.objects.get(user=old.user, organisation=merger.successor)
    assert (went_on.asked_at, went_on.decided_at, went_on.decided_by) == (asked, decided, manager)
    left.refresh_from_db()
    assert (left.organisation, left.ended_at) == (pair[0], decided)
    assert (verbs(old), verbs(went_on), verbs(left)) == (["avslutad"], ["flyttad"], [])
    line = AuditEntry.about(went_on).get()
    assert (line.by, line.reason, line.changes) == (
        by,
        "Beslut i nämnden.",
        {"organisation": ["Norrmalm", "Norra innerstaden"]},
    )


@pytest.mark.parametrize(
    ("first", "second", "there", "result"),
    [
        ("godkand", "godkand", None, "godkand"),
        ("begard", "godkand", None, "godkand"),
        ("begard", "begard", None, "begard"),
        ("godkand", None, "godkand", "godkand"),
        ("godkand", None, "begard", "godkand"),
        ("begard", None, "godkand", "godkand"),
        ("begard", None, "begard", "begard"),
    ],
)
def test_who_is_in_several_is_there_once(pair, by, first, second, there, result):
    user, successor = make_user("a@example.org"), make_district("Norra innerstaden")
    for organisation, state in [(pair[0], first), (pair[1], second), (successor, there)]:
        if state:
            decided = None if state == "begard" else timezone.now()
            join(user, organisation, state=state, decided_at=decided)

    plan = Plan(pair, successor, DAY)
    assert [move.is_approved for move in plan.moves] == [result == "godkand"]
    actions.merge_organisations(
        organisations=pair, successor=successor, date=DAY, by=by, reason="Beslut."
    )

    assert roles_in(successor) == [("a@example.org", "uppgiftslamnare", result)]
    assert Mail.objects.filter(purpose="medlemskap-flyttat").count() == 1


def test_each_member_is_told_once_of_all_her_roles_and_a_closed_account_is_not(pair, by):
    user = make_user("a@example.org")
    join(user, pair[0], "enhetschef")
    join(user, pair[1], "samordnare")
    join(user, pair[1], state=State.REQUESTED, decided_at=None)
    join(make_user("b@example.org", is_active=False), pair[0])

    make_merger(pair, by=by)

    letter = Mail.objects.get(purpose="medlemskap-flyttat")
    assert (letter.to, letter.subject) == (
        "a@example.org",
        "Din enhet är nu en del av Norra innerstaden",
    )
    for told in (
        "Sedan den 1 juli 2023 är Norrmalm och Östermalm en del av Norra innerstaden.",
        "Du är enhetschef i Norra innerstaden.",
        "Du är samordnare i Norra innerstaden.",
        "Din ansökan om att bli uppgiftslämnare gäller nu Norra innerstaden. Den väntar på beslut.",
    ):
        assert told in " ".join(letter.text.split())


def test_who_has_only_asked_is_told_that_she_still_waits(pair, by):
    join(make_user("a@example.org"), pair[0], state=State.REQUESTED, decided_at=None)
    make_merger(pair, by=by)
    assert Mail.objects.get().subject == "Din ansökan gäller nu Norra innerstaden"


def test_units_that_still_exist_go_over_and_others_stay(pair, by):
    unit, gone = make_unit("Träffpunkten", pair[0]), make_unit("Nedlagd", pair[0])
    Organisation.objects.filter(pk=gone.pk).update(valid_to=datetime.date(2010, 1, 1))

    merger = make_merger(pair, by=by)

    unit.refresh_from_db()
    gone.refresh_from_db()
    assert (unit.parent, gone.parent) == (merger.successor, pair[0])
    line = AuditEntry.about(unit).get()
    assert (line.verb, line.changes) == ("ändrad", {"parent": ["Norrmalm", "Norra innerstaden"]})


def test_a_unit_of_a_unit_that_merges_with_it_has_the_same_successor(by):
    farsta = make_district("Farsta")
    section = make_unit("Sektionen", farsta)
    inner = make_unit("Träffpunkten", section)
    merger = make_merger([section, inner], successor=new("Öppenvården", slug="oppenvarden"), by=by)
    inner.refresh_from_db()
    assert (inner.parent, inner.valid_to, merger.successor.parent) == (section, DAY, farsta)
    assert list(inner.successors.all()) == [merger.successor]


def test_members_of_the_city_stay_its_staff(pair, by):
    user = make_user("a@annan.example.org", is_city_staff=False)
    join(user, pair[0])
    actions.update_city_staff(user=user)
    make_merger(pair, by=by)
    user.refresh_from_db()
    assert user.is_city_staff is True


def test_the_history_tells_each_organisation(pair, by):
    merger = make_merger(pair, by=by)
    assert [verbs(each) for each in (*pair, merger.successor, merger)] == [
        ["sammanslagen"],
        ["sammanslagen"],
        ["skapad"],
        ["genomförd"],
    ]
    line = AuditEntry.about(pair[0]).get()
    assert (line.by, line.reason, line.changes) == (
        by,
        "Beslut i nämnden.",
        {"valid_to": ["", "2023-07-01"], "successors": ["", "Norra innerstaden"]},
    )


def test_what_cannot_be_told_is_not_done(pair, by, monkeypatch):
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError("no letter")

    join(make_user("a@example.org"), pair[0])
    monkeypatch.setattr("people.emails.memberships_moved", refuse)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_merger(pair, by=by)
    assert (Merger.objects.count(), Organisation.objects.filter(valid_to=None).count()) == (0, 3)
    assert roles_in(pair[0]) == [("a@example.org", "uppgiftslamnare", "godkand")]


# --- After it -----------------------------------------------------------------------------------


def test_filters_follow_and_old_entries_keep_their_owner(client, pair, by):
    project = make_project(title="Gammalt", lead=pair[0], co_owners=[pair[1]])
    make_partner(project, pair[1])

    merger = make_merger(pair, by=by)

    assert titles(client, "?stadsdel=norra-innerstaden") == ["Gammalt"]
    assert titles(client, "?stadsdel=norrmalm") == ["Gammalt"]
    summary = Entry.objects.get(kind="stadsdel", object_id=pair[0].pk).summary
    assert summary == "Tidigare stadsdelsområde, numera Norra innerstaden."
    assert client.get("/stadsdelar/norrmalm/").status_code == 200
    assert client.get("/stadsdelar/norra-innerstaden/").status_code == 200
    project.refresh_from_db()
    assert (project.lead, list(project.co_owners.all())) == (pair[0], [pair[1]])
    assert project.partners.get().organisation == pair[1]
    assert merger.successor not in project.owners


def test_a_role_in_the_successor_covers_what_was_before(pair, by):
    manager = somebody(roles.UnitManager, pair[0])
    merger = make_merger(pair, by=by)
    asked = [*pair, merger.successor, make_district("Bromma")]
    assert [roles.may(manager, roles.DECIDE_MEMBERSHIP, each) for each in asked] == [
        *(True, True, True),
        False,
    ]


def test_a_reporter_of_what_has_ceased_is_one_for_its_old_entries(pair, by):
    reporter = somebody(roles.Reporter, pair[0])
    project = make_project(lead=pair[0])
    make_merger(pair, by=by)
    assert roles.Reporter in roles.roles_of(reporter, project.lead)


def test_nobody_can_ask_to_join_what_has_ceased(client, pair, by):
    merger = make_merger(pair, by=by)
    client.force_login(make_user("a@example.org"))
    answers = [
        client.post(reverse("join"), {"organisation": each.pk, "role": "samordnare"}).status_code
        for each in (pair[0], merger.successor)
    ]
    assert answers == [422, 302]


# --- Why it cannot be done ----------------------------------------------------------------------


def problems(organisations: list[Organisation], successor: Organisation, date=DAY) -> list[Any]:
    return list(Plan(organisations, successor, date).problems())


def test_one_alone_does_not_become_a_new_one(pair):
    assert problems(pair[:1], new()) == [
        (
            "organisations",
            "Välj minst två organisationer som blir en ny, eller låt den gå upp i en som finns.",
        )
    ]
    assert problems([], pair[0]) == [
        ("organisations", "Välj minst en organisation som går upp i en annan.")
    ]


def test_nothing_goes_over_into_itself_or_into_what_it_covers(pair, city):
    unit = make_unit("Träffpunkten", pair[0])
    older = make_district("Vasastan")
    make_succession(older, pair[0])
    circle = "hör redan till det som slås samman: det blir en cirkel."
    assert problems(pair, pair[0]) == [
        ("successor", "Norrmalm kan inte gå upp i sig själv. Välj en annan.")
    ]
    assert ("successor", f"Träffpunkten {circle}") in problems(pair[:1], unit)
    assert problems(pair[:1], older) == [("successor", f"Vasastan {circle}")]
    inside = new(parent=pair[1])
    assert problems(pair, inside) == [
        ("parent", "Östermalm hör till det som slås samman. Välj något ovanför.")
    ]


def test_only_the_same_kind_merges(pair):
    told = "Bara organisationer av samma typ kan slås samman. De här är: Region och"
    region = make_organisation("Regionen", kind=Organisation.Kind.REGION, parent=pair[0].parent)
    for found in (problems([pair[0], region], new()), problems([pair[0]], region)):
        assert found == [("organisations", f"{told} Stadsdelsförvaltning.")]


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        (
            {"valid_to": datetime.date(2020, 1, 1)},
            ("organisations", "Norrmalm har redan upphört, 2020-01-01. Välj en som finns."),
        ),
        (
            {"valid_from": DAY},
            ("date", "Norrmalm bildas 2023-07-01. Välj en senare dag."),
        ),
    ],
)
def test_what_is_not_there_that_day_does_not_merge(pair, dates, problem):
    Organisation.objects.filter(pk=pair[0].pk).update(**dates)
    pair[0].refresh_from_db()
    assert problems(pair, new()) == [problem]
    expected = ("successor", "Norrmalm finns inte den dagen. Välj en annan.")
    found = problems(pair[1:], pair[0])
    assert found == ([] if dates == {"valid_from": DAY} else [expected])


def test_a_new_one_has_a_name_and_an_address_of_its_own(pair):
    told = "Skriv ett adressnamn med bokstäver och siffror, till exempel sodra-enheten."
    assert problems(pair, new("")) == [
        ("name", "Skriv vad den nya heter, eller välj en som finns.")
    ]
    assert problems(pair, new(slug="")) == [("slug", told)]
    assert problems(pair, new(slug="norrmalm")) == [
        ("slug", "En organisation med det adressnamnet finns redan. Välj den, eller ett annat.")
    ]


def test_a_new_one_is_part_of_what_they_are_part_of(city, pair):
    apart = [make_unit("Ett", pair[0]), make_unit("Två", pair[1])]
    assert problems(apart, new()) == [
        ("parent", "De ingår i olika organisationer. Välj vad den nya ska ingå i.")
    ]
    assert problems(apart, new(parent=pair[0])) == []


def test_one_merger_at_a_time_is_planned_for_each(pair, by, time_machine):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    make_merger(pair, by=by)
    bromma = make_district("Bromma", parent=pair[0].parent)
    told = (
        "Norrmalm ingår redan i en sammanslagning som är planerad till 2023-07-01."
        " Ställ in den först."
    )
    assert problems([pair[0], bromma], new(slug="annat")) == [("organisations", told)]
    assert problems([bromma], pair[0]) == [("successor", told)]
    farsta = make_district("Farsta", parent=pair[0].parent)
    assert problems([farsta, bromma], new()) == [
        ("slug", "En annan planerad sammanslagning gör en organisation med det adressnamnet.")
    ]


def test_what_will_receive_others_cannot_cease_before(pair, by, time_machine):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    make_merger(pair[:1], successor=pair[1], by=by)
    bromma = make_district("Bromma")
    told = (
        "Östermalm tar emot andra i en sammanslagning som är planerad till 2023-07-01."
        " Ställ in den först, eller välj en senare dag."
    )
    assert problems(pair[1:], bromma) == [("organisations", told)]
    assert problems(pair[1:], bromma, DAY + datetime.timedelta(days=1)) == []


def test_the_action_refuses_with_all_that_is_wrong(pair, by):
    with pytest.raises(CannotMerge) as refused:
        make_merger(pair, successor=new(""), by=by)
    assert refused.value.problems == [("name", "Skriv vad den nya heter, eller välj en som finns.")]
    assert Merger.objects.count() == 0


def refuses(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"reason": ""}, "merger_has_reason"),
        ({"name": ""}, "merger_into_something"),
        ({"state": "genomford", "settled_at": timezone.now()}, "merger_done_has_successor"),
        ({"settled_at": timezone.now()}, "merger_settled_some_time"),
        ({"state": "installd", "settled_at": timezone.now()}, "merger_cancelled_with_reason"),
    ],
)
def test_the_database_keeps_what_a_merger_is(fields, constraint):
    complete = {"name": "Ny", "slug": "ny", "date": DAY, "reason": "Beslut."}
    with refuses(constraint):
        Merger.objects.create(**complete | fields)


def test_the_database_lets_an_organisation_wait_for_one_merger(pair):
    first, second = (
        Merger.objects.create(name="Ny", slug=slug, date=DAY, reason="Beslut.")
        for slug in ("ett", "tva")
    )
    first.parts.create(organisation=pair[0])
    second.parts.create(organisation=pair[0], waits=False)
    with pytest.raises(IntegrityError):
        Merger.objects.create(name="A", slug="tre", date=DAY, reason="B.").parts.create(
            organisation=pair[0]
        )


# --- Ahead --------------------------------------------------------------------------------------


def test_a_day_ahead_is_a_plan_until_it_comes(client, pair, by, time_machine):
    time_machine.move_to("2023-06-30 23:00:00+02:00", tick=False)
    user = make_user("a@example.org")
    join(user, pair[0])
    make_project(title="Gammalt", lead=pair[0])
    merger = make_merger(pair, by=by)

    assert (merger.state, merger.successor, str(merger)) == (
        Merger.State.PLANNED,
        None,
        "Sammanslagning till Norra innerstaden 2023-07-01",
    )
    assert (verbs(merger), verbs(pair[0])) == (["planerad"], ["sammanslagning planerad"])
    assert Organisation.objects.filter(slug="norra-innerstaden").exists() is False
    assert (Mail.objects.count(), Succession.objects.count(), actions.merge_due()) == (0, 0, 0)
    assert client.get("/inventering/?stadsdel=norra-innerstaden").status_code == 400

    time_machine.move_to("2023-07-01 00:01:00+02:00", tick=False)
    assert [actions.merge_due() for _ in range(2)] == [1, 0]

    merger.refresh_from_db()
    assert (merger.state, merger.successor.valid_from) == (Merger.State.DONE, DAY)
    assert roles_in(merger.successor) == [("a@example.org", "uppgiftslamnare", "godkand")]
    assert titles(client, "?stadsdel=norra-innerstaden") == ["Gammalt"]
    assert Mail.objects.filter(to=user.email).count() == 1
    assert list(AuditEntry.about(merger).order_by("pk").values_list("verb", "by")) == [
        ("planerad", by.pk),
        ("genomförd", None),
    ]


@pytest.fixture
def only_mergers(monkeypatch) -> None:
    """No other periodic work."""
    name = "slå-samman"
    monkeypatch.setattr(periodic, "works", {name: periodic.works[name]})


def test_the_portal_looks_every_night(pair, by, time_machine, only_mergers):
    time_machine.move_to("2023-06-30 12:00:00+02:00", tick=False)
    make_merger(pair, by=by)
    periodic.run_due()
    time_machine.move_to("2023-07-01 00:02:00+02:00", tick=False)
    assert periodic.run_due()["slå-samman"] == ""
    assert Merger.objects.get().state == Merger.State.DONE


def test_what_can_no_longer_be_done_waits_and_leaves_the_others(
    city, pair, by, time_machine, only_mergers
):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    stuck = make_merger(pair, by=by)
    others = [make_district(name, parent=city) for name in ("Bromma", "Farsta")]
    done = make_merger(others, successor=new("Ytterstaden", slug="ytterstaden"), by=by)
    Organisation.objects.filter(pk=pair[0].pk).update(valid_to=datetime.date(2023, 6, 15))

    PeriodicRun.objects.create(name="slå-samman", due_at=timezone.now())
    time_machine.move_to("2023-07-01 12:00:00+02:00", tick=False)
    trouble = periodic.run_due()["slå-samman"]

    assert "Norrmalm har redan upphört, 2023-06-15. Välj en som finns." in trouble
    states = dict(Merger.objects.values_list("pk", "state"))
    assert states == {stuck.pk: "planerad", done.pk: "genomford"}


def test_a_plan_can_be_cancelled_until_its_day_and_made_again(pair, by, time_machine):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    merger = make_merger(pair, by=by)
    late = Merger.objects.get()
    actions.cancel_merger(merger=merger, reason="Beslutet ändrades.", by=by)

    assert (merger.state, merger.cancelled_because) == (
        Merger.State.CANCELLED,
        "Beslutet ändrades.",
    )
    line = AuditEntry.about(merger).first()
    assert (line.verb, line.from_state, line.to_state, line.reason) == (
        *("inställd", "planerad", "installd"),
        "Beslutet ändrades.",
    )
    assert verbs(pair[0]) == ["sammanslagning planerad", "sammanslagning inställd"]
    with pytest.raises(actions.NotAllowedMove):
        actions.cancel_merger(merger=late, reason="Igen.", by=by)

    again = make_merger(pair, by=by)
    time_machine.move_to("2023-07-01 12:00:00+02:00", tick=False)
    assert actions.merge_due() == 1
    with pytest.raises(actions.NotAllowedMove):
        actions.cancel_merger(merger=again, reason="För sent.", by=by)


# --- The desk -----------------------------------------------------------------------------------


@pytest.fixture
def desk(client, by) -> Client:
    client.force_login(by)
    return client


def typed(organisations: list[Organisation], **fields: Any) -> dict[str, Any]:
    """What an administrator sends."""
    return {
        "organisations": [each.pk for each in organisations],
        "date": "2023-07-01",
        "name": "Norra innerstaden",
        "reason": "Beslut i nämnden.",
        "opened": "en-gång",
    } | fields


def test_from_the_list_to_the_page_that_asks(desk, pair):
    chosen = {"action": "merge", "_selected_action": [each.pk for each in pair]}
    response = desk.post(reverse("admin:people_organisation_changelist"), chosen)
    assert response["Location"] == (
        f"{MERGE}?organisations={pair[0].pk}&organisations={pair[1].pk}"
    )
    text = text_of(page(desk, response["Location"]))
    assert "Norrmalm (stadsdelsförvaltning) Östermalm (stadsdelsförvaltning)" in text
    for strange in ("x", "9" * 30, "²"):
        assert desk.get(MERGE, {"organisations": strange}).status_code == 200


def test_what_is_shown_is_what_is_done(desk, client, pair, by):
    user = make_user("a@example.org")
    join(user, pair[0], "enhetschef")
    join(user, pair[1], "enhetschef")
    join(make_user("b@example.org"), pair[0], state=State.REQUESTED, decided_at=None)
    unit = make_unit("Träffpunkten", pair[0])
    make_project(title="Norrmalms", lead=pair[0])
    make_project(title="Östermalms", lead=pair[1], co_owners=[pair[0]])
    make_project(title="Träffen", lead=unit)
    before = AuditEntry.objects.count()

    response = desk.post(MERGE, typed(pair))

    plan = response.context["plan"]
    assert response.status_code == 200
    shown = {each.label: (each.now, each.after) for each in plan.filters}
    assert shown == {"Norrmalm": (3, 2), "Norra innerstaden": (0, 3)}
    assert (len(plan.moves), plan.people, plan.units, plan.entries) == (2, 2, [unit], 2)
    text = text_of(response.content.decode())
    for told in (
        "Norrmalm upphör 1 juli 2023 och får Norra innerstaden som efterföljare.",
        "Norra innerstaden bildas 1 juli 2023 och ingår i Stockholms stad.",
        "Medlemskap som flyttas: 2 Konton som berörs: 2.",
        "a@example.org, enhetschef: Norrmalm och Östermalm → Norra innerstaden",
        "b@example.org, uppgiftslämnare (väntar på beslut): Norrmalm → Norra innerstaden",
        "Enheter som flyttas: 1 Träffpunkten: Norrmalm → Norra innerstaden",
        "Publicerat som står kvar: 2",
        "Norra innerstaden: hittar 0 nu och 3 efteråt",
    ):
        assert told in text
    assert (AuditEntry.objects.count(), Merger.objects.count()) == (before, 0)

    assert desk.post(MERGED, typed(pair)).status_code == 302

    found = {
        slug: len(titles(client, f"?stadsdel={slug}")) for slug in ("norrmalm", "norra-innerstaden")
    }
    assert found == {"norrmalm": 2, "norra-innerstaden": 3}
    made = Organisation.objects.get(slug="norra-innerstaden")
    assert roles_in(made) == [
        ("a@example.org", "enhetschef", "godkand"),
        ("b@example.org", "uppgiftslamnare", "begard"),
    ]


def test_the_preview_carries_what_was_typed_to_the_button(desk, pair):
    response = desk.post(MERGE, typed(pair, short_name="Norra", reason="Rad ett\nRad två"))
    markup = response.content.decode()
    hidden = "".join(str(field.as_hidden()) for field in response.context["form"])
    assert hidden in markup
    assert (hidden.count("<input"), "aria-describedby" in hidden) == (10, False)
    assert f'action="{MERGED}"' in markup


def test_a_double_click_makes_one_merger_and_answers_the_same(desk, pair):
    answers = [desk.post(MERGED, typed(pair)) for _ in range(2)]
    merger = Merger.objects.get()
    led = reverse("admin:people_merger_change", args=[merger.pk])
    assert [(each.status_code, each["Location"]) for each in answers] == [(302, led)] * 2
    assert AuditEntry.about(merger).count() == 1


def test_who_comes_second_from_a_page_of_her_own_is_told(desk, pair):
    desk.post(MERGED, typed(pair))
    response = desk.post(MERGED, typed(pair, opened="en-annan"))
    told = "Norrmalm har redan upphört, 2023-07-01. Välj en som finns."
    assert (response.status_code, told in response.content.decode()) == (422, True)
    assert Merger.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("opened", [("a", "a"), ("a", "b")])
def test_of_two_at_once_one_merges(opened):
    city = make_organisation("Stockholms stad", kind=Organisation.Kind.MUNICIPALITY)
    pair = [make_district(name, parent=city) for name in ("Norrmalm", "Östermalm")]
    join(make_user("a@example.org"), pair[0])
    by = make_curator()
    start = threading.Barrier(2)

    def send(key: str) -> int:
        try:
            browser = Client()
            browser.force_login(by)
            start.wait()
            return browser.post(MERGED, typed(pair, opened=key)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(send, opened))
    assert answers == ([302, 302] if opened == ("a", "a") else [302, 422])
    assert (Merger.objects.count(), Mail.objects.count()) == (1, 1)


@pytest.mark.parametrize("address", [MERGE, MERGED])
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"date": ""}, "Skriv ett datum som 2026-05-17."),
        ({"date": "i morgon"}, "Skriv ett datum som 2026-05-17."),
        ({"reason": " "}, "Skriv varför de slås samman."),
        ({"reason": "Enligt 19811218-9876"}, "personnummer"),
        ({"name": "19811218-9876"}, "personnummer"),
        ({"name": ""}, "Skriv vad den nya heter, eller välj en som finns."),
        ({"slug": "åäö"}, "Använd bara bokstäverna a–z, siffror och bindestreck."),
        ({"successor": "9" * 30}, "Organisationen finns inte längre. Välj en annan i listan."),
        ({"parent": "x"}, "Organisationen finns inte längre. Välj en annan i listan."),
        ({"organisations": []}, "Välj organisationerna i listan över organisationer."),
        ({"organisations": ["x"]}, "Organisationen finns inte längre."),
        ({"organisations": ["9" * 30]}, "Organisationen finns inte längre."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(desk, pair, address, fields, told):
    response = desk.post(address, typed(pair, short_name="Norra") | fields)
    markup = response.content.decode()
    assert (response.status_code, told in markup) == (422, True)
    assert 'value="Norra"' in markup
    assert (Merger.objects.count(), Organisation.objects.filter(valid_to=None).count()) == (0, 3)


def test_an_existing_one_is_chosen_without_a_new_name(desk, pair):
    both = typed(pair[:1], successor=pair[1].pk)
    assert (
        "Lämna namnet tomt: du har valt en som finns." in desk.post(MERGED, both).content.decode()
    )
    assert desk.post(MERGED, both | {"name": ""}).status_code == 302
    assert Merger.objects.get().successor == pair[1]


def test_the_name_makes_the_address(desk, pair):
    desk.post(MERGED, typed(pair, name="Östra Södermalm & Ö"))
    assert Merger.objects.get().successor.slug == "ostra-sodermalm-o"


def test_a_plan_is_cancelled_at_the_desk_with_a_reason(desk, pair, time_machine):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    preview = text_of(desk.post(MERGE, typed(pair)).content.decode())
    assert "Det här blir planerat till 1 juli 2023" in preview
    led = desk.post(MERGED, typed(pair))["Location"]
    merger = Merger.objects.get()
    address = reverse("admin:people_merger_cancel", args=[merger.pk])
    assert f'href="{address}"' in page(desk, led)
    history = desk.get(reverse("admin:people_merger_history", args=[merger.pk]))
    assert history["Location"] == (
        f"/admin/core/auditentry/?app_model=people.merger&object_id={merger.pk}"
    )
    assert "Norrmalm, Östermalm" in page(desk, reverse("admin:people_merger_changelist"))
    assert desk.get(address).status_code == 200
    refused = desk.post(address, {"reason": " "})
    assert (refused.status_code, merger.state) == (422, Merger.State.PLANNED)
    assert "Skriv varför sammanslagningen ställs in." in refused.content.decode()

    assert [desk.post(address, {"reason": "Ändrat."})["Location"] for _ in range(2)] == [led] * 2

    merger.refresh_from_db()
    assert (merger.state, merger.cancelled_because) == (Merger.State.CANCELLED, "Ändrat.")
    assert verbs(merger) == ["planerad", "inställd"]
    assert f'href="{address}"' not in page(desk, led)


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_only_who_may_merge_sees_and_does_it(role, pair, time_machine):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    planned = make_merger(
        [make_district(name, parent=pair[0].parent) for name in ("Bromma", "Farsta")],
        successor=new("Ytterstaden", slug="ytterstaden"),
        by=make_curator(),
    )
    user, browser = somebody(role, pair[0]), Client()
    if user:
        browser.force_login(user)
    cancel = reverse("admin:people_merger_cancel", args=[planned.pk])
    answers = [
        browser.get(MERGE).status_code,
        browser.post(MERGE, typed(pair)).status_code,
        browser.get(cancel).status_code,
        browser.get(reverse("admin:people_merger_changelist")).status_code,
        browser.post(MERGED, typed(pair)).status_code,
        browser.post(cancel, {"reason": "Ändrat."}).status_code,
    ]
    if role in roles.MERGE_ORGANISATIONS.roles:
        assert answers == [200, 200, 200, 200, 302, 302]
        assert (Merger.objects.count(), Merger.objects.planned().count()) == (2, 1)
    else:
        # Who has no business at the desk is led to the login, as from every page of it.
        at_the_desk = role in {roles.Curator, roles.Registrar}
        assert answers == [403 if at_the_desk else 302] * 6
        assert (Merger.objects.count(), Merger.objects.planned().count()) == (1, 1)


def test_curators_are_not_offered_it(client, pair):
    client.force_login(somebody(roles.Curator, None))
    markup = page(client, reverse("admin:people_organisation_changelist"))
    assert ('value="delete_selected"' in markup, 'value="merge"' in markup) == (True, False)
    chosen = {"action": "merge", "_selected_action": [pair[0].pk]}
    response = client.post(reverse("admin:people_organisation_changelist"), chosen)
    assert MERGE not in response.get("Location", "")


def test_the_button_is_no_page(desk):
    assert desk.get(MERGED).status_code == 405
    assert desk.get(reverse("admin:people_merger_cancel", args=[1])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_asks_as_much_of_one_member_as_of_many(
    desk, pair, count, django_assert_num_queries
):
    for number in range(count):
        join(make_user(f"{number}@example.org"), pair[0])
        make_unit(f"Enhet {number}", pair[0])
    with django_assert_num_queries(19):
        desk.post(MERGE, typed(pair))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_mergers_asks_as_much_of_one_as_of_many(
    desk, city, by, count, django_assert_num_queries
):
    for number in range(count):
        olds = [make_district(f"{name} {number}", parent=city) for name in ("Ett", "Två")]
        make_merger(olds, successor=new(f"Nytt {number}", slug=f"nytt-{number}"), by=by)
    with django_assert_num_queries(6):
        desk.get(reverse("admin:people_merger_changelist"))


# --- What was moved -------------------------------------------------------------------------------


def test_the_page_of_a_merger_tells_what_it_moved_and_how_it_is_put_right(desk, pair, by):
    unit = make_unit("Träfflokalen", pair[0])
    join(make_user("a@example.org"), pair[1])
    other = make_district("Bromma")
    merger = make_merger(pair, by=by)
    make_merger([other], by=by, successor=make_district("Järva"))
    told = [
        (line.entry.object_label, line.entry.verb, line.entry.changes.get("parent"))
        for line in of_merger(merger)
    ]
    member = Membership.objects.get(organisation=merger.successor).user
    assert told == [
        ("Norra innerstaden", "skapad", None),
        ("Norrmalm", "sammanslagen", None),
        ("Östermalm", "sammanslagen", None),
        ("Träfflokalen", "ändrad", ["Norrmalm", "Norra innerstaden"]),
        (f"Konto {member.pk}: Uppgiftslämnare, Östermalm", "avslutad", None),
        (f"Konto {member.pk}: Uppgiftslämnare, Norra innerstaden", "flyttad", None),
    ]
    unit.refresh_from_db()
    assert unit.parent == merger.successor
    text = text_of(page(desk, reverse("admin:people_merger_change", args=[merger.pk])))
    assert "Träfflokalen: ändrad. " in text
    assert "Norrmalm → Norra innerstaden" in text
    assert "En sammanslagning tas inte tillbaka med en knapp" in text


def test_a_plan_has_moved_nothing_yet(desk, pair, by, time_machine):
    time_machine.move_to("2023-06-01 12:00:00+02:00", tick=False)
    merger = make_merger(pair, by=by)
    assert of_merger(merger) == []
    markup = page(desk, reverse("admin:people_merger_change", args=[merger.pk]))
    assert "En sammanslagning tas inte tillbaka" not in markup


def test_one_that_was_done_by_mistake_is_corrected_by_hand(pair, by):
    """As docs/adr/0020 says: successor and end taken away, and filters find as before."""
    project = make_project(lead=pair[0])
    merger = make_merger(pair, by=by)
    for each in pair:
        Succession.objects.filter(predecessor=each).delete()
        Organisation.objects.filter(pk=each.pk).update(valid_to=None)
        actions.organisation_changed(organisation=Organisation.objects.get(pk=each.pk))
    assert titles(Client(), "?stadsdel=norra-innerstaden") == []
    assert titles(Client(), f"?stadsdel={pair[0].slug}") == [project.title]
    assert merger.successor is not None
