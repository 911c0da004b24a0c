"""Five hundred reporters save at once, under gunicorn, while processes are killed around them.

`KSI_WRITING_SECONDS=60` lets them write for a minute.
"""

import datetime
import http.client
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import mail, payloads, tasks
from core.models import Mail, WorkerSign
from inventory.models import Draft, Submission
from people.models import SiteRole, User
from tests.bench.client import percentile
from tests.factories import (
    complete_payload,
    make_district,
    make_draft,
    make_unit,
    make_user,
    make_writer,
)
from tests.processes import Inbox, free_port, mail_server, portal_process, until

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = float(os.environ.get("KSI_WRITING_SECONDS", "6"))
DRAFTS, UNITS, HANDED_IN, CONNECTIONS = 500, 50, 40, 64
TOKEN = "t" * 32
# What is answered on which page; each draft has two who write in it.
ACTIVITIES, RESULTS = ("hur", "activities"), ("resultat", "results")
# As long as a worker may give no sign of life.
A_MINUTE = datetime.timedelta(seconds=61)
# A killed server says nothing, or half of it.
LOST = (http.client.HTTPException, OSError)


def cookies_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


class Browser:
    """A connection that is kept until it is lost."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection: http.client.HTTPConnection | None = None

    def post(self, path: str, cookies: str, fields: dict[str, str]) -> tuple[int, bytes]:
        """The answer. Raises one of LOST when none came."""
        self.connection = self.connection or http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30
        )
        headers = {
            "Host": "localhost",
            "Cookie": cookies,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"csrfmiddlewaretoken": TOKEN} | fields)
        try:
            self.connection.request("POST", path, body, headers)
            response = self.connection.getresponse()
            return response.status, response.read()
        except LOST:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        if self.connection:
            self.connection.close()
            self.connection = None


@dataclass
class Answer:
    """One answer in one draft, as somebody writes it again and again."""

    draft: int
    step: str
    name: str
    sums: str
    written: int = 0
    saved: str = ""  # the last text that was said to be saved
    pending: str = ""  # sent, and never answered

    def save(self, browser: Browser, cookies: str, who: int) -> int:
        """Send what is pending, or something new; the status of the answer."""
        if not self.pending:
            self.written += 1
            self.pending = f"Skribent {who}, gång {self.written}. " + "Så här gör vi. " * 20
        status, body = browser.post(
            f"/inventering/lamna-in/{self.draft}/{self.step}/",
            cookies,
            {"autosparar": "1", "bas": self.sums, self.name: self.pending.strip()},
        )
        if status == 200:
            told = json.loads(body)
            assert told["sparat"].startswith("Sparat kl.")
            self.sums, self.saved, self.pending = told["bas"], self.pending.strip(), ""
        return status


@dataclass
class Reporter:
    """Who writes in a draft of her own and in a colleague's, in turn."""

    number: int
    cookies: str
    answers: list[Answer]
    is_done = False  # as long as there is time

    @property
    def waits(self) -> bool:
        """Whether something was sent and never answered."""
        return any(answer.pending for answer in self.answers)

    def save(self, browser: Browser) -> int:
        """The answer that waits for being said to be saved, or the next."""
        waiting = [answer for answer in self.answers if answer.pending]
        answer = waiting[0] if waiting else min(self.answers, key=lambda each: each.written)
        return answer.save(browser, self.cookies, self.number)


@dataclass
class HandsIn:
    """Who hands in a draft, and tries again until she is told."""

    draft: int
    cookies: str
    told: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is still to be said that it is handed in."""
        return not self.told

    @property
    def is_done(self) -> bool:
        """Once is enough."""
        return self.told

    def save(self, browser: Browser) -> int:
        """Press the button."""
        path = f"/inventering/lamna-in/{self.draft}/lamna-in/"
        status, _ = browser.post(path, self.cookies, {"version": "1"})
        self.told = status == 302
        return status


@dataclass
class Crowd:
    """All of them, on a number of connections that take whoever is next."""

    port: int
    waiting: Queue = field(default_factory=Queue)
    statuses: Counter = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    lost: int = 0
    stop: Event = field(default_factory=Event)
    trouble: list[BaseException] = field(default_factory=list)

    def write(self) -> None:
        """Take whoever is next, until all are done."""
        browser = Browser(self.port)
        with suppress(Empty), closing(browser):
            while True:
                late = self.stop.is_set()
                who = self.waiting.get_nowait() if late else self.waiting.get(timeout=30)
                self.let(who, browser)
                if who.waits or not (late or who.is_done):
                    self.waiting.put(who)

    def let(self, who: Reporter | HandsIn, browser: Browser) -> None:
        """Let somebody save."""
        began = time.monotonic()
        try:
            status = who.save(browser)
        except LOST:
            self.lost += 1
        except BaseException as problem:
            self.trouble.append(problem)
            raise
        else:
            self.statuses[type(who).__name__, status] += 1
            self.times.append(time.monotonic() - began)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def serves(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with suppress(*LOST), closing(connection):
        connection.request("GET", "/driftstatus/", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    return False


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    # Its minute passes, and what it held is given to others.
    WorkerSign.objects.update(seen_at=timezone.now() - A_MINUTE)
    mail.reap()
    tasks.reap()


@pytest.fixture
def reporters() -> list[Reporter]:
    """Ten in each of fifty units; each writes in her own draft and in the next one's."""
    district, payload = make_district("Farsta"), complete_payload()
    units = [make_unit(f"Enhet {number}", district) for number in range(UNITS)]
    made = []
    for unit in units:
        drafts = [make_draft(unit, payload=payload) for _ in range(DRAFTS // UNITS)]
        for place, draft in enumerate(drafts):
            user = make_writer(unit, email=f"skribent-{draft.pk}@example.org")
            answers = [
                Answer(one.pk, *where, payloads.carried(payload, [where[1]]))
                for one, where in ((draft, ACTIVITIES), (drafts[place - 1], RESULTS))
            ]
            made.append(Reporter(len(made), cookies_of(user), answers))
    return made


@pytest.fixture
def hands_in() -> list[HandsIn]:
    """Those who hand something in meanwhile, so that there is mail; two curators get it."""
    for number in range(2):
        SiteRole.objects.create(user=make_user(f"redaktor-{number}@example.org"), role="redaktor")
    unit = make_unit("Träffpunkten", make_district("Bromma"))
    cookies = cookies_of(make_writer(unit, email="lamnar-in@example.org"))
    return [HandsIn(make_draft(unit).pk, cookies) for _ in range(HANDED_IN)]


def test_nothing_that_was_said_to_be_saved_is_lost(reporters, hands_in, tmp_path):
    before = {draft.pk: draft.payload for draft in Draft.objects.all()}
    inbox, log = Inbox(delay=0.02), tmp_path / "log"
    with ExitStack() as started:
        port, smtp = free_port(), started.enter_context(mail_server(inbox))
        web = started.enter_context(
            portal_process(
                "-m", "gunicorn", "-c", "gunicorn.conf.py",
                KSI_BIND=f"127.0.0.1:{port}", WEB_CONCURRENCY="2", LOG_LEVEL="ERROR",
            )
        )  # fmt: skip
        until(lambda: serves(port))
        crowd = Crowd(port)
        for who in mixed(reporters, hands_in):
            crowd.waiting.put(who)
        threads = [Thread(target=crowd.write) for _ in range(CONNECTIONS)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for number in range(100):
            tasks.later("tests.work.note", str(log), str(number))
        for _ in range(2):
            with (
                portal_process("manage.py", "worker", "--interval=0.05") as worker,
                portal_process(
                    "manage.py", "mail_worker", "--interval=0.05",
                    EMAIL_URL=f"smtp://127.0.0.1:{smtp}",
                ) as postman,
            ):  # fmt: skip
                time.sleep(SECONDS / 4)
                os.kill(children(web.pid)[0], signal.SIGKILL)
                time.sleep(SECONDS / 4)
                kill(worker)
                kill(postman)
        crowd.stop.set()
        for thread in threads:
            thread.join(60)
        seconds = time.monotonic() - began
        assert not any(thread.is_alive() for thread in threads)
        assert web.poll() is None
        until(lambda: len(children(web.pid)) == 2)
        for command, more in (
            ("worker", {}),
            ("mail_worker", {"EMAIL_URL": f"smtp://127.0.0.1:{smtp}"}),
        ):
            with portal_process("manage.py", command, "--until-idle", **more) as last:
                said = last.communicate(timeout=60)[0]
                assert last.returncode == 0, said

    told = crowd.statuses.total()
    print(
        f"\n{told} svar på {seconds:.1f} s ({told / seconds:.0f} i sekunden),"
        f" p50 {percentile(crowd.times, 50) * 1000:.0f} ms,"
        f" p95 {percentile(crowd.times, 95) * 1000:.0f} ms, {crowd.lost} utan svar,"
        f" {len(inbox.ids)} mejl; {dict(crowd.statuses)}"
    )
    assert crowd.trouble == []
    everything_saved(reporters, before, crowd)
    everything_handed_in(hands_in, inbox)
    assert {line.split()[1] for line in log.read_text().splitlines()} == set(map(str, range(100)))
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


def mixed(reporters: list[Reporter], hands_in: list[HandsIn]) -> Iterator[Reporter | HandsIn]:
    """One who hands in after every twelfth who writes."""
    others = iter(hands_in)
    for number, reporter in enumerate(reporters):
        yield reporter
        if number % (len(reporters) // len(hands_in)) == 0 and (other := next(others, None)):
            yield other
    yield from others


def everything_saved(reporters: list[Reporter], before: dict[int, dict], crowd: Crowd) -> None:
    """Each draft holds the last of what was said to be saved, as often as it was, and no more."""
    expected = {pk: dict(payload) for pk, payload in before.items()}
    versions = Counter(dict.fromkeys(before, 1))
    for reporter in reporters:
        for answer in reporter.answers:
            assert not answer.pending
            versions[answer.draft] += answer.written
            if answer.saved:
                expected[answer.draft][answer.name] = [answer.saved]
    there = {draft.pk: draft for draft in Draft.objects.all()}
    assert {pk: draft.payload for pk, draft in there.items()} == expected
    assert {pk: draft.version for pk, draft in there.items()} == versions
    assert {key for key in crowd.statuses if key[0] == "Reporter"} == {("Reporter", 200)}
    assert min(sum(each.written for each in reporter.answers) for reporter in reporters) > 0


def everything_handed_in(hands_in: list[HandsIn], inbox: Inbox) -> None:
    """Once each, however often the button was pressed; both curators were told, once."""
    drafts = {who.draft for who in hands_in}
    assert all(who.told for who in hands_in)
    handed_in = list(Submission.objects.values_list("draft", "number"))
    assert sorted(handed_in) == sorted((pk, 1) for pk in drafts)
    letters = dict(Mail.objects.values_list("message_id", "state"))
    assert len(letters) == 2 * len(drafts)
    received = Counter(inbox.ids)
    assert max(received.values()) == 1
    unsure = {each for each, state in letters.items() if state == "oviss"}
    assert set(letters) - set(received) <= unsure  # what did not come is listed
    assert len(unsure) <= 2  # one for each postman who was killed
    assert {state for each, state in letters.items() if each not in unsure} == {"skickad"}
