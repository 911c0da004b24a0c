"""Background tasks: enqueued in the transaction, tried again, listed, put back."""

import datetime
import logging

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import tasks
from core.models import AuditEntry, BackgroundTask, WorkerSign
from core.tasks import ATTEMPTS, TaskWorker, later
from tests.factories import make_curator

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


def work_off() -> None:
    """Run what is due, in this process."""
    worker = TaskWorker()
    while worker.step():
        pass


def claim(worker: str) -> DBTaskResult:
    """Take the next task, which must be there."""
    row = tasks.claim(worker)
    assert row
    return row


def lines(path) -> list[str]:
    return [line.split(" ", 1)[1] for line in path.read_text().splitlines()]


@pytest.mark.django_db
def test_a_task_is_run_with_its_arguments(tmp_path):
    later("tests.work.note", str(tmp_path / "a"), line="räksmörgås")

    work_off()

    task = BackgroundTask.objects.get()
    assert lines(tmp_path / "a") == ["räksmörgås"]
    assert (task.status, task.attempts, task.trouble) == ("SUCCESSFUL", 1, "")


@pytest.mark.django_db(transaction=True)
def test_a_rollback_drops_the_task():
    def half_done() -> None:
        with transaction.atomic():
            later("tests.work.nothing", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    with transaction.atomic():
        later("tests.work.nothing", 2)

    kept = DBTaskResult.objects.get()
    assert kept.args_kwargs == {"args": [2], "kwargs": {}}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "error"), [("tests.work.not_a_task", TypeError), ("tests.work.absent", ImportError)]
)
def test_what_is_no_task_is_refused_at_once(name, error):
    with pytest.raises(error):
        later(name)
    assert DBTaskResult.objects.count() == 0


@pytest.mark.django_db
def test_a_task_may_wait_for_its_time(tmp_path):
    with time_machine.travel(NOW, tick=False) as clock:
        later("tests.work.nothing", 1, run_after=timezone.now() + datetime.timedelta(hours=1))
        work_off()
        assert BackgroundTask.objects.get().status == "READY"
        clock.shift(3600)
        work_off()
        assert BackgroundTask.objects.get().status == "SUCCESSFUL"


@pytest.mark.django_db
def test_a_task_that_fails_is_tried_again_with_growing_pauses_and_then_listed(caplog):
    caplog.set_level(logging.CRITICAL, logger="core.tasks")
    with time_machine.travel(NOW, tick=False) as clock:
        later("tests.work.fail", "Källan svarar inte")
        waits = []
        while True:
            work_off()
            task = BackgroundTask.objects.get()
            if task.status != "READY":
                break
            waits.append(round((task.run_after - timezone.now()).total_seconds() / 60))
            assert task.trouble == "ValueError: Källan svarar inte"
            clock.move_to(task.run_after)

    assert waits == [1, 5, 25, 125]
    assert (task.status, task.attempts) == ("FAILED", ATTEMPTS)
    assert task.trouble == "ValueError: Källan svarar inte"


@pytest.mark.django_db
def test_a_failed_task_begins_anew_when_somebody_says_so_and_the_history_tells(tmp_path):
    curator = make_curator()
    later("tests.work.fail", "nej")
    DBTaskResult.objects.update(status="FAILED", worker_ids=["a"] * ATTEMPTS)
    task = BackgroundTask.objects.get()

    assert tasks.try_again(task=task, by=curator) is True
    assert tasks.try_again(task=task, by=curator) is False

    task.refresh_from_db()
    assert (task.status, task.attempts) == ("READY", 0)
    entry = AuditEntry.about(task).get()
    assert (entry.verb, entry.by, entry.from_state, entry.to_state) == (
        *("försöks igen", curator, "FAILED", "READY"),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["tests.work.unwritable", "tests.work.gone"])
def test_what_the_queue_cannot_hold_or_find_is_a_failure_like_any_other(name):
    later("tests.work.unwritable")
    DBTaskResult.objects.update(task_path=name)

    work_off()

    task = BackgroundTask.objects.get()
    assert (task.status, task.attempts) == ("READY", 1)
    assert task.trouble != ""


@pytest.mark.django_db
def test_a_task_of_a_silent_worker_is_put_back_and_that_of_a_living_one_is_not():
    now = timezone.now()
    for worker, silent in (("living", 5), ("dead", 61)):
        WorkerSign.objects.create(
            worker=worker,
            kind=WorkerSign.Kind.TASKS,
            started_at=now - datetime.timedelta(hours=1),
            seen_at=now - datetime.timedelta(seconds=silent),
        )
        later("tests.work.nothing", worker)
        assert tasks.claim(worker)

    assert tasks.reap() == 1

    state = {task.args_kwargs["args"][0]: task for task in BackgroundTask.objects.all()}
    assert (state["living"].status, state["dead"].status) == ("RUNNING", "READY")
    assert state["dead"].attempts == 1
    assert claim("living").pk == state["dead"].pk


@pytest.mark.django_db
def test_a_task_that_kills_its_worker_is_listed_in_the_end():
    with time_machine.travel(NOW, tick=False) as clock:
        later("tests.work.nothing", 1)
        for attempt in range(ATTEMPTS):
            assert tasks.claim("dead"), attempt
            assert tasks.reap() == 1
            clock.shift(3 * 3600)

    task = BackgroundTask.objects.get()
    assert task.status == "FAILED"
    assert task.trouble == "Arbetaren som körde uppgiften gav inget livstecken längre."


@pytest.mark.django_db
def test_a_worker_taken_for_dead_does_not_overwrite_what_the_next_one_did():
    later("tests.work.nothing", 1)
    slow = claim("slow")
    tasks.reap()
    quick = claim("quick")

    assert tasks._finish(slow, status="FAILED") is False
    assert tasks._finish(quick, status="SUCCESSFUL") is True
    assert BackgroundTask.objects.get().status == "SUCCESSFUL"


@pytest.mark.django_db
def test_old_results_are_forgotten():
    now = timezone.now()
    ages = {"ny": 6, "gammal": 8}
    for name, days in ages.items():
        later("tests.work.nothing", name)
        new = DBTaskResult.objects.filter(status="READY")
        new.update(status="SUCCESSFUL", finished_at=now - datetime.timedelta(days=days))
    later("tests.work.nothing", "misslyckad")
    new = DBTaskResult.objects.filter(status="READY")
    new.update(status="FAILED", finished_at=now - datetime.timedelta(days=80))

    assert tasks.prune() == 1

    left = {task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()}
    assert left == {"ny", "misslyckad"}
