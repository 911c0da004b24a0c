"""What moves a project in and out of the inventory, with its history."""

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from core.models import AuditEntry, Edition
from inventory import actions
from inventory.models import Project
from inventory.search import KIND
from search.models import Entry
from tests.factories import make_curator, make_project, save_project
from tests.reading import titles

pytestmark = pytest.mark.django_db


def history(project: Project) -> list[tuple[str, str, str]]:
    lines = AuditEntry.about(project).order_by("pk")
    return list(lines.values_list("verb", "from_state", "to_state"))


def test_publishing_writes_history_and_the_catalogue_under_one_edition(client):
    project, curator = save_project(title="Nytt"), make_curator()
    before = Edition.current()

    actions.publish(project=project, by=curator, reason="Inskickat.")

    entry = AuditEntry.about(project).get()
    assert (entry.verb, entry.to_state, entry.reason, entry.by) == (
        *("publicerad", "publicerad", "Inskickat.", curator),
    )
    assert titles(client) == ["Nytt"]
    assert Entry.objects.get(kind=KIND).edition == Edition.current() == before + 1


def test_a_change_is_told_field_by_field_and_shows_in_the_list(client):
    project = make_project(title="Gammalt")
    project.title = "Nytt"
    project.save()
    actions.record_change(
        project=project, by=make_curator(), changes={"title": ("Gammalt", "Nytt")}
    )
    assert AuditEntry.about(project)[0].changes == {"title": ["Gammalt", "Nytt"]}
    assert titles(client) == ["Nytt"]


def test_confirming_dates_the_entry_today():
    project, curator = make_project(), make_curator()
    with time_machine.travel("2026-05-01T22:30Z", tick=False):
        actions.confirm(project=project, by=curator)
    project.refresh_from_db()
    assert (project.last_confirmed_at, project.last_confirmed_by) == (
        datetime.date(2026, 5, 2),
        curator,
    )
    assert Entry.objects.get(kind=KIND).confirmed_on == datetime.date(2026, 5, 2)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_withdrawal_without_a_reason_is_refused(client, reason):
    project = make_project(title="Kvar")
    with pytest.raises(ValueError, match="needs a reason"):
        actions.withdraw(project=project, reason=reason, by=make_curator())
    assert titles(client) == ["Kvar"]


def test_a_second_withdrawal_changes_nothing():
    project, curator = make_project(), make_curator()
    actions.withdraw(project=project, reason="Dubblett.", by=curator)
    edition = Edition.current()

    actions.withdraw(project=project, reason="Annat skäl.", by=curator)

    project.refresh_from_db()
    assert (project.withdrawn_reason, Edition.current()) == ("Dubblett.", edition)
    assert len(history(project)) == 2


def test_a_withdrawn_project_can_be_shown_again(client):
    project, curator = make_project(title="Tillbaka"), make_curator()
    actions.withdraw(project=project, reason="Misstag.", by=curator)
    actions.restore(project=project, by=curator)
    assert titles(client) == ["Tillbaka"]
    assert history(project) == [
        ("publicerad", "", "publicerad"),
        ("avpublicerad", "publicerad", "avpublicerad"),
        ("publicerad", "avpublicerad", "publicerad"),
    ]


def test_restoring_what_was_never_withdrawn_tells_no_story():
    project = make_project()
    actions.restore(project=project, by=make_curator())
    assert history(project) == [("publicerad", "", "publicerad")]


def test_a_project_shows_on_its_day_once_the_daily_run_has_been(client, capsys):
    with time_machine.travel("2026-05-01T12:00Z", tick=False):
        make_project(title="I morgon", embargo_until=datetime.date(2026, 5, 2))
        make_project(title="I övermorgon", embargo_until=datetime.date(2026, 5, 3))
        call_command("publish_due")
        assert titles(client) == []

    with time_machine.travel("2026-05-01T22:05Z", tick=False):
        call_command("publish_due")
        assert titles(client) == ["I morgon"]
        assert actions.publish_due() == 0

    assert capsys.readouterr().out == "0 projekt visas nu.\n1 projekt visas nu.\n"


def test_the_daily_run_leaves_the_withdrawn_out(client):
    project = make_project(embargo_until=timezone.localdate())
    actions.withdraw(project=project, reason="Dubblett.", by=make_curator())
    assert (actions.publish_due(), titles(client)) == (0, [])
