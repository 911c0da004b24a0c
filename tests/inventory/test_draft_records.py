"""What is kept of drafts: for the registrator, and about those who wrote."""

import datetime

import pytest
from django.utils import timezone

from core import register
from core.models import AuditEntry
from core.register import Person
from inventory import actions, exchange, personal_data
from inventory.models import Comment, Draft, Submission
from people import records
from tests.factories import make_curator, make_district, make_draft, make_unit, make_writer

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_unit("Träffpunkten", make_district("Farsta"))


def returned(unit, by, curator) -> Draft:
    """Handed in, commented, returned and answered."""
    draft = make_draft(unit, by=by)
    actions.submit(draft=draft, version=draft.version, by=by, approves=False)
    said = actions.comment(draft=draft, question="need", text="Hur?", by=curator, key="k")
    actions.claim(draft=draft, by=curator)
    actions.give_back(draft=draft, reason="", by=curator)
    actions.answer_comment(comment=said, text="Så.", by=by)
    return draft


def test_what_was_received_is_kept_as_it_was_and_handed_out(unit):
    by, curator = make_writer(unit, email="anna@example.org"), make_curator()
    draft = returned(unit, by, curator)
    handed_in = draft.payload
    Draft.objects.update(payload={"title": ["Annat"]})

    (row,) = records.all_series["inlamningar"].rows(None, None)
    told = dict(zip(exchange.SUBMISSION_COLUMNS, row, strict=True))
    assert told | {"inlamnat": None} == {
        **{"nummer": Submission.objects.get().pk, "inlamnat": None, "utkast": draft.pk},
        **{"inlamning": 1, "enhet": "Träffpunkten", "namn": "Kvällsöppet boendestöd"},
        **{"lopnummer": None, "inlamnat_av": "anna@example.org", "svar": handed_in},
        **{"filer": [], "filer_som_tas_bort": []},
    }
    (row,) = records.all_series["kommentarer"].rows(timezone.localdate(), timezone.localdate())
    told = dict(zip(exchange.COMMENT_COLUMNS, row, strict=True))
    assert (told["fraga"], told["kommentar"], told["svar"]) == ("need", "Hur?", "Så.")
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert list(records.all_series["inlamningar"].rows(tomorrow, None)) == []
    assert list(records.all_series["kommentarer"].rows(tomorrow, None)) == []


def test_who_wrote_is_handed_out(unit):
    by, curator = make_writer(unit, email="anna@example.org"), make_curator()
    draft = returned(unit, by, curator)
    told = [facts["Vad"] for facts in personal_data.WRITERS.of_person(Person(by.email, by))]
    assert told == [
        f"Skrev i Utkast {draft.pk}, Träffpunkten",
        f"Lämnade in utkast {draft.pk}",
        f"Svarade på en kommentar till utkast {draft.pk}",
    ]
    told = [facts["Vad"] for facts in personal_data.WRITERS.of_person(Person("", curator))]
    assert told == [
        f"Granskar Utkast {draft.pk}, Träffpunkten",
        f"Kommenterade utkast {draft.pk}",
    ]
    assert list(personal_data.WRITERS.of_person(Person("ingen@example.org"))) == []


NAMED = {
    Draft: ("changed_at", ("created_by", "changed_by", "claimed_by")),
    Submission: ("submitted_at", ("submitted_by",)),
    Comment: ("written_at", ("written_by", "answered_by")),
}


def names() -> set[int | None]:
    rows = [
        row for model, (_, fields) in NAMED.items() for row in model.objects.values_list(*fields)
    ]
    return {value for row in rows for value in row}


def test_names_go_with_the_account_and_when_their_time_is_over(unit):
    by, curator = make_writer(unit), make_curator()
    returned(unit, by, curator)
    by.delete()
    assert names() == {curator.pk, None}
    period = personal_data.WRITERS.period
    long_ago = timezone.now() - datetime.timedelta(days=800)
    for model, field in (
        (Draft, "changed_at"),
        (Submission, "submitted_at"),
        (Comment, "written_at"),
    ):
        model.objects.update(**{field: long_ago})
    before = timezone.now() - datetime.timedelta(days=period.days)
    assert (period.due(before), period.erase(before)) == (1, 1)  # the draft is still open
    Draft.objects.update(state="avbojt")
    assert (period.due(before), period.erase(before)) == (1, 1)
    assert names() == {None}
    assert (period.due(before), personal_data.WRITERS.left()) == (0, (0, None))
    assert "utkast" in {holding.key for holding in register.holdings()}


def test_the_history_tells_nothing_that_was_typed(unit):
    by, curator = make_writer(unit), make_curator()
    draft = returned(unit, by, curator)
    lines = AuditEntry.about(draft).order_by("pk")
    assert [line.verb for line in lines] == [
        *("inlämnad", "kommenterad", "tagen för granskning", "återsänd", "kommentar besvarad"),
    ]
    assert all(line.changes == {} for line in lines)
    assert {line.object_label for line in lines} == {f"Utkast {draft.pk}, Träffpunkten"}
