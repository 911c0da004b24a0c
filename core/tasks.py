"""Background tasks: enqueued in the running transaction, claimed by one worker, tried again.

    @task
    def read_file(pk: int) -> None: ...          # in library/tasks.py: ids in, one action out

    later("library.tasks.read_file", file.pk)    # in an action; a rollback drops it

A task may run more than once (a worker can die just before it says that it was done), so each is
written so that twice is as good as once. docs/adr/0011-tasks-and-mail.md tells why.
"""

import datetime
import logging
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import Task, TaskContext, TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult

from core.middleware import request_id
from core.models import AuditEntry, BackgroundTask, WorkerSign
from core.worker import Worker, living_workers

__all__ = ["later", "task"]

log = logging.getLogger(__name__)

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
SUCCESSFUL, FAILED = TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED

# Minutes between one attempt and the next. When they are used up, a person decides.
PAUSES = (1, 5, 25, 125)
ATTEMPTS = len(PAUSES) + 1

KEEP_SUCCESSFUL = datetime.timedelta(days=7)
KEEP_FAILED = datetime.timedelta(days=90)


def later(name: str, *args: Any, run_after: datetime.datetime | None = None, **kwargs: Any) -> str:
    """Enqueue the task of that dotted name in the running transaction; returns its id.

    Arguments are what JSON can hold, preferably ids. Raises ImportError or TypeError at once when
    the name is not that of a task.
    """
    found = import_string(name)
    if not isinstance(found, Task):
        raise TypeError(f"{name} is not a task.")
    return found.using(run_after=run_after).enqueue(*args, **kwargs).id


# --- What the worker does -------------------------------------------------------------------------


def claim(worker_id: str) -> DBTaskResult | None:
    """Take the next task that is due, or None. A conditional UPDATE: only one worker gets it."""
    for at_once in (1, 20):  # the first is nearly always free
        candidates = list(DBTaskResult.objects.ready()[:at_once])
        for row in candidates:
            before = row.started_at
            row.status, row.started_at = RUNNING, timezone.now()
            row.worker_ids = [*row.worker_ids, worker_id]
            if DBTaskResult.objects.filter(pk=row.pk, status=READY, started_at=before).update(
                status=row.status, started_at=row.started_at, worker_ids=row.worker_ids
            ):
                return row
        if len(candidates) < at_once:
            break
    return None


def _finish(row: DBTaskResult, **fields: Any) -> bool:
    """Write how a run ended; False when the task has been given to somebody else meanwhile."""
    still_ours = DBTaskResult.objects.filter(pk=row.pk, status=RUNNING, started_at=row.started_at)
    return bool(still_ours.update(**fields))


def _pause(attempts: int) -> datetime.timedelta:
    return datetime.timedelta(minutes=PAUSES[attempts - 1])


def run(row: DBTaskResult) -> dict[str, Any]:
    """Run a claimed task; the fields that tell how it went."""
    token = request_id.set(row.id.hex)  # logs and history show which task it was
    try:
        function = row.task
        args, kwargs = row.args_kwargs["args"], row.args_kwargs["kwargs"]
        if function.takes_context:
            context = TaskContext(task_result=row.task_result)  # type: ignore[arg-type]
            args = [context, *args]
        value = normalize_json(function.call(*args, **kwargs))
    except Exception as problem:
        return _trouble(row, problem)
    finally:
        request_id.reset(token)
    return {
        "status": SUCCESSFUL,
        "finished_at": timezone.now(),
        "return_value": value,
        "exception_class_path": "",
        "traceback": "",
    }


def _trouble(row: DBTaskResult, problem: Exception) -> dict[str, Any]:
    """After an exception: again later, or to the list for a person."""
    attempts = len(row.worker_ids)
    fields: dict[str, Any] = {
        "exception_class_path": f"{type(problem).__module__}.{type(problem).__qualname__}",
        "traceback": "".join(format_exception(problem)).replace("\0", ""),
    }
    if attempts < ATTEMPTS:
        log.warning("Task %s failed, attempt %s: %r", row.task_path, attempts, problem)
        return fields | {"status": READY, "run_after": timezone.now() + _pause(attempts)}
    log.error("Task %s failed for good", row.task_path, exc_info=problem)
    return fields | {"status": FAILED, "finished_at": timezone.now()}


class TaskWorker(Worker):
    """Claims tasks one at a time and runs them."""

    kind = WorkerSign.Kind.TASKS

    def step(self) -> bool:
        """Run one task, if one is due."""
        row = claim(self.id)
        if row is None:
            return False
        fields = run(row)
        if not self.surely(lambda: _finish(row, **fields)):
            log.warning("Task %s was given to another worker meanwhile", row.task_path)
        return True

    def let_go(self) -> None:
        """Nothing is being run: what stands as ours was claimed when contact broke."""
        for row in DBTaskResult.objects.running():
            if row.worker_ids[-1:] == [self.id]:
                _finish(row, status=READY)


# --- What is done beside the worker ---------------------------------------------------------------


def reap() -> int:
    """Put back tasks whose worker has given no sign of life for a minute; returns how many.

    The lost run counts as an attempt; when none is left the task is listed for a person.
    """
    alive = living_workers()
    count = 0
    for row in DBTaskResult.objects.running():
        if row.worker_ids and row.worker_ids[-1] in alive:
            continue
        attempts = len(row.worker_ids)
        died = "Arbetaren som körde uppgiften gav inget livstecken längre."
        fields: dict[str, Any] = {"exception_class_path": "", "traceback": died}
        if attempts < ATTEMPTS:
            # At once the first time; with pauses when it seems to be the task that kills.
            pause = _pause(attempts - 1) if attempts > 1 else datetime.timedelta()
            fields |= {"status": READY, "run_after": timezone.now() + pause}
        else:
            fields |= {"status": FAILED, "finished_at": timezone.now()}
        if _finish(row, **fields):
            log.warning("Task %s was left by its worker after attempt %s", row.task_path, attempts)
            count += 1
    return count


@transaction.atomic
def try_again(*, task: BackgroundTask, by: Any) -> bool:
    """Let a failed task begin anew; False when it is not failed any longer. Writes history."""
    moved = BackgroundTask.objects.filter(pk=task.pk, status=FAILED).update(
        status=READY, worker_ids=[], run_after=timezone.now(), finished_at=None
    )
    if moved:
        AuditEntry.record("försöks igen", task, by=by, from_state=FAILED, to_state=READY)
    return bool(moved)


def prune(now: datetime.datetime | None = None) -> int:
    """Forget tasks that ended long ago, their arguments and tracebacks; returns how many."""
    now = now or timezone.now()
    ended = DBTaskResult.objects
    count, _ = ended.filter(status=SUCCESSFUL, finished_at__lt=now - KEEP_SUCCESSFUL).delete()
    more, _ = ended.filter(status=FAILED, finished_at__lt=now - KEEP_FAILED).delete()
    return count + more
