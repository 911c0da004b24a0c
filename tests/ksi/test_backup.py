"""Backup and restore as they are run, on databases of their own.

Under SQLite the round trip is SQLite's, under PostgreSQL it is PostgreSQL's (tests/run.py runs
both).
"""

import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = os.environ.get("KSI_TEST_DATABASE", "")


class Portal:
    """A portal with its own folder and database."""

    def __init__(self, var: Path, database: str = "") -> None:
        self.var, self.database = var, database

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        variables = {"KSI_MODE": "demo", "KSI_VAR": str(self.var), "PATH": os.environ["PATH"]}
        if self.database:
            variables["DATABASE_URL"] = self.database
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=variables | environment,
            capture_output=True,
            text=True,
        )

    def python(self, code: str) -> str:
        setup = "import django; django.setup(); from core.models import *; "
        result = subprocess.run(
            [sys.executable, "-c", setup + code],
            cwd=ROOT,
            env={
                "DJANGO_SETTINGS_MODULE": "ksi.settings",
                "KSI_MODE": "demo",
                "KSI_VAR": str(self.var),
                "DATABASE_URL": self.database or f"sqlite:///{self.var / 'ksi.sqlite3'}",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()

    def remember(self, label: str) -> None:
        """Something to find again, and an edition that has it."""
        self.python(
            "from django.db import transaction\n"
            "with transaction.atomic():\n"
            f" AuditEntry.objects.create(verb='prov', object_label={label!r})\n"
            " Edition.raise_number()"
        )

    def labels(self) -> list[str]:
        query = AUDIT_LABELS
        return json.loads(self.python(query))

    def edition(self) -> int:
        return int(self.python("print(Edition.current())"))

    def backup(self) -> Path:
        target = self.var / "kopia.tar.gz"
        result = self.run("backup", "--to", str(target))
        assert (result.returncode, result.stderr) == (0, "")
        return target


AUDIT_LABELS = (
    "import json; print(json.dumps(list("
    "AuditEntry.objects.order_by('pk').values_list('object_label', flat=True))))"
)


@pytest.fixture
def make_portal(tmp_path: Path) -> Iterator:
    """Make empty portals on the database that the tests run on."""
    made: list[str] = []

    def make() -> Portal:
        name = f"ksi_test_{os.environ.get('KSI_TEST_RUN', os.getpid())}_{uuid.uuid4().hex[:8]}"
        var = tmp_path / name
        var.mkdir()
        if not POSTGRES:
            return Portal(var)
        with psycopg.connect(POSTGRES, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        made.append(name)
        return Portal(var, urlsplit(POSTGRES)._replace(path=f"/{name}").geturl())

    yield make
    for name in made:
        with psycopg.connect(POSTGRES, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def portal(make_portal) -> Portal:
    """A migrated portal with one line of history and one stored file."""
    portal = make_portal()
    portal.run("migrate", "-v0")
    portal.run("createcachetable")
    portal.remember("först åäö")
    (portal.var / "files" / "2015").mkdir(parents=True)
    (portal.var / "files" / "2015" / "Rapport å.pdf").write_bytes(b"%PDF en")
    return portal


def test_a_restore_brings_back_the_database_and_the_files(portal):
    archive = portal.backup()
    before = portal.edition()
    portal.remember("sedan")
    portal.remember("sist")
    (portal.var / "files" / "2015" / "Rapport å.pdf").write_bytes(b"%PDF annat")
    (portal.var / "files" / "ny.pdf").write_bytes(b"%PDF ny")
    (portal.var / "files" / "ny").mkdir()
    if POSTGRES:
        with psycopg.connect(portal.database, autocommit=True) as database:
            database.execute("CREATE TABLE senare (id int)")

    result = portal.run("restore", str(archive), "--yes")

    assert (result.returncode, result.stderr) == (0, "")
    assert portal.labels() == ["först åäö"]
    stored = portal.var / "files"
    assert [path.name for path in stored.rglob("*") if path.is_file()] == ["Rapport å.pdf"]
    assert (stored / "2015" / "Rapport å.pdf").read_bytes() == b"%PDF en"
    assert sorted(path.name for path in stored.iterdir()) == ["2015"]
    # Above the two editions that running processes may have kept pages under.
    assert portal.edition() > before + 2
    if POSTGRES:
        with psycopg.connect(portal.database) as database:
            assert database.execute("SELECT to_regclass('senare')").fetchone() == (None,)


def test_an_empty_portal_takes_a_backup_without_being_asked_and_goes_on_working(
    portal, make_portal
):
    archive, other = portal.backup(), make_portal()

    result = other.run("restore", str(archive))
    assert (result.returncode, result.stderr) == (0, "")
    other.remember("efteråt")

    assert other.labels() == ["först åäö", "efteråt"]
    assert other.run("migrate", "--check").returncode == 0
    again = other.run("restore", str(other.backup()), "--yes")
    assert (again.returncode, again.stderr) == (0, "")
    assert other.labels() == ["först åäö", "efteråt"]


def test_mail_that_waited_in_the_copy_is_not_sent_by_itself(portal):
    """It may have been sent since the copy was made."""
    portal.python(
        "from django.utils import timezone as t\n"
        "for s in ('vantar', 'tagen', 'skickad', 'misslyckad'):\n"
        " Mail.objects.create(message_id=s, purpose='prov', state=s, next_at=t.now(),"
        " claimed_at=t.now(), claimed_by='x', sent_at=t.now())"
    )
    portal.run("restore", str(portal.backup()), "--yes")

    states = "print(dict(Mail.objects.order_by('pk').values_list('message_id', 'state')))"
    assert portal.python(states) == str(
        {"vantar": "oviss", "tagen": "oviss", "skickad": "skickad", "misslyckad": "misslyckad"}
    )


def test_what_is_there_is_not_replaced_unasked(portal):
    archive = portal.backup()
    portal.remember("sedan")

    result = portal.run("restore", str(archive))

    assert result.returncode == 1
    assert result.stderr == (
        "Portalen har redan innehåll, som skulle ersättas helt."
        " Lägg till JA=1 (eller --yes) om det är meningen.\n"
    )
    assert portal.labels() == ["först åäö", "sedan"]


def test_a_backup_is_readable_by_its_owner_only_and_leaves_nothing_half_made(portal):
    archive = portal.backup()

    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith(".")] == []


def test_only_the_newest_backups_are_kept_when_asked(portal):
    folder = portal.var / "backups"
    folder.mkdir()
    for day in ("20200101", "20200102", "20200103"):
        (folder / f"ksi-{day}-030000.tar.gz").write_bytes(b"")

    portal.run("backup", "--keep", "2")

    kept = sorted(path.name for path in folder.iterdir())
    assert len(kept) == 2
    assert kept[0] == "ksi-20200103-030000.tar.gz"


def repack(archive: Path, target: Path, change) -> Path:
    """A copy of the backup in which `change(name, data)` may replace each part's data."""
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            data = change(member.name, old.extractfile(member).read())
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


def change_file(name: str, data: bytes) -> bytes:
    return b"%PDF xx" + data[7:] if name.startswith("files/") else data


def change_engine(name: str, data: bytes) -> bytes:
    if name != "manifest.json":
        return data
    manifest = json.loads(data)
    manifest["engine"] = {"sqlite": "postgresql", "postgresql": "sqlite"}[manifest["engine"]]
    return json.dumps(manifest).encode()


def add_migration(name: str, data: bytes) -> bytes:
    if name != "manifest.json":
        return data
    manifest = json.loads(data)
    manifest["migrations"].append(["core", "9999_framtiden"])
    return json.dumps(manifest).encode()


ENGINES = {"sqlite": ("postgresql", "sqlite"), "postgresql": ("sqlite", "postgresql")}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            change_file,
            "Kopian är skadad: kontrollsummorna stämmer inte. Inget har ändrats.\n",
        ),
        (
            change_engine,
            "Kopian är gjord på {}, men portalen använder {}.\n",
        ),
        (
            add_migration,
            "Kopian är gjord med en nyare version av portalen (0.1.0):"
            " den här versionen känner inte till core.9999_framtiden.\n",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(portal, tmp_path, change, line):
    changed = repack(portal.backup(), tmp_path / "ändrad.tar.gz", change)

    result = portal.run("restore", str(changed), "--yes")

    assert result.returncode == 1
    assert result.stderr == line.format(*ENGINES[connection.vendor])
    assert portal.labels() == ["först åäö"]


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    "evil",
    [
        member("../utanför"),
        member("files/../../utanför"),
        member("/utanför"),
        member("files/lank", tarfile.SYMTYPE, "/"),
        member("files/lank", tarfile.LNKTYPE, "database.sqlite3"),
        member("files/ror", tarfile.FIFOTYPE),
        member("files"),
        member("något-annat"),
    ],
    ids=lambda info: f"{info.name}-{info.type.decode()}",
)
def test_nothing_is_unpacked_outside_its_folder(settings, tmp_path, evil):
    from ksi.backup import BackupError, _unpack

    archive, staged = tmp_path / "ond.tar.gz", tmp_path / "plats" / "inre"
    staged.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as made:
        made.addfile(evil)

    with pytest.raises(BackupError, match="hör dit"):
        _unpack(archive, staged)

    assert list(staged.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ond.tar.gz", "plats"]


@pytest.mark.parametrize("length", [0, 20, 5000])
def test_a_file_that_is_cut_off_or_no_backup_is_refused(portal, tmp_path, length):
    cut = tmp_path / "kapad.tar.gz"
    cut.write_bytes(portal.backup().read_bytes()[:length])

    result = portal.run("restore", str(cut), "--yes")

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert portal.labels() == ["först åäö"]


def test_a_missing_file_is_told_in_one_line(portal):
    result = portal.run("restore", "", "--yes")

    assert result.stderr == (
        "Ange vilken kopia som ska läsas tillbaka: make restore FILE=var/backups/ksi-….tar.gz\n"
    )


def test_a_backup_made_while_others_write_is_one_moment(portal, tmp_path):
    if POSTGRES:
        pytest.skip("pg_dump läser i en transaktion; provet gäller SQLite")
    # A writer that always writes two rows in one transaction, and never stops by itself.
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys\n"
            "d = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)\n"
            "d.execute('CREATE TABLE par (n)')\n"
            "n = 0\n"
            "while True:\n"
            " n += 1\n"
            " d.execute('BEGIN IMMEDIATE')\n"
            " d.execute('INSERT INTO par VALUES (?)', [n])\n"
            " d.execute('INSERT INTO par VALUES (?)', [n])\n"
            " d.execute('COMMIT')\n"
            " n == 10 and print('igång', flush=True)\n",
            str(portal.var / "ksi.sqlite3"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout.readline() == "igång\n"
        archive = portal.backup()
    finally:
        writer.kill()
        writer.communicate()

    with tarfile.open(archive) as made, (tmp_path / "kopia.sqlite3").open("wb") as target:
        shutil.copyfileobj(made.extractfile("database.sqlite3"), target)
    with closing(sqlite3.connect(tmp_path / "kopia.sqlite3")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows, pairs = copy.execute("SELECT count(*), count(DISTINCT n) FROM par").fetchone()
    assert rows == 2 * pairs >= 20


def test_missing_client_programs_are_named(portal, tmp_path):
    if not POSTGRES:
        pytest.skip("pg_dump används bara med PostgreSQL")

    result = portal.run("backup", PATH=str(tmp_path))

    assert result.returncode == 1
    assert result.stderr == (
        "Säkerhetskopian blev inte gjord. Programmet pg_dump saknas."
        " Installera det med: apt install postgresql-client\n"
    )
