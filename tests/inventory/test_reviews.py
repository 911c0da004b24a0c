"""What becomes of what was handed in: who may move it where, and what is written when."""

from decimal import Decimal

import pytest
from django.db import connection

from core.models import AuditEntry, Mail
from inventory import actions
from inventory.actions.drafts import move
from inventory.differences import NAMES, Reader, flat, joined, told_changes
from inventory.draft_forms import Answers, payload_of
from inventory.models import Comment, Draft, Measure, MeasurePoint, Project, UnitRules
from people.actions import give_role
from people.models import Membership, User
from search.models import Entry
from tests.factories import (
    begin_draft,
    complete_answers,
    make_curator,
    make_district,
    make_handed_in,
    make_link,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_user,
)

pytestmark = pytest.mark.django_db

State = Draft.State


@pytest.fixture
def curator() -> User:
    return make_curator()


def placed(state: str, **fields) -> Draft:
    """A draft that stands there, as if it had come there by allowed moves."""
    draft = make_handed_in(**fields)
    project = make_project() if state == State.PUBLISHED else draft.project
    Draft.objects.filter(pk=draft.pk).update(state=state, project=project)
    return Draft.objects.get(pk=draft.pk)


def publish(draft: Draft, by: User, take: tuple[str, ...] = ()) -> Project:
    """Publish it as the page does."""
    draft = Draft.objects.get(pk=draft.pk)
    if draft.project is None:
        payload, names, changes = draft.payload, list(NAMES), {}
    else:
        now = payload_of(draft.project)
        union = joined(draft.payload, draft.base, now, take=take)
        payload, names = union.payload, union.names
        changes = told_changes(Reader(now), Reader(payload), names)
    return actions.publish_draft(
        draft=draft,
        clean=Answers(payload).clean(),
        names=names,
        version=draft.version,
        changes=changes,
        by=by,
    )


# --- The table of moves ---------------------------------------------------------------------------

ALLOWED = {
    ("utkast", "hos-chefen"),
    ("utkast", "inlamnat"),
    ("hos-chefen", "utkast"),
    ("hos-chefen", "inlamnat"),
    ("inlamnat", "utkast"),
    ("inlamnat", "atersant"),
    ("inlamnat", "publicerat"),
    ("inlamnat", "avbojt"),
    ("atersant", "hos-chefen"),
    ("atersant", "inlamnat"),
}


@pytest.mark.parametrize("before", State.values)
@pytest.mark.parametrize("after", State.values)
def test_a_draft_moves_as_the_table_says_and_tells_of_it(curator, before, after):
    draft = placed(before)
    lines = AuditEntry.about(draft).count()
    more = {"project": make_project()} if after == State.PUBLISHED else {}
    if (before, after) in ALLOWED:
        move(draft, State(after), by=curator, verb="flyttad", reason="Därför.", **more)
        entry = AuditEntry.about(draft).first()
        assert (entry.verb, entry.from_state, entry.to_state, entry.by, entry.reason) == (
            *("flyttad", before, after, curator, "Därför."),
        )
    else:
        with pytest.raises(actions.NotAllowedMove):
            move(draft, State(after), by=curator, verb="flyttad", **more)
        after = before
        assert AuditEntry.about(draft).count() == lines
    assert Draft.objects.get(pk=draft.pk).state == after


STEPS = {
    "submit": lambda draft, by: actions.submit(
        draft=draft, version=draft.version, by=by, approves=True
    ),
    "take_back": lambda draft, by: actions.take_back(draft=draft, by=by),
    "give_back": lambda draft, by: actions.give_back(draft=draft, reason="Mer.", by=by),
    "decline": lambda draft, by: actions.decline(draft=draft, reason="Nej.", by=by),
    "publish": publish,
    "claim": lambda draft, by: actions.claim(draft=draft, by=by),
    "comment": lambda draft, by: actions.comment(
        draft=draft, question="need", text="Hur?", by=by, key="k"
    ),
}
WHERE = {
    "submit": {"utkast", "hos-chefen", "atersant"},
    "take_back": {"hos-chefen", "inlamnat"},
    "give_back": {"inlamnat"},
    "decline": {"inlamnat"},
    "publish": {"inlamnat"},
    "claim": {"inlamnat"},
    "comment": {"inlamnat"},
}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_taken_only_from_where_it_may(curator, step, state):
    draft = placed(state)
    before = (AuditEntry.objects.count(), Mail.objects.count(), Project.objects.count())
    if state in WHERE[step]:
        STEPS[step](draft, curator)
        assert AuditEntry.objects.count() > before[0]
        return
    with pytest.raises(actions.NotAllowedMove):
        STEPS[step](draft, curator)
    assert before == (AuditEntry.objects.count(), Mail.objects.count(), Project.objects.count())
    assert Draft.objects.get(pk=draft.pk).state == state


def test_with_a_manager_that_approves_it_waits_for_her_first(curator):
    draft = begin_draft()
    UnitRules.objects.create(unit=draft.unit, manager_approves=True)
    actions.submit(draft=draft, version=draft.version, by=draft.created_by, approves=False)
    assert (draft.state, draft.submissions.count()) == ("hos-chefen", 0)
    actions.submit(draft=draft, version=draft.version, by=curator, approves=True)
    assert (draft.state, draft.submissions.count()) == ("inlamnat", 1)


# --- Claims and comments --------------------------------------------------------------------------


def test_two_curators_take_it_at_once_and_one_has_it(curator):
    other = make_curator("annan@example.org")
    draft = make_handed_in()
    first, second = (Draft.objects.get(pk=draft.pk) for _ in range(2))
    actions.claim(draft=first, by=curator)
    with pytest.raises(actions.NotAllowedMove):
        actions.claim(draft=second, by=other)
    assert Draft.objects.get(pk=draft.pk).claimed_by == curator


def test_to_take_it_twice_is_to_have_it_and_to_release_it_is_another_thing(curator):
    draft = make_handed_in()
    actions.claim(draft=draft, by=curator)
    actions.claim(draft=draft, by=curator)
    assert Draft.objects.get(pk=draft.pk).claimed_by == curator
    actions.release(draft=draft, by=make_curator("annan@example.org"))
    assert Draft.objects.get(pk=draft.pk).claimed_by == curator
    actions.release(draft=draft, by=curator)
    actions.release(draft=draft, by=curator)
    assert Draft.objects.get(pk=draft.pk).claimed_by is None
    verbs = AuditEntry.about(draft).order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[2:] == ["tagen för granskning", "släppt"]


def test_it_is_taken_over_from_who_had_it_as_one_read(curator):
    other = make_curator("annan@example.org")
    draft = make_handed_in()
    actions.claim(draft=draft, by=other)
    actions.claim(draft=Draft.objects.get(pk=draft.pk), by=curator)
    assert Draft.objects.get(pk=draft.pk).claimed_by == curator


def test_the_same_comment_twice_is_one_also_when_it_was_returned_in_between(curator):
    draft = make_handed_in()
    STEPS["comment"](draft, curator)
    actions.give_back(draft=draft, reason="", by=curator)
    STEPS["comment"](draft, curator)
    assert Comment.objects.values_list("question", "text").get() == ("need", "Hur?")


def test_a_return_says_why_by_comments_that_wait_or_by_its_reason(curator):
    draft = make_handed_in()
    with pytest.raises(ValueError, match="needs a reason"):
        actions.give_back(draft=draft, reason=" ", by=curator)
    made = actions.comment(draft=draft, question="", text="Hur?", by=curator, key="k")
    actions.answer_comment(comment=made, text="Så.", by=draft.created_by)
    with pytest.raises(ValueError, match="needs a reason"):
        actions.give_back(draft=draft, reason="", by=curator)
    actions.give_back(draft=draft, reason="Skriv mer.", by=curator)
    assert AuditEntry.about(draft).first().reason == "Skriv mer."


def test_to_decline_needs_a_reason_and_nobody_reviews_it_any_more(curator):
    draft = make_handed_in()
    actions.claim(draft=draft, by=curator)
    with pytest.raises(ValueError, match="needs a reason"):
        actions.decline(draft=draft, reason="\n", by=curator)
    actions.decline(draft=draft, reason="Finns redan.", by=curator)
    draft = Draft.objects.get(pk=draft.pk)
    assert (draft.state, draft.claimed_by) == ("avbojt", None)


# --- Mail -----------------------------------------------------------------------------------------


def mails() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("purpose", "to"))


def test_each_move_writes_its_mail_once(curator):
    district = make_district("Farsta")
    writer = make_user("skribent@example.org")
    Membership.objects.create(
        user=writer, organisation=district, role="uppgiftslamnare", state="godkand"
    )
    draft = make_handed_in(unit=district, by=writer)
    assert mails() == []  # nobody has been given the role of curator
    STEPS["comment"](draft, curator)
    assert mails() == []
    actions.give_back(draft=draft, reason="", by=curator)
    actions.submit(draft=draft, version=draft.version, by=writer, approves=True)
    publish(draft, curator)
    with pytest.raises(actions.NotAllowedMove):
        publish(draft, curator)
    assert mails() == [
        ("utkast-returned", "skribent@example.org"),
        ("utkast-published", "skribent@example.org"),
    ]


def test_what_is_handed_in_again_goes_to_who_reviewed_it_while_she_is_a_curator(curator):
    hers, other = make_user("en@example.org"), make_user("tva@example.org")
    for user in (hers, other):
        give_role(user=user, role="redaktor", by=None)
    draft = make_handed_in()
    told = [[to for purpose, to in mails() if purpose == "utkast-submitted"]]
    actions.claim(draft=draft, by=hers)
    for _ in range(2):
        Mail.objects.all().delete()
        actions.give_back(draft=draft, reason="Mer.", by=hers)
        actions.submit(draft=draft, version=draft.version, by=draft.created_by, approves=True)
        told.append([to for purpose, to in mails() if purpose == "utkast-submitted"])
        User.objects.filter(pk=hers.pk).update(is_active=False)
    both = ["en@example.org", "tva@example.org"]
    assert [sorted(each) for each in told] == [both, ["en@example.org"], ["tva@example.org"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["inventory.emails.draft_published", "search.catalogue.refresh"])
def test_a_fault_while_publishing_drops_all_of_it(curator, monkeypatch, fault):
    draft = make_handed_in()
    before = (AuditEntry.objects.count(), Mail.objects.count())
    monkeypatch.setattr(fault, lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(draft, curator)
    assert before == (AuditEntry.objects.count(), Mail.objects.count())
    assert (Project.objects.count(), Draft.objects.get(pk=draft.pk).state) == (0, "inlamnat")


# --- A new project --------------------------------------------------------------------------------


def test_what_is_published_is_what_was_answered(curator):
    union = make_organisation("En förening")
    draft = make_handed_in(
        payload=complete_answers(
            partners__0__organisation=str(union.pk),
            partners__0__role="brukarorganisation",
            links__0__kind="rapport",
            links__0__title="Rapporten",
            links__0__url="https://example.org/r",
        )
    )
    project = publish(draft, curator)
    draft = Draft.objects.get(pk=draft.pk)
    assert (draft.state, draft.project, draft.is_revision) == ("publicerat", project, False)
    answered = flat(draft.payload) | {"visibility": ["alla"]}
    assert flat(payload_of(project) | {"measures-0-id": []}) == answered
    assert (project.lead, project.visibility, project.last_confirmed_by) == (
        *(draft.unit, "alla", None),
    )
    assert Entry.objects.filter(kind="projekt", object_id=project.public_id).exists()


def test_a_version_that_was_saved_since_is_not_published_unread(curator):
    draft = make_handed_in()
    read = Draft.objects.get(pk=draft.pk)
    actions.save(draft=draft, payload=draft.payload, version=draft.version, by=curator)
    with pytest.raises(actions.OldVersion):
        actions.publish_draft(
            draft=read,
            clean=Answers(read.payload).clean(),
            names=NAMES,
            version=read.version,
            changes={},
            by=curator,
        )
    assert Project.objects.count() == 0


# --- A revision -----------------------------------------------------------------------------------


def published(**fields) -> Project:
    """A whole project, published from answers, with all that it may have."""
    terms = {"service_areas": ["Socialpsykiatri"], "themes": ["Boende"]}
    terms |= {"interventions": ["Boendestöd"], "target_groups": ["Vuxna"]}
    project = make_project(**terms | fields)
    make_measure(project, ("2015", 40, 10), ("2016", 50, None), goal="Fler mår bättre")
    make_link(project)
    make_partner(project, make_organisation("En förening"))
    return project


def test_only_what_the_unit_changed_is_written(curator):
    project = published(rationale="Forskning.")
    address, rows = (
        project.get_absolute_url(),
        (
            set(Measure.objects.values_list("pk", flat=True)),
            set(MeasurePoint.objects.values_list("pk", flat=True)),
        ),
    )
    draft = make_handed_in(project=project, need="Ett annat behov.")
    # Meanwhile a curator corrects something else.
    Project.objects.update(rationale="Erfarenhet.", source_section="s. 4")
    assert publish(draft, curator) == project
    project.refresh_from_db()
    assert (project.need, project.rationale, project.source_section) == (
        *("Ett annat behov.", "Erfarenhet.", "s. 4"),
    )
    assert project.get_absolute_url() == address
    assert rows == (
        set(Measure.objects.values_list("pk", flat=True)),
        set(MeasurePoint.objects.values_list("pk", flat=True)),
    )
    assert AuditEntry.about(project).first().changes == {
        "need": ["Många är ensamma på kvällen.", "Ett annat behov."]
    }


def test_a_new_name_keeps_the_number(curator):
    project = published()
    publish(make_handed_in(project=project, title="Ett annat namn"), curator)
    project.refresh_from_db()
    assert (project.title, Project.objects.count()) == ("Ett annat namn", 1)


def test_the_history_never_tells_a_contact(curator):
    project = published()
    publish(make_handed_in(project=project, contact_function="Samordnaren"), curator)
    assert AuditEntry.about(project).first().changes == {"contact_function": None}


def test_what_both_changed_stands_as_published_unless_the_draft_s_is_taken(curator):
    project = published()
    draft = make_handed_in(project=project, need="Enhetens.", dose="En timme.")
    Project.objects.update(need="Redaktörens.")
    project.refresh_from_db()
    union = joined(draft.payload, draft.base, payload_of(project))
    assert (union.names, union.disputed) == (["dose"], ["need"])
    assert union.payload["need"] == ["Redaktörens."]
    taken = joined(draft.payload, draft.base, payload_of(project), take=["need", "title"])
    assert set(taken.names) == {"dose", "need"}
    assert taken.payload["need"] == ["Enhetens."]


def test_the_same_answer_on_both_sides_is_no_dispute(curator):
    project = published()
    draft = make_handed_in(project=project, need="Samma.")
    Project.objects.update(need="Samma.")
    project.refresh_from_db()
    union = joined(draft.payload, draft.base, payload_of(project))
    assert (union.names, union.disputed) == ([], [])


def test_a_browser_s_line_ends_and_order_of_choices_change_nothing():
    typed = {"activities": ["a\r\n- b"], "themes": ["12", "3"]}
    stored = {"activities": ["a\n- b"], "themes": ["3", "12"], "need": [""]}
    assert flat(typed) == flat(stored)


def test_a_withdrawn_project_is_not_revised(curator):
    project = published()
    draft = make_handed_in(project=project, need="Ett annat.")
    actions.withdraw(project=project, reason="Dubblett.", by=curator)
    with pytest.raises(actions.NotAllowedMove):
        publish(draft, curator)
    assert Draft.objects.get(pk=draft.pk).state == "inlamnat"


# --- Measures of a revision -----------------------------------------------------------------------


def points(project: Project) -> dict[str, list[tuple[str, float]]]:
    """The measures of a project by what they count, with their points."""
    return {
        measure.indicator: [(str(point.date), float(point.value)) for point in measure.points.all()]
        for measure in Measure.objects.filter(project=project).prefetch_related("points")
    }


def add_point(project: Project, date: str, value: int | Decimal) -> None:
    MeasurePoint.objects.create(measure=project.measures.first(), date=date, value=value)


def without(payload, prefix):
    return {name: values for name, values in payload.items() if not name.startswith(prefix)}


def test_a_point_that_came_meanwhile_is_no_change_and_stays(curator):
    project = published()
    draft = make_handed_in(project=project, need="Ett annat.")
    add_point(project, "2017", 60)
    union = joined(draft.payload, draft.base, payload_of(project))
    assert (union.names, union.disputed) == (["need"], [])
    publish(draft, curator)
    assert points(project) == {"Andel som mår bättre": [("2015", 40), ("2016", 50), ("2017", 60)]}


def test_it_stays_when_the_unit_changed_the_measure_as_well(curator):
    project = published()
    base = payload_of(project)
    changed = base | {
        "measures-0-goal": ["Många mår bättre"],
        "measures-0-point-1-value": ["55"],
        "measures-0-point-2-date": ["2018"],
        "measures-0-point-2-value": ["70"],
    }
    draft = make_handed_in(project=project, payload=changed)
    kept = MeasurePoint.objects.get(date="2015").pk
    add_point(project, "2017", 60)
    union = joined(draft.payload, draft.base, payload_of(project))
    assert (union.names, union.disputed) == (["measures"], [])
    publish(draft, curator)
    assert points(project) == {
        "Andel som mår bättre": [("2015", 40), ("2016", 55), ("2017", 60), ("2018", 70)]
    }
    assert project.measures.get().goal == "Många mår bättre"
    assert MeasurePoint.objects.get(date="2015").pk == kept


def test_a_point_that_both_added_is_there_once(curator):
    project = published()
    added = {"measures-0-point-2-date": ["2017"], "measures-0-point-2-value": ["60.0"]}
    draft = make_handed_in(project=project, payload=payload_of(project) | added)
    add_point(project, "2017", 60)
    publish(draft, curator)
    assert points(project) == {"Andel som mår bättre": [("2015", 40), ("2016", 50), ("2017", 60)]}


def test_numbers_are_the_same_however_they_are_written(curator):
    """A revision that began with points for commas, and one whose writer typed them otherwise."""
    project = published(cost_total=250_000)
    add_point(project, "2017", Decimal("62.5"))
    now = payload_of(project)
    assert now["measures-0-point-2-value"] == ["62,5"]
    typed = {"measures-0-point-2-value": ["62.50"], "cost_total": ["250 000"]}
    for base, mine in ((now | typed, now | typed), (now, now | typed)):
        union = joined(mine, base, now)
        assert (union.names, union.disputed) == ([], [])
    changed = typed | {"measures-0-goal": ["Många mår bättre"]}
    draft = make_handed_in(project=project, payload=now | changed)
    Draft.objects.filter(pk=draft.pk).update(base=now | typed)
    draft.refresh_from_db()
    kept = set(MeasurePoint.objects.values_list("pk", flat=True))
    publish(draft, curator)
    assert project.measures.get().goal == "Många mår bättre"
    assert set(MeasurePoint.objects.values_list("pk", flat=True)) == kept


def test_a_point_that_the_unit_took_away_goes(curator):
    project = published()
    payload = without(payload_of(project), "measures-0-point-0-")
    draft = make_handed_in(project=project, payload=payload)
    add_point(project, "2017", 60)
    publish(draft, curator)
    assert points(project) == {"Andel som mår bättre": [("2016", 50), ("2017", 60)]}


def test_a_measure_that_the_unit_took_away_goes_unless_points_have_come(curator):
    project = published()
    make_measure(project, ("2015", 3, None), indicator="Samtal", unit="stycken")
    for came in (False, True):
        number = "1" if not came else "0"
        payload = without(payload_of(project), f"measures-{number}-")
        payload |= {
            "measures-5-indicator": [f"Nytt {came}"],
            "measures-5-unit": ["stycken"],
        }
        draft = make_handed_in(project=project, payload=payload)
        if came:
            add_point(project, "2017", 60)
            union = joined(draft.payload, draft.base, payload_of(project))
            assert (union.names, union.disputed) == ([], ["measures"])
        publish(draft, curator, take=("measures",))
    assert points(project) == {
        "Andel som mår bättre": [("2015", 40), ("2016", 50), ("2017", 60)],
        "Nytt False": [],
        "Nytt True": [],
    }


def test_a_measure_that_came_meanwhile_stays(curator):
    project = published()
    payload = payload_of(project) | {"measures-0-goal": ["Många mår bättre"]}
    draft = make_handed_in(project=project, payload=payload)
    make_measure(project, ("2017", 3, None), indicator="Samtal", unit="stycken")
    publish(draft, curator, take=("measures",))
    assert points(project) == {
        "Andel som mår bättre": [("2015", 40), ("2016", 50)],
        "Samtal": [("2017", 3)],
    }


# --- Answers that would break the database --------------------------------------------------------


def test_an_organisation_named_twice_is_told_and_not_a_fault():
    union = make_organisation("En förening")
    row = {"organisation": str(union.pk), "role": "ovrig"}
    named = {f"partners__{n}__{name}": value for n in (0, 1) for name, value in row.items()}
    (lack,) = Answers(complete_answers(**named)).lacking()
    assert (lack.name, lack.text) == (
        "partners-1-organisation",
        "En förening finns redan bland dem som medverkar.",
    )


def test_who_may_read_is_everybody_where_nothing_is_said():
    assert Answers(complete_answers(visibility="")).clean().fields["visibility"] == "alla"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table whole.")
def test_what_waits_is_found_by_its_index():
    assert "draft_by_state" in Draft.objects.waiting().values("pk").explain()
