"""The inventory's work by the clock, killed in the middle: nobody is forgotten or asked twice.

Each piece of work is run as in production, killed (-9) twice, and run again once its hour is over.
"""

import datetime
import signal
from collections import Counter

import pytest
import time_machine
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import periodic, tasks
from core.models import AuditEntry, Mail, PeriodicRun, WorkerSign
from inventory import actions
from inventory.models import Adoption, DigestSetting, HowItWent, Inquiry
from tests.factories import (
    make_district,
    make_follow,
    make_project,
    make_unit,
    make_user,
    make_writer,
)
from tests.processes import Inbox, mail_server, portal_process, until

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 40
KILLED_AFTER = (5, 20)
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(seconds=61)


def due(name: str) -> None:
    """That work and no other is to be done now."""
    now = timezone.now()
    for each in periodic.works:
        due_at = now if each == name else now + 365 * DAY
        PeriodicRun.objects.update_or_create(name=each, defaults={"due_at": due_at})


def letters() -> int:
    return Mail.objects.count()


def killed(process, *, after: int) -> None:
    """Kill it once so many letters have been written; it had more to do."""
    until(lambda: letters() >= after or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def what_is_due() -> str:
    """Do it; what the command says."""
    with portal_process("manage.py", "periodic", LOG_LEVEL="ERROR") as run:
        return run.communicate(timeout=60)[0]


def run_and_kill(name: str) -> None:
    """Run it until the end, killed twice on the way."""
    before = letters()
    for after in KILLED_AFTER:
        due(name)
        with portal_process("manage.py", "periodic") as run:
            killed(run, after=before + after)
        assert before + after <= letters() < before + MANY
        # Nobody else takes it until the hour of the one that was killed is over.
        run_at = PeriodicRun.objects.get(name=name)
        assert run_at.due_at > timezone.now() + 50 * MINUTE
    due(name)
    assert what_is_due() == f"{name}: klart\n"


def received() -> Counter:
    """Address → how many letters have come there, when all have been sent."""
    inbox = Inbox()
    with (
        mail_server(inbox) as port,
        portal_process(
            "manage.py", "mail_worker", "--until-idle", EMAIL_URL=f"smtp://127.0.0.1:{port}"
        ) as postman,
    ):
        said = postman.communicate(timeout=60)[0]
        assert postman.returncode == 0, said
    return Counter(envelope.rcpt_tos[0] for envelope in inbox.envelopes)


def long_ago(days: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() - days * DAY, tick=False)


def verbs(verb: str) -> int:
    return AuditEntry.objects.filter(verb=verb).count()


@pytest.fixture
def units():
    """Each with a project that nobody has confirmed for more than a year, and a reporter."""
    district = make_district("Farsta")
    made = [make_unit(f"Enhet {number}", district) for number in range(MANY)]
    for unit in made:
        make_writer(unit, email=f"{unit.slug}@example.org")
        with long_ago(400):
            make_project(title=f"Stöd i {unit}", lead=unit)
    return made


def each_once(units) -> dict[str, int]:
    return {f"{unit.slug}@example.org": 1 for unit in units}


def test_every_unit_is_asked_once_whether_its_entries_are_true(units):
    run_and_kill("stammer-det-fortfarande")

    assert Counter(Inquiry.objects.values_list("unit", flat=True)) == {each.pk: 1 for each in units}
    assert verbs("fråga skickad") == MANY
    assert received() == each_once(units)


def test_every_unit_that_is_silent_is_reminded_once(units):
    with long_ago(22):
        for unit in units:
            assert actions.ask(unit=unit)
    Mail.objects.all().delete()

    run_and_kill("stammer-det-fortfarande")

    assert set(Inquiry.objects.values_list("reminders", flat=True)) == {1}
    assert verbs("påmind") == MANY
    assert received() == each_once(units)


def test_every_unit_that_did_likewise_is_asked_once_how_it_went(units):
    with long_ago(200):
        project = make_project(title="Kvällsstöd", lead=make_district("Bromma"))
        for unit in units:
            by = unit.memberships.get().user
            actions.adopt(project=project, unit=unit, text="", payload={}, by=by)
    Mail.objects.all().delete()

    run_and_kill("hur-gick-det")

    asked = list(HowItWent.objects.values_list("adoption", "months"))
    assert sorted(asked) == sorted((each.pk, 6) for each in Adoption.objects.all())
    assert verbs("frågad hur det gick") == MANY
    assert received() == each_once(units)


def test_everybody_who_follows_is_told_once():
    project = make_project(title="Kvällsstöd")
    with long_ago(30):
        for number in range(MANY):
            make_follow(make_user(f"foljer-{number}@example.org"), project=project)
    with long_ago(10):
        actions.record_change(project=project, by=None, changes={"title": ("Stöd", "Kvällsstöd")})
    before = timezone.now() - 20 * DAY
    DigestSetting.objects.update(next_on=timezone.localdate(before), told_until=before)

    due("utskick")
    assert what_is_due() == "utskick: klart\n"
    digests = DBTaskResult.objects.filter(task_path=actions.following.WRITE_DIGEST)
    assert digests.count() == MANY
    # What the search reads takes its time, and is not of this story.
    DBTaskResult.objects.exclude(pk__in=digests).delete()
    for after in KILLED_AFTER:
        with portal_process("manage.py", "worker", "--interval=0.05") as worker:
            killed(worker, after=after)
        assert after <= letters() < MANY
        WorkerSign.objects.update(seen_at=timezone.now() - MINUTE)
        tasks.reap()
        # And the whole of it again, as when the one that enqueued had been killed as well.
        due("utskick")
        assert what_is_due() == "utskick: klart\n"
    with portal_process("manage.py", "worker", "--until-idle") as worker:
        said = worker.communicate(timeout=60)[0]
        assert worker.returncode == 0, said

    assert set(digests.values_list("status", flat=True)) == {"SUCCESSFUL"}
    assert not DigestSetting.objects.due().exists()
    assert received() == {f"foljer-{number}@example.org": 1 for number in range(MANY)}
