"""The workers as they run: real processes, killed, cut off and short of disk."""

import datetime
import resource
import signal
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import mail, tasks
from core.models import Mail, WorkerSign
from core.tasks import TaskWorker, later
from core.worker import Signs, forget_signs, living_workers, seconds_since_sign
from tests.processes import Inbox, mail_server, portal_process, until

pytestmark = pytest.mark.django_db(transaction=True)

needs_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="för SQLite")
needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="för PostgreSQL")

# Writes mails, each in a transaction with a task, and says which were committed.
WRITER = """
import django; django.setup()
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from core import mail
from core.tasks import later
from core.models import Mail
body = "Hej å " * 300
full = 0
while full < 3:
    try:
        with transaction.atomic():
            written = Mail.objects.create(
                message_id=mail._message_id(), purpose="prov", to="asa@example.org",
                subject="Prov", text=body, html=body, next_at=timezone.now(),
            )
            later("tests.work.nothing", written.pk)
    except OperationalError:
        full += 1
        connection.close()
        print("full", flush=True)
    else:
        print(written.message_id, flush=True)
"""


def finished(process: subprocess.Popen[str], within: float = 60) -> None:
    """It ends by itself, and well."""
    said = process.communicate(timeout=within)[0]
    assert process.returncode == 0, said


def write_mails(count: int) -> None:
    """That many mails, in one transaction."""
    with transaction.atomic():
        for number in range(count):
            mail.write(
                to=f"mottagare{number}@example.org",
                template="tests/letter.html",
                context={"name": f"Åsa {number}"},
                purpose="prov",
            )


def kinds_alive() -> Counter:
    return Counter(WorkerSign.objects.values_list("kind", flat=True))


def silence() -> None:
    """Let a minute pass for all workers, as far as signs of life tell."""
    WorkerSign.objects.update(seen_at=timezone.now() - datetime.timedelta(seconds=61))


def count(state: str) -> int:
    return Mail.objects.filter(state=state).count()


def statuses() -> Counter:
    return Counter(DBTaskResult.objects.values_list("status", flat=True))


def mail_worker(port: int, *more: str):
    url = f"smtp://127.0.0.1:{port}"
    return portal_process("manage.py", "mail_worker", "--interval=0.05", *more, EMAIL_URL=url)


def task_worker(*more: str):
    return portal_process("manage.py", "worker", "--interval=0.05", *more)


def written_lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def test_several_workers_never_take_the_same_task(tmp_path):
    log, total = tmp_path / "log", 300
    with ExitStack() as started:
        for _ in range(3):
            started.enter_context(task_worker())
        until(lambda: kinds_alive()["uppgifter"] == 3)
        with transaction.atomic():
            for number in range(total):
                later("tests.work.note", str(log), str(number))
        until(lambda: statuses() == {"SUCCESSFUL": total})

    lines = written_lines(log)
    assert sorted(int(number) for _, number in lines) == list(range(total))
    assert len({pid for pid, _ in lines}) > 1
    assert {len(row.worker_ids) for row in DBTaskResult.objects.all()} == {1}


def test_several_mail_workers_never_send_the_same_mail():
    inbox, total = Inbox(), 120
    with ExitStack() as started:
        port = started.enter_context(mail_server(inbox))
        for _ in range(2):
            started.enter_context(mail_worker(port))
        until(lambda: kinds_alive()["post"] == 2)
        write_mails(total)
        until(lambda: count("skickad") == total)

    assert Counter(inbox.ids) == Counter(Mail.objects.values_list("message_id", flat=True))
    assert len(set(Mail.objects.values_list("claimed_by", flat=True))) == 2


def test_kill_9_in_the_middle_of_200_mails():
    total, inbox = 200, Inbox(delay=0.005)
    write_mails(total)
    with mail_server(inbox) as port:
        for seen in (30, 80, 81, 150):
            with mail_worker(port) as worker:
                until(partial(inbox.has, seen))
                worker.send_signal(signal.SIGKILL)
                worker.wait()
            silence()
            mail.reap()
        with mail_worker(port, "--until-idle") as worker:
            finished(worker)

    received = Counter(inbox.ids)
    everything = set(Mail.objects.values_list("message_id", flat=True))
    listed = set(Mail.objects.filter(state="oviss").values_list("message_id", flat=True))
    assert max(received.values()) == 1  # each at most once
    assert everything - set(received) <= listed  # what did not come is listed
    assert count("skickad") == total - len(listed)  # and the rest was sent by the next worker
    assert len(listed) <= 4
    assert len(everything) == total


def test_kill_9_of_a_process_that_writes_loses_nothing_it_acknowledged():
    inbox = Inbox()
    with portal_process("-c", WRITER) as writer:
        assert writer.stdout
        acknowledged = [writer.stdout.readline().strip() for _ in range(40)]
        writer.kill()
        rest = writer.stdout.read().splitlines(keepends=True)
    acknowledged += [line.strip() for line in rest if line.endswith("\n")]

    kept = set(Mail.objects.values_list("message_id", flat=True))
    assert set(acknowledged) <= kept
    assert len(kept) - len(acknowledged) <= 1  # committed, and killed before it could say so
    assert DBTaskResult.objects.count() == len(kept)  # mail and task come together
    with mail_server(inbox) as port, mail_worker(port, "--until-idle") as worker:
        finished(worker)
    assert Counter(inbox.ids) == Counter(kept)


def test_a_task_whose_worker_was_killed_is_run_by_the_next_one(tmp_path):
    log, go = tmp_path / "log", tmp_path / "go"
    later("tests.work.wait_for", str(log), str(go))
    with task_worker() as first:
        until(lambda: written_lines(log))
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert statuses() == {"RUNNING": 1}
    silence()

    go.touch()
    with task_worker("--periodic") as second:
        until(lambda: statuses() == {"SUCCESSFUL": 1})
        second.send_signal(signal.SIGTERM)
        finished(second)

    assert [word for _, word in written_lines(log)] == ["började", "började", "klar"]
    assert len(DBTaskResult.objects.get().worker_ids) == 2


def test_a_worker_that_is_told_to_stop_finishes_what_it_does(tmp_path):
    log, go = tmp_path / "log", tmp_path / "go"
    later("tests.work.wait_for", str(log), str(go))
    later("tests.work.note", str(log), "nästa")
    with task_worker() as worker:
        until(lambda: written_lines(log))
        worker.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert worker.poll() is None
        go.touch()
        finished(worker)

    assert [word for _, word in written_lines(log)] == ["började", "klar"]
    assert statuses() == {"SUCCESSFUL": 1, "READY": 1}
    assert kinds_alive() == {}  # it left in good order


def test_an_idle_worker_stops_at_once():
    with portal_process("manage.py", "worker", "--interval=60") as worker:
        until(kinds_alive)
        time.sleep(0.5)
        worker.send_signal(signal.SIGTERM)
        finished(worker, within=10)


# --- Without the database -------------------------------------------------------------------------


@needs_postgres
def test_workers_live_through_restarts_of_postgresql(tmp_path):
    log, total, inbox = tmp_path / "log", 200, Inbox(delay=0.005)
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    cuts = 0
    with mail_server(inbox) as port, mail_worker(port) as post, task_worker() as worker:
        until(lambda: len(kinds_alive()) == 2)
        write_mails(total)
        for number in range(total):
            later("tests.work.note", str(log), str(number))
        while count("skickad") < total:
            if cuts < 8:
                with connection.cursor() as cursor:
                    cursor.execute(cut)
                    cuts += cursor.fetchone()[0] > 0
            time.sleep(0.25)
            assert (post.poll(), worker.poll()) == (None, None)
        until(lambda: statuses() == {"SUCCESSFUL": total})

    assert cuts > 2
    assert Counter(inbox.ids) == Counter(Mail.objects.values_list("message_id", flat=True))
    assert {int(number) for _, number in written_lines(log)} == set(range(total))


@needs_sqlite
def test_a_full_disk_stops_the_mail_worker_until_there_is_room_and_nothing_goes_twice():
    total, inbox = 60, Inbox()
    write_mails(total)
    connection.close()  # the write-ahead log then begins anew
    with mail_server(inbox) as port, mail_worker(port, "--interval=0.2") as worker:
        until(lambda: len(inbox.received) >= 5)
        # No file may grow any longer: as a full disk, to a process.
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        before = -1
        while len(inbox.received) != before:
            before = len(inbox.received)
            time.sleep(1)
        assert before < total
        assert worker.poll() is None
        resource.prlimit(
            worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        until(lambda: count("skickad") == total)
        worker.send_signal(signal.SIGTERM)
        said = worker.communicate()[0]

    assert "The database cannot be used" in said
    assert Counter(inbox.ids) == Counter(Mail.objects.values_list("message_id", flat=True))


@needs_sqlite
def test_a_full_disk_loses_nothing_that_was_acknowledged():
    with portal_process("-c", WRITER) as writer:
        assert writer.stdout
        lines = [writer.stdout.readline().strip() for _ in range(10)]
        resource.prlimit(writer.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        lines += writer.communicate()[0].split()

    acknowledged = [line for line in lines if line != "full"]
    assert lines.count("full") == 3
    assert sorted(acknowledged) == sorted(Mail.objects.values_list("message_id", flat=True))
    assert DBTaskResult.objects.count() == len(acknowledged)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)


class Cut:
    """A step that goes wrong so many times, each time having claimed without hearing of it."""

    def __init__(self, worker: TaskWorker, times: int) -> None:
        self.worker, self.times = worker, times
        self.genuine = worker.step

    def __call__(self) -> bool:
        if self.times:
            self.times -= 1
            assert tasks.claim(self.worker.id)
            raise OperationalError("contact broke")
        return self.genuine()


def test_what_was_claimed_when_contact_broke_is_not_left_lying(tmp_path):
    worker = TaskWorker(until_idle=True)
    worker.rest = lambda seconds: None  # type: ignore[method-assign]
    worker.step = Cut(worker, 2)  # type: ignore[method-assign]
    later("tests.work.note", str(tmp_path / "log"), "1")
    worker._work()
    assert statuses() == {"SUCCESSFUL": 1}


def test_mail_that_was_claimed_when_contact_broke_waits_again():
    worker = mail.MailWorker()
    write_mails(2)
    assert mail.claim(worker.id)
    assert mail.claim("another")
    worker.let_go()
    assert (count("vantar"), count("tagen")) == (1, 1)


def test_what_must_be_written_is_tried_until_it_is():
    worker = TaskWorker()
    rests: list[float] = []
    worker.rest = rests.append  # type: ignore[method-assign, assignment]
    outcomes: list[object] = [OperationalError("full"), OperationalError("full"), "skrivet"]

    def write() -> object:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert worker.surely(write) == "skrivet"
    assert rests == [0.2, 0.4]


# --- Signs of life --------------------------------------------------------------------------------


def test_signs_of_life_go_on_during_long_work_and_after_trouble(monkeypatch):
    signs = Signs("prov", WorkerSign.Kind.TASKS, every=0.05)
    signs.write()
    silence()
    genuine, failures = signs.write, [1, 2]

    def write() -> None:
        if failures:
            failures.pop()
            raise OperationalError("borta")
        genuine()

    monkeypatch.setattr(signs, "write", write)
    signs.thread.start()
    until(living_workers)
    signs.end()
    assert WorkerSign.objects.count() == 0


def test_a_sign_that_somebody_removed_is_written_anew():
    signs = Signs("prov", WorkerSign.Kind.TASKS)
    signs.write()
    WorkerSign.objects.all().delete()
    signs.write()
    assert living_workers() == {"prov"}


def test_the_youngest_sign_of_each_kind_counts():
    now = timezone.now()
    for worker, seconds in (("a", 500), ("b", 7), ("c", 100_000)):
        WorkerSign.objects.create(
            worker=worker,
            kind="uppgifter",
            started_at=now,
            seen_at=now - datetime.timedelta(seconds=seconds),
        )
    found = seconds_since_sign()
    assert found["post"] is None
    assert found["uppgifter"] in (7, 8)
    assert forget_signs() == 1


@pytest.mark.parametrize(
    ("seen", "status", "worker"),
    [(None, "varning", "saknas"), (5, "ok", "ok"), (90, "varning", "saknas")],
)
def test_health_tells_of_the_workers_and_serves_without_them(client, seen, status, worker):
    now = timezone.now()
    for kind in WorkerSign.Kind.values if seen is not None else ():
        WorkerSign.objects.create(
            worker=kind,
            kind=kind,
            started_at=now,
            seen_at=now - datetime.timedelta(seconds=seen or 0),
        )

    response = client.get("/driftstatus/redo/")

    told = response.json()
    assert (response.status_code, told["status"]) == (200, status)
    assert {kind: fact["status"] for kind, fact in told["arbetare"].items()} == {
        "uppgifter": worker,
        "post": worker,
    }
    seconds = told["arbetare"]["post"]["sekunder_sedan_livstecken"]
    assert seconds is None if seen is None else seen <= seconds <= seen + 2
