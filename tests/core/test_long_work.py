"""Work that a visitor waits for: begun once, done once, told as it goes, forgotten in time."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import long_work, tasks
from core.models import BackgroundTask, LongWork
from core.tasks import ATTEMPTS, TaskWorker, later
from tests.factories import make_curator
from tests.work import make_file

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_files_before():
    """The folder of stored files is not rolled back."""
    for path in stored_files():
        path.unlink()


def stored_files() -> list[Path]:
    folder = Path(settings.VAR_DIR) / "files" / "arbeten"
    return [path for path in folder.rglob("*") if path.is_file()]


def begin(*lines: str, key: str = "samma", **fields: Any) -> LongWork:
    return long_work.begin(
        task="tests.work.make_file",
        arguments=[list(lines)],
        label="Prov",
        name="prov.csv",
        total=len(lines),
        key=key,
        **fields,
    )


def work_off() -> None:
    worker = TaskWorker()
    while worker.step():
        pass


def content_of(work: LongWork) -> bytes:
    with work.file.open("rb") as file:
        return file.read()


def fail_for_good() -> None:
    """Let the task use up its attempts, and somebody look after it."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(ATTEMPTS):
            work_off()
            clock.shift(datetime.timedelta(minutes=126))
        long_work.tidy()


# --- Begun --------------------------------------------------------------------------------------


def test_begun_work_waits_with_an_address_that_nobody_guesses():
    first, second = begin("a", "b", key="1"), begin("a", key="2")
    assert (first.total, first.done, first.started_at, first.ready) == (2, 0, None, False)
    assert {first.task, second.task} == set(BackgroundTask.objects.values_list("pk", flat=True))
    assert first.token != second.token
    assert len(first.token) == 32


def test_the_same_work_is_begun_once():
    assert begin("a") == begin("a")
    assert DBTaskResult.objects.count() == 1


def test_the_same_work_is_begun_anew_when_the_old_one_has_no_address_any_longer():
    with time_machine.travel(NOW, tick=False):
        old = begin("a")
    with time_machine.travel(NOW + 48 * HOUR, tick=False):
        assert begin("a") != old


@pytest.mark.django_db(transaction=True)
def test_a_rollback_drops_work_and_task():
    def half_done() -> None:
        with transaction.atomic():
            begin("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert (LongWork.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_other_tasks_go_first():
    begin("a")
    with time_machine.travel(timezone.now() + HOUR):
        later("tests.work.nothing", 1)
        row = tasks.claim("arbetare")
    assert row
    assert row.task_path == "tests.work.nothing"


def test_a_key_tells_nobody_what_it_is_made_of(settings):
    key = long_work.key_of("excel", "q=ord")
    assert key == long_work.key_of("excel", "q=ord")
    assert key != long_work.key_of("excel", "q=andra")
    settings.SECRET_KEY = "en annan"
    assert key != long_work.key_of("excel", "q=ord")


def test_the_database_refuses_work_that_ended_with_nothing():
    with pytest.raises(IntegrityError):
        LongWork.objects.create(label="Prov", name="prov.csv", finished_at=NOW)


# --- Done ---------------------------------------------------------------------------------------


def test_done_work_has_a_file_under_a_name_that_nobody_guesses():
    work = begin("a", "b")
    with time_machine.travel(NOW, tick=False):
        work_off()
    work.refresh_from_db()
    assert (content_of(work), work.done, work.edition) == (b"ab", 2, 7)
    assert (work.ready, work.finished_at) == (True, NOW)
    (path,) = stored_files()
    assert path.name == Path(work.file.name).name
    assert (len(path.stem), path.suffix) == (32, ".csv")


def test_a_task_that_is_run_twice_makes_one_file():
    work = begin("a")
    work_off()
    work.refresh_from_db()
    make_file.call(work.pk, ["b"])
    again = LongWork.objects.get()
    assert (again.file.name, content_of(again), len(stored_files())) == (work.file.name, b"a", 1)


def test_a_run_that_dies_after_storing_leaves_one_file_after_the_next(monkeypatch):
    work = begin("a")

    class Killed(BaseException):
        pass

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        save = work.file.storage.save
        patch.setattr(
            "django.core.files.storage.FileSystemStorage.save",
            lambda self, name, content: (save(name, content), die()),
        )
        with pytest.raises(Killed):
            make_file.call(work.pk, ["a"])
    (left,) = stored_files()

    make_file.call(work.pk, ["a"])

    (path,) = stored_files()
    assert path != left
    work.refresh_from_db()
    assert (work.ready, content_of(work)) == (True, b"a")


def test_an_exception_puts_the_work_back_in_the_queue():
    work = begin("a", "fel")
    with pytest.raises(ValueError, match="fel"):
        make_file.call(work.pk, ["a", "fel"])
    work.refresh_from_db()
    assert (work.started_at, work.done, work.ready, stored_files()) == (None, 0, False, [])

    make_file.call(work.pk, ["a", "b"])
    work.refresh_from_db()
    assert content_of(work) == b"ab"


def test_a_run_that_has_been_replaced_changes_nothing():
    work = begin("a")

    def slow(ours: LongWork, file: Any) -> None:
        file.write(b"gammal")
        make_file.call(work.pk, ["ny"])  # another worker, which is quicker

    long_work.carry_out(work.pk, slow)
    work.refresh_from_db()
    assert (content_of(work), len(stored_files())) == (b"ny", 1)


def test_a_run_that_is_replaced_while_it_stores_takes_its_file_back(monkeypatch):
    work = begin("a")
    save = work.file.storage.save
    replaced: list[bool] = []

    def slow_save(self: Any, name: str, content: Any) -> str:
        if not replaced:
            replaced.append(True)
            make_file.call(work.pk, ["ny"])
        return save(name, content)

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.save", slow_save)
    make_file.call(work.pk, ["gammal"])
    monkeypatch.undo()
    work.refresh_from_db()
    assert (content_of(work), len(stored_files())) == (b"ny", 1)


def test_a_run_whose_work_is_removed_stops_quietly():
    work = begin("a")

    def write(ours: LongWork, file: Any) -> None:
        LongWork.objects.all().delete()
        long_work.report(ours, 1)
        raise AssertionError("It went on.")

    long_work.carry_out(work.pk, write)
    long_work.carry_out(work.pk, write)  # and is not taken up again
    assert stored_files() == []


# --- Told ---------------------------------------------------------------------------------------


def test_progress_is_written_once_a_second(monkeypatch, django_assert_num_queries):
    begin(*"abc")
    clock = [100.0]
    monkeypatch.setattr("core.long_work.time.monotonic", lambda: clock[0])
    work = LongWork.objects.get()
    LongWork.objects.update(started_at=NOW)
    work.refresh_from_db()

    with django_assert_num_queries(2):
        for done in range(1, 8):
            long_work.report(work, done)
            clock[0] += 0.25
    work.refresh_from_db()
    assert work.done == 5


def test_what_fails_for_good_says_so_and_lets_its_key_go():
    work = begin("a", "fel")
    fail_for_good()
    work.refresh_from_db()
    assert (work.trouble, work.ready) == (long_work.TROUBLE, False)
    assert begin("a") != work


def test_what_fails_is_under_way_until_no_attempt_is_left():
    work = begin("fel")
    work_off()
    long_work.tidy()
    work.refresh_from_db()
    assert (work.trouble, work.finished_at) == ("", None)


def test_a_worker_that_dies_every_time_is_told_of_as_well():
    work = begin("a")
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["död"] * ATTEMPTS)
    tasks.reap()
    long_work.tidy()
    work.refresh_from_db()
    assert work.trouble == long_work.TROUBLE


def test_what_a_curator_tries_again_is_under_way_again():
    work = begin("a", "fel")
    fail_for_good()
    DBTaskResult.objects.update(args_kwargs={"args": [work.pk, ["a"]], "kwargs": {}})
    with time_machine.travel(timezone.now() + 12 * HOUR, tick=False):
        tasks.try_again(task=BackgroundTask.objects.get(), by=make_curator())
        work_off()
    work.refresh_from_db()
    assert (work.trouble, work.ready, content_of(work)) == ("", True, b"a")


# --- Forgotten ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "kept"), [(23, True), (24, False)])
def test_a_file_is_kept_for_a_day(hours, kept):
    with time_machine.travel(NOW, tick=False) as clock:
        begin("a")
        work_off()
        clock.shift(hours * HOUR)
        assert LongWork.objects.kept().exists() is kept
        assert long_work.tidy() == (not kept)
    assert (LongWork.objects.exists(), bool(stored_files())) == (kept, kept)


@pytest.mark.parametrize(("hours", "kept"), [(47, True), (48, False)])
def test_work_that_never_ends_is_kept_for_two_days(hours, kept):
    with time_machine.travel(NOW, tick=False) as clock:
        begin("a")
        clock.shift(hours * HOUR)
        assert LongWork.objects.kept().exists() is kept
        assert long_work.tidy() == (not kept)
        work_off()
    assert len(stored_files()) == kept


def test_a_page_says_until_when_the_file_is_kept():
    work = LongWork(created_at=NOW)
    assert work.kept_until is None
    work.finished_at = NOW + HOUR
    assert work.kept_until == NOW + 25 * HOUR
    work.finished_at = NOW + 40 * HOUR
    assert work.kept_until == NOW + 48 * HOUR


def test_a_file_that_cannot_be_removed_keeps_its_row_for_the_next_time(monkeypatch):
    with time_machine.travel(NOW, tick=False) as clock:
        begin("a")
        work_off()
        clock.shift(25 * HOUR)
        with monkeypatch.context() as patch:
            patch.setattr(
                "django.core.files.storage.FileSystemStorage.delete", lambda self, name: 1 / 0
            )
            with pytest.raises(ZeroDivisionError):
                long_work.tidy()
        assert (LongWork.objects.count(), len(stored_files())) == (1, 1)
        assert long_work.tidy() == 1
    assert stored_files() == []
