"""The databases that are measured: made once, kept between runs, made anew for other code."""

import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "bench"
KNOWN = VAR / "databases.json"
SEED = 2026

SERVER = os.environ.get("KSI_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")

# What decides how the generated database looks.
_MADE_BY = (
    "*/migrations/*.py",
    "inventory/generating/*",
    "inventory/search.py",
    "search/catalogue.py",
    "ksi/seed/*.toml",
)


def fingerprint() -> str:
    """Changes when a database made now would differ from one made before."""
    digest = hashlib.blake2b(str(SEED).encode(), digest_size=12)
    for pattern in _MADE_BY:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Database:
    """One database with generated projects and nothing else."""

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

    def manage(self, *arguments: str) -> None:
        """Run manage.py on it."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)


def server() -> psycopg.Connection:
    """A connection to the PostgreSQL server. Raises psycopg.OperationalError where none answers."""
    return psycopg.connect(SERVER, connect_timeout=3, autocommit=True)


def postgresql_answers() -> bool:
    """Whether there is a PostgreSQL server to measure on."""
    with suppress(psycopg.OperationalError):
        server().close()
        return True
    return False


def prepare(database: Database) -> None:
    """Make the database unless one made by the same code is there."""
    VAR.mkdir(parents=True, exist_ok=True)
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    wanted = fingerprint()
    if known.get(database.url) == wanted and database.exists():
        return
    print(f"Skapar {database.rows} påhittade projekt i {database.engine} …", flush=True)
    database.drop()
    database.create()
    database.manage("migrate", "--verbosity=0")
    database.manage("createcachetable", "--verbosity=0")
    database.manage("load_seed", "--without-projects")
    database.manage("generate_content", f"--projects={database.rows}", f"--seed={SEED}")
    if database.engine == "postgresql":
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # as autovacuum soon would
    known[database.url] = wanted
    KNOWN.write_text(json.dumps(known, indent=1))
