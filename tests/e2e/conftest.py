"""A portal with the real content under gunicorn, and a browser that notes what is amiss.

The portal is a process of its own with a folder of its own: what visitors meet (compressed static
files, kept pages, security headers), and nothing that the other tests could trip over.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = shutil.which("chromium")
# Milliseconds; only a machine that is busy with other things needs them.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)
# What `make run` prepares, without the admin's static files (compressing them takes seconds), and
# what stands in no list: a project with all that a page can show, a withdrawn one, an item.
PREPARE = """
import django; django.setup()
from django.core.management import call_command
from django.utils import timezone
from people.demo import make_demo_users
from people.models import Organisation
from tests.factories import *
from tests.library_factories import make_file, save_item
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
call_command("load_seed", stdout=open("/dev/null", "w"))
call_command("reindex", verbosity=0, stdout=open("/dev/null", "w"))
call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin"])
make_demo_users()
farsta = Organisation.objects.get(slug="farsta")
full = save_project(title="Före och efter", lead=farsta, **ended_fields())
make_measure(
    full, ("2014", 40, 50), ("2015", 62.5, 48),
    baseline_value=30, baseline_date="2013", target_value=60, goal="Fler mår bättre",
)
make_link(full)
make_document(full)
reason = {"withdrawn_at": timezone.now(), "withdrawn_reason": "Stod två gånger."}
gone = save_project(title="Borta", lead=farsta, **reason)
item = save_item(
    title="Boendestöd på kvällen", kind="gott-exempel", year=2010, authors="Öberg, Åsa",
    themes=["Boende"], methods=["Motiverande samtal"], how_known={"syfte": "Vi ville veta mer."},
    full_text="Det gick bra.", limitations="Få deltagare.", isbn="9789175550014",
    withdrawn_at=timezone.now(), withdrawn_reason="Fel i tabell 3.",
)
make_file(item, name="samtal.mp3", transcript="Hej och välkommen.")
print(full.get_absolute_url(), gone.get_absolute_url(), item.get_absolute_url())
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, which as root wants no sandbox and is to call nobody."""
    if not CHROMIUM:
        pytest.skip("chromium är inte installerat")
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


class Portal:
    """Where the portal answers, and three addresses that only the tests have."""

    def __init__(self, base: str, full: str, gone: str, item: str) -> None:
        self.base, self.full, self.gone, self.item = base, full, gone, item


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal as `make run` serves it, on a free port. It is read: what it shows is counted."""
    with running(tmp_path_factory.mktemp("portal")) as made:
        yield made


@pytest.fixture(scope="module")
def portal_to_change(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One more, for stories in which something is published."""
    with running(tmp_path_factory.mktemp("portal")) as made:
        yield made


@contextmanager
def running(folder: Path) -> Iterator[Portal]:
    """A portal with a folder of its own, until it is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ksi.settings",
        "KSI_BIND": f"127.0.0.1:{port}",
        "KSI_MODE": "demo",
        "KSI_VAR": str(folder),
        "WEB_CONCURRENCY": "1",
    }

    prepared = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    full, gone, item = prepared.stdout.split()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"], cwd=ROOT, env=env
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base, server)
        yield Portal(base, full, gone, item)
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(base: str, server: subprocess.Popen) -> None:
    for _ in range(600):
        if server.poll() is not None:
            pytest.fail(f"gunicorn slutade med kod {server.returncode}")
        try:
            urllib.request.urlopen(f"{base}/driftstatus/", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    pytest.fail("portalen svarade inte inom en minut")


class Witness:
    """Notes what a browser's pages complain of and whom they ask."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.complaints: list[str] = []
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self.on_request)

    def on_console(self, message: ConsoleMessage) -> None:
        """Errors and warnings, among them what the CSP refuses; not that a page answered 4xx."""
        status_of_page = "the server responded with a status of" in message.text and not urlsplit(
            message.location["url"]
        ).path.startswith("/static/")
        if message.type in {"error", "warning"} and not status_of_page:
            self.complaints.append(f"{message.type}: {message.text}")

    def on_request(self, request: Any) -> None:
        """Whom the page asks."""
        if not request.url.startswith((f"{self.base}/", "data:")):
            self.complaints.append(f"frågade {request.url}")

    def ask(self) -> list[str]:
        """Everything that was amiss so far; a cookie counts."""
        return self.complaints + [f"kaka {cookie['name']}" for cookie in self.context.cookies()]


Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser, portal: Portal) -> Iterator[Opens]:
    """`opens("/om/", width=320, scheme="dark", scripts=False)`: an address in a new window.

    At the end no window may have complained, asked another host or got a cookie.
    """
    witnesses = []

    def _opens(
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        scripts: bool = True,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=portal.base,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=scripts,
            locale="sv-SE",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        witnesses.append(Witness(context, portal.base))
        page = context.new_page()
        page.goto(path)
        return page

    yield _opens
    complaints = [told for witness in witnesses for told in witness.ask()]
    for witness in witnesses:
        witness.context.close()
    assert complaints == []
