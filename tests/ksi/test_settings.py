"""The settings as a process meets them: what refuses to start, and with which one line."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "x" * 60
SECRET_MISSING = "KSI startar inte: SECRET_KEY saknas. Sätt den till minst 50 slumpade tecken.\n"
HOSTS_MISSING = (
    "KSI startar inte: ALLOWED_HOSTS saknas."
    " Sätt den till portalens värdnamn, till exempel ksi.example.org.\n"
)
DEMO_ONLY_HERE = (
    "KSI startar inte: demonstrationsläget visas bara på localhost."
    " Ta bort KSI_MODE=demo i drift.\n"
)
NO_CONTACT = (
    "KSI startar inte: KSI_CONTACT saknas eller är ingen e-postadress."
    " Sätt den till redaktionens brevlåda.\n"
)


def start(var: Path, code: str = "", **environment: str) -> subprocess.CompletedProcess:
    """Load the settings in a process of its own, with nothing else in its environment."""
    return subprocess.run(
        [sys.executable, "-c", f"from ksi import settings; {code}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "KSI_VAR": str(var), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({}, SECRET_MISSING),
        ({"ALLOWED_HOSTS": "ksi.example.org"}, SECRET_MISSING),
        ({"SECRET_KEY": SECRET}, HOSTS_MISSING),
        ({"KSI_MODE": "demo", "ALLOWED_HOSTS": "ksi.example.org"}, DEMO_ONLY_HERE),
        ({"KSI_MODE": "demo", "ALLOWED_HOSTS": "localhost,ksi.example.org"}, DEMO_ONLY_HERE),
        *(
            (
                {"KSI_MODE": "demo", "KSI_CLAMAV": address},
                "KSI startar inte: KSI_CLAMAV ska vara unix:///sökväg eller tcp://dator:port,"
                " till exempel tcp://127.0.0.1:3310.\n",
            )
            for address in ("127.0.0.1:3310", "tcp://127.0.0.1", "unix://clamd", "tcp://a:b")
        ),
        (
            {"KSI_MODE": "prod"},
            "KSI startar inte: KSI_MODE är ”prod”, men kan bara vara production eller demo.\n",
        ),
        *(
            ({"KSI_MODE": "demo", "KSI_CONTACT": address}, NO_CONTACT)
            for address in ("redaktionen", "a b@example.org", "redaktionen@")
        ),
        ({"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "192.0.2.1"}, NO_CONTACT),
    ],
)
def test_refuses_to_start_with_exactly_one_line(tmp_path, environment, line):
    result = start(tmp_path, **environment)

    assert (result.returncode, result.stdout, result.stderr) == (1, "", line)


def test_manage_and_gunicorn_refuse_with_the_same_line(tmp_path):
    environment = {"PATH": os.environ["PATH"], "KSI_VAR": str(tmp_path)}
    for command in (["manage.py", "check"], ["-m", "gunicorn", "--check-config"]):
        result = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert (result.returncode, result.stderr) == (1, SECRET_MISSING)


def test_production_starts_safe_by_default(tmp_path):
    shown = (
        "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "DEBUG", "DEMO",
    )  # fmt: skip
    code = f"print(*[getattr(settings, name) for name in {shown}], settings.SECURE_HSTS_SECONDS)"

    result = start(tmp_path, code, SECRET_KEY=SECRET, ALLOWED_HOSTS="ksi.example.org")

    assert result.stdout == "True True True False False 31536000\n"


@pytest.mark.parametrize(
    ("environment", "contact"),
    [
        ({}, "ksi@localhost"),
        ({"MAIL_FROM": "KSI <portal@example.org>"}, "portal@example.org"),
        ({"MAIL_FROM": "x@example.org", "MAIL_REPLY_TO": "svar@example.org"}, "svar@example.org"),
        ({"MAIL_REPLY_TO": "x@example.org", "KSI_CONTACT": "R <r@example.org>"}, "r@example.org"),
    ],
)
def test_messages_without_a_function_go_to_the_editors(tmp_path, environment, contact):
    result = start(tmp_path, "print(settings.CONTACT)", KSI_MODE="demo", **environment)
    assert result.stdout == f"{contact}\n"


def test_the_demonstration_makes_its_secret_once_for_its_owner_only(tmp_path):
    code = "print(settings.SECRET_KEY)"

    first = start(tmp_path, code, KSI_MODE="demo").stdout.strip()
    second = start(tmp_path, code, KSI_MODE="demo").stdout.strip()

    secret = tmp_path / "demo-secret"
    assert first == second == secret.read_text()
    assert len(first) >= 50
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_the_demonstration_answers_on_the_loopback_names_only(tmp_path):
    result = start(tmp_path, "print(*settings.ALLOWED_HOSTS)", KSI_MODE="demo")

    assert result.stdout == "localhost 127.0.0.1 [::1]\n"


def test_readme_lists_every_environment_variable_once():
    read = set()
    for name in ("ksi/settings.py", "gunicorn.conf.py"):
        read |= set(re.findall(r'\benv(?:\.\w+)?\(\s*"(\w+)"', (ROOT / name).read_text()))

    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(read)
