"""The databases that are measured: made once, kept between runs, made anew for other code."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.bench.goals import MEMORY, RATE

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "bench"
KNOWN = VAR / "databases.json"
SEED = 2026

SERVER = os.environ.get("KSI_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")

# What decides how the generated database looks …
_MADE_BY = (
    "*/migrations/*.py",
    "inventory/generating/*",
    "inventory/search.py",
    "library/search.py",
    "search/catalogue.py",
    "search/passages.py",
    "search/vendor.py",
    "ksi/seed/*.toml",
)
# … and to what keys its texts were read.
_READ_BY = ("search/indexing.py", "search/swedish.py", "search/words.py")
PAGES_PER_PROJECT = 2
MOST_ITEMS = 50_000  # of which every tenth has a file


def fingerprint(patterns: Sequence[str]) -> str:
    """Changes when what is made by these files would differ from what was made before."""
    digest = hashlib.blake2b(str(SEED).encode(), digest_size=12)
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Database:
    """One database with generated projects, PDF pages of theirs and nothing else."""

    engine: str
    rows: int

    @property
    def name(self) -> str:
        """Its name on the server, or its file's."""
        return f"ksi_bench_{self.rows}"

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return VAR / f"{self.name}.sqlite3"

    @property
    def url(self) -> str:
        """As DATABASE_URL."""
        if self.engine == "sqlite":
            return f"sqlite:///{self.file}"
        return urlsplit(SERVER)._replace(path=f"/{self.name}").geturl()

    @property
    def environment(self) -> dict[str, str]:
        """What the portal gets to know. Exports are measured, so they are not limited."""
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "ksi.settings",
            "KSI_MODE": "demo",
            "KSI_VAR": str(VAR / "portal"),
            "KSI_EXPORTS_PER_MINUTE": "1000000",
            "DATABASE_URL": self.url,
        }

    def exists(self) -> bool:
        """Whether there is a database of that name."""
        if self.engine == "sqlite":
            return self.file.exists()
        with server() as connection:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(asked, [self.name]).fetchone() is not None

    def drop(self) -> None:
        """Remove it with what it holds: generated content only."""
        if self.engine == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.file}{suffix}").unlink(missing_ok=True)
            return
        with server() as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(self.name)))

    def create(self) -> None:
        """An empty one; SQLite makes its file by itself."""
        if self.engine == "postgresql":
            with server() as connection:
                create = sql.SQL("CREATE DATABASE {}")
                connection.execute(create.format(sql.Identifier(self.name)))

    def manage(self, *arguments: str) -> str:
        """Run manage.py on it; what it said."""
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """Run Python on it; what it said."""
        made = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return made.stdout


def server() -> psycopg.Connection:
    """A connection to the PostgreSQL server. Raises psycopg.OperationalError where none answers."""
    return psycopg.connect(SERVER, connect_timeout=3, autocommit=True)


def postgresql_answers() -> bool:
    """Whether there is a PostgreSQL server to measure on."""
    with suppress(psycopg.OperationalError):
        server().close()
        return True
    return False


def known() -> dict[str, dict[str, Any]]:
    """Database → what made it, what read it and how quickly that went."""
    return json.loads(KNOWN.read_text()) if KNOWN.exists() else {}


def remember(database: Database, **facts: Any) -> None:
    """Add to what is known of a database."""
    all_of_them = known()
    all_of_them.setdefault(f"{database.engine} {database.name}", {}).update(facts)
    KNOWN.write_text(json.dumps(all_of_them, indent=1))


def facts_of(database: Database) -> dict[str, Any]:
    """What is known of a database; nothing when it is gone."""
    return known().get(f"{database.engine} {database.name}", {}) if database.exists() else {}


def prepare(database: Database, say: Callable[[str], None]) -> None:
    """Make the database, or read it anew, unless that was done by the code there is now."""
    VAR.mkdir(parents=True, exist_ok=True)
    facts = facts_of(database)
    if facts.get("made_by") != fingerprint(_MADE_BY):
        say(f"Skapar {database.rows} påhittade projekt med PDF-sidor i {database.engine} …")
        make(database)
        read(database, say)
    elif facts.get("read_by") != fingerprint(_READ_BY):
        say(f"Läser om {database.engine} {database.rows} …")
        read(database, say, "--all")


def make(database: Database) -> None:
    """A new database, not yet read."""
    began = time.monotonic()
    database.drop()
    database.create()
    database.manage("migrate", "--verbosity=0")
    database.manage("createcachetable", "--verbosity=0")
    database.manage("load_seed", "--without-projects")
    database.manage("generate_content", f"--projects={database.rows}", f"--seed={SEED}")
    items = min(database.rows, MOST_ITEMS)
    database.manage("generate_content", f"--items={items}", f"--seed={SEED}")
    database.run("-m", "tests.bench.pages", str(PAGES_PER_PROJECT * database.rows), str(SEED))
    remember(database, made_by=fingerprint(_MADE_BY), made_in=round(time.monotonic() - began))


def read(database: Database, say: Callable[[str], None], *how: str) -> None:
    """Read its texts, and remember how quickly that went and what memory it took."""
    told = database.manage("reindex", *how, "--verbosity=2")
    say(f"{database.engine} {database.rows}: {told.strip()}")
    found = re.search(r"(\d+) i sekunden, som mest (\d+) MB", told)
    assert found, told
    if database.engine == "postgresql":
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # as autovacuum soon would
    remember(
        database,
        read_by=fingerprint(_READ_BY),
        reading={RATE: int(found[1]), MEMORY: int(found[2])},
    )


def keep(database: Database) -> None:
    """Take the database, if it is there, for one made by the code there is now; migrates it."""
    if not facts_of(database):
        return
    database.manage("migrate", "--verbosity=0")
    remember(database, made_by=fingerprint(_MADE_BY), read_by=fingerprint(_READ_BY))
