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

from ksi.backup import BackupError, _postgres, _unpack

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = os.environ.get("KSI_TEST_DATABASE", "")


class Portal:
    """A portal with its own folder and database."""

    def __init__(self, var: Path, database: str = "") -> None:
        self.var = var
        self.database = database or f"sqlite:///{var / 'ksi.sqlite3'}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """One command line, as a person would type it."""
        environment = {"KSI_MODE": "demo", "KSI_VAR": str(self.var), "PATH": os.environ["PATH"]}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment | {"DATABASE_URL": self.database},
            capture_output=True,
            text=True,
        )

    def python(self, code: str) -> str:
        """What a few lines print inside the portal."""
        result = self.run("shell", "-v0", "-c", code)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout.strip()

    def remember(self, label: str) -> None:
        """Something to find again, and an edition that has it."""
        code = (
            "from django.db import transaction; from core.models import AuditEntry, Edition;"
            f"make = lambda: AuditEntry.objects.create(verb='prov', object_label={label!r});"
            "transaction.atomic(lambda: (make(), Edition.raise_number()))()"
        )
        self.python(code)

    def ask(self, query: str) -> list[tuple]:
        """The rows of a query, asked without Django."""
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.var / "ksi.sqlite3")) as database:
                return database.execute(query).fetchall()
        with psycopg.connect(self.database) as database:
            return database.execute(query).fetchall()

    def labels(self) -> list[str]:
        return [
            label for (label,) in self.ask("SELECT object_label FROM core_auditentry ORDER BY id")
        ]

    def edition(self) -> int:
        return self.ask("SELECT number FROM core_edition")[0][0]

    def backup(self) -> Path:
        target = self.var / "kopia.tar.gz"
        result = self.run("backup", "--to", str(target))
        assert (result.returncode, result.stderr) == (0, "")
        return target


def server_says(statement: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(statement)


def new_portal(folder: Path, like: Portal | None = None) -> Portal:
    """A portal on the database that the tests run on: empty, or a copy of another."""
    name = f"ksi_test_{os.environ.get('KSI_TEST_RUN', os.getpid())}_{uuid.uuid4().hex[:8]}"
    var = folder / name
    if like:
        shutil.copytree(like.var, var)
    else:
        var.mkdir()
    if not POSTGRES:
        return Portal(var)
    template = f' TEMPLATE "{urlsplit(like.database).path[1:]}"' if like else ""
    server_says(f'CREATE DATABASE "{name}"{template}')
    return Portal(var, urlsplit(POSTGRES)._replace(path=f"/{name}").geturl())


def remove(portal: Portal) -> None:
    if POSTGRES:
        server_says(f'DROP DATABASE "{urlsplit(portal.database).path[1:]}" WITH (FORCE)')


@pytest.fixture(scope="module")
def made_once(tmp_path_factory) -> Iterator[Portal]:
    """A migrated portal with one line of history and one stored file; `portal` is a copy."""
    portal = new_portal(tmp_path_factory.mktemp("mall"))
    portal.run("migrate", "-v0")
    portal.run("createcachetable")
    portal.remember("först åäö")
    (portal.var / "files" / "2015").mkdir(parents=True)
    (portal.var / "files" / "2015" / "Rapport å.pdf").write_bytes(b"%PDF en")
    yield portal
    remove(portal)


@pytest.fixture
def portal(made_once: Portal, tmp_path: Path) -> Iterator[Portal]:
    portal = new_portal(tmp_path, like=made_once)
    yield portal
    remove(portal)


@pytest.fixture
def empty_portal(tmp_path: Path) -> Iterator[Portal]:
    portal = new_portal(tmp_path)
    yield portal
    remove(portal)


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
        assert portal.ask("SELECT to_regclass('senare')") == [(None,)]


def test_an_empty_portal_takes_a_backup_without_being_asked_and_goes_on_working(
    portal, empty_portal
):
    archive, other = portal.backup(), empty_portal

    result = other.run("restore", str(archive))
    assert (result.returncode, result.stderr) == (0, "")
    other.remember("efteråt")

    assert other.labels() == ["först åäö", "efteråt"]
    assert other.run("migrate", "--check").returncode == 0
    again = other.run("restore", str(other.backup()), "--yes")
    assert (again.returncode, again.stderr) == (0, "")
    assert other.labels() == ["först åäö", "efteråt"]


def refuses(portal: Portal, statement: str) -> bool:
    """Whether the database itself says no, without Django."""
    try:
        portal.ask(statement)
    except (sqlite3.IntegrityError, psycopg.IntegrityError) as refused:
        return "append-only" in str(refused)
    return False


def test_a_restored_history_can_only_be_added_to(portal, empty_portal):
    archive = portal.backup()
    for other in (portal, empty_portal):
        assert other.run("restore", str(archive), "--yes").returncode == 0
        statements = ("UPDATE core_auditentry SET verb = 'x'", "DELETE FROM core_auditentry")
        assert [refuses(other, each) for each in statements] == [True, True]
        assert other.labels() == ["först åäö"]


def test_a_copy_from_before_the_protection_gets_it_when_it_is_restored(portal):
    portal.python(
        "u = User.objects.create_user('a@example.org'); AuditEntry.record('prov', u, by=u)"
    )
    assert portal.run("migrate", "-v0", "core", "0003").returncode == 0
    archive = portal.backup()
    assert portal.run("migrate", "-v0").returncode == 0
    result = portal.run("restore", str(archive), "--yes")
    assert (result.returncode, result.stderr) == (0, "")
    assert refuses(portal, "DELETE FROM core_auditentry") is True
    # It is known of a line whether its account is still there.
    lines = portal.ask("SELECT by_account FROM core_auditentry ORDER BY id")
    assert lines == [(None,), (True,)]


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
def test_nothing_is_unpacked_outside_its_folder(tmp_path, evil):
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


def test_a_backup_of_sqlite_made_while_others_write_is_one_moment(tmp_path):
    portal = Portal(tmp_path)  # SQLite, whatever the other tests run on
    portal.run("migrate", "-v0")
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
            str(tmp_path / "ksi.sqlite3"),
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


def test_missing_client_programs_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupError) as caught:
        _postgres("pg_dump")

    assert str(caught.value) == (
        "Programmet pg_dump saknas. Installera det med: apt install postgresql-client"
    )
