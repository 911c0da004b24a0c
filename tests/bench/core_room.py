"""`make bench ROOM=core`: tasks and mails per second, beside a bare loop of INSERTs.

Everything is done in one process per database, one thing at a time, each row in a transaction of
its own, as requests do it. A round runs the bare loop first and last; the share is of the mean of
the two. Mail goes to a real SMTP server (aiosmtpd) in a process of its own on this machine.

skrivna / köade    written by an action, per second
skickade / utförda claimed, done and marked by the worker, per second
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from statistics import median
from typing import Any

from tests.bench.databases import ROOT, Database
from tests.bench.goals import RATE, THROUGHPUT, Row

ROUNDS, MANY = 3, 300
QUICK_ROUNDS, QUICK_MANY = 1, 100
BARE = "bara INSERT"

SERVER = """
import sys, time
from aiosmtpd.controller import Controller
class Take:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
controller = Controller(Take(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
sys.stdin.read()
"""


# --- Inside: one database -------------------------------------------------------------------------


def per_second(count: int, work: Callable[[], Any]) -> float:
    """How many a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def measure(rounds: int, many: int) -> dict[str, dict[str, float]]:
    """Name → per second and share of the bare loop, medians over the rounds."""
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from core import letters, mail, tasks
    from core.models import Mail

    letter = letters.write("tests/letter.html", {"name": "Åsa Öberg"})

    def bare() -> None:
        """One row as wide as a mail, committed each time."""
        insert = "INSERT INTO bench (at, a, b, c) VALUES (%s, %s, %s, %s)"
        for number in range(many):
            with connection.cursor() as cursor:
                row = [timezone.now().isoformat(), str(number), letter.text, letter.html]
                cursor.execute(insert, row)

    def each(write: Callable[[int], Any]) -> Callable[[], None]:
        def all_of_them() -> None:
            for number in range(many):
                with transaction.atomic():
                    write(number)

        return all_of_them

    def work_off(worker: Any) -> Callable[[], None]:
        def until_idle() -> None:
            while worker.step():
                pass

        return until_idle

    def write_mail(number: int) -> None:
        mail.write(
            to=f"asa{number}@example.org",
            template="tests/letter.html",
            context={"name": "Åsa Öberg"},
            purpose="prov",
        )

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench (at text, a text, b text, c text)")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=FULL")  # as the mail worker has it

    postman = mail.MailWorker()
    things = {
        "uppgifter köade": each(lambda number: tasks.later("tests.work.nothing", number)),
        "uppgifter utförda": work_off(tasks.TaskWorker()),
        "mejl skrivna": each(write_mail),
        "mejl skickade": work_off(postman),
    }
    rates: dict[str, list[float]] = {name: [] for name in [BARE, *things]}
    shares: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds):
        before = per_second(many, bare)
        rates[BARE].append(before)
        for name, thing in things.items():
            rate = per_second(many, thing)
            after = per_second(many, bare)
            rates[name].append(rate)
            rates[BARE].append(after)
            shares[name].append(rate / ((before + after) / 2))
            before = after
    postman.door.close()
    sent = Mail.objects.filter(state=Mail.State.SENT).count()
    if sent != rounds * many:
        raise RuntimeError(f"{sent} of {rounds * many} mails were sent.")
    return {
        name: {RATE: median(found), THROUGHPUT: median(shares.get(name, [1.0]))}
        for name, found in rates.items()
    }


# --- Outside --------------------------------------------------------------------------------------


def on(database: Database, port: int, rounds: int, many: int) -> dict[str, dict[str, float]]:
    """Measure in a fresh process on a fresh database."""
    database.file.parent.mkdir(parents=True, exist_ok=True)
    database.drop()
    database.create()
    try:
        database.manage("migrate", "--verbosity=0")
        code = (
            "import json; from django.conf import settings;"
            " settings.TEMPLATES[0]['DIRS'].append(settings.BASE_DIR / 'tests/templates');"
            " from tests.bench import core_room;"
            f" print(json.dumps(core_room.measure({rounds}, {many})))"
        )
        made = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=database.environment
            | {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "LOG_LEVEL": "WARNING"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return json.loads(made.stdout)
    finally:
        database.drop()


def rows(engines: Sequence[str], *, quick: bool) -> Iterator[Row]:
    """Start a mail server, measure on each database, end it."""
    rounds, many = (QUICK_ROUNDS, QUICK_MANY) if quick else (ROUNDS, MANY)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdin=subprocess.PIPE)
    try:
        for engine in engines:
            for thing, found in on(Database(engine, 0), port, rounds, many).items():
                for measure, value in found.items():
                    yield Row("core", thing, engine, many, "", measure, round(value, 4))
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
