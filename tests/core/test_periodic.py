"""Work that returns."""

import datetime
import logging
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from core import periodic
from core.models import PeriodicRun
from core.periodic import DAY, HOUR, MINUTE, Work

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)

REGISTERED = dict(periodic.works)
done: list[str] = []


def note() -> int:
    done.append("gjort")
    return 1


def fail() -> None:
    raise ValueError("fel\0")


def away() -> None:
    raise OperationalError("borta")


@pytest.fixture(autouse=True)
def only(monkeypatch):
    """Nothing else is registered."""
    monkeypatch.setattr(periodic, "works", {})
    done.clear()


def register(function: str = "note", every: datetime.timedelta = HOUR, **more) -> None:
    periodic.register("prov", f"tests.core.test_periodic.{function}", every=every, **more)


@pytest.mark.django_db
def test_work_is_done_at_once_and_then_every_so_often():
    register()
    with time_machine.travel(NOW, tick=False) as clock:
        for minutes in (0, 1, 58, 2):
            clock.shift(minutes * 60)
            periodic.run_due()
    assert len(done) == 2


@pytest.mark.django_db
def test_nightly_work_waits_for_its_time():
    register(every=DAY, at=datetime.time(3))
    with time_machine.travel(NOW, tick=False) as clock:
        periodic.run_due()
        assert done == []
        clock.move_to(datetime.datetime(2026, 3, 3, 2, 1, tzinfo=datetime.UTC))
        periodic.run_due()
        periodic.run_due()
    assert len(done) == 1
    assert PeriodicRun.objects.get().due_at == datetime.datetime(2026, 3, 4, 2, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("moment", "due"),
    [  # Stockholm changes its clocks on 29 March and 25 October 2026
        ("2026-03-28T12:00Z", "2026-03-29T01:30Z"),
        ("2026-03-29T12:00Z", "2026-03-30T00:30Z"),
        ("2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ("2026-10-25T01:10Z", "2026-10-26T01:30Z"),
        ("2026-10-25T12:00Z", "2026-10-26T01:30Z"),
    ],
)
def test_nightly_work_is_done_once_a_day_when_clocks_change(moment, due):
    work = Work("prov", "x", DAY, datetime.time(2, 30))
    found = work.next_after(datetime.datetime.fromisoformat(moment))
    assert found == datetime.datetime.fromisoformat(due)


def test_a_time_of_day_goes_with_once_a_day():
    with pytest.raises(ValueError, match="once a day"):
        register(every=HOUR, at=datetime.time(3))


@pytest.mark.django_db
def test_work_that_fails_is_told_and_tried_again(caplog, capsys):
    caplog.set_level(logging.CRITICAL, logger="core.periodic")
    register("fail", every=DAY)
    with time_machine.travel(NOW, tick=False) as clock:
        with pytest.raises(SystemExit) as end:
            call_command("periodic")
        assert PeriodicRun.objects.get().trouble == "ValueError: fel"
        clock.shift(3600)
        assert periodic.run_due() == {"prov": "ValueError: fel"}
    assert end.value.code == 1
    assert capsys.readouterr().out == "prov: ValueError: fel\n"


@pytest.mark.django_db
def test_without_a_database_the_caller_hears_of_it():
    register("away")
    with pytest.raises(OperationalError):
        periodic.run_due()


@pytest.mark.django_db
def test_work_whose_process_died_is_done_again_after_a_while():
    register(every=DAY)
    with time_machine.travel(NOW, tick=False) as clock:
        PeriodicRun.objects.create(name="prov", due_at=NOW)
        assert periodic._claim(periodic.works["prov"], NOW)  # and dies
        clock.shift(3599)
        periodic.run_due()
        assert done == []
        clock.shift(1)
        periodic.run_due()
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_however_many_run_at_a_time_it_is_done_once():
    register(every=MINUTE)
    together = Barrier(4)

    def run() -> None:
        together.wait()
        try:
            periodic.run_due()
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == ["gjort"]
    assert PeriodicRun.objects.get().due_at > timezone.now()


@pytest.mark.django_db
def test_what_the_portal_registers_can_be_run(monkeypatch):
    monkeypatch.setattr(periodic, "works", REGISTERED)
    with time_machine.travel(NOW, tick=False) as clock:
        periodic.run_due()
        clock.shift(2 * DAY)
        outcome = periodic.run_due()
    assert outcome == dict.fromkeys(REGISTERED, "")
    assert {"uppgifter-efter-doda", "mejl-efter-doda", "publicera"} <= set(REGISTERED)
