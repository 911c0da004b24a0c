"""A backup: one .tar.gz with the database, the stored files and, last, a manifest.

The manifest holds the sha256 of every part as it was written, so it can only come last. Restoring
unpacks everything beside the real thing, checks it against the manifest, and only then replaces.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import tomllib
import zlib
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader

from core.models import Edition, Mail

FORMAT = 1
MANIFEST = "manifest.json"
DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}

# Everything in the schema goes, also tables that the backup does not know; in psql's transaction.
DROP_TABLES = """
SET lock_timeout = '30s';
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', found.tablename);
  END LOOP;
END $$;
"""

# What waited when the copy was made may have been sent since: a person decides (core.mail). In the
# same breath as the restoring, before any worker sees it.
HOLD_MAIL = (
    f"SET state = '{Mail.State.UNCERTAIN}', trouble = 'Återläst ur en säkerhetskopia. Mejlet kan"
    " ha skickats efter att kopian gjordes.'"
    f" WHERE state IN ('{Mail.State.WAITING}', '{Mail.State.TAKEN}')"
)
# The restored script leaves the search path empty.
HOLD_MAIL_POSTGRES = f"""
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT schemaname, tablename FROM pg_tables WHERE tablename = 'core_mail' LOOP
    EXECUTE format('UPDATE %I.%I ', found.schemaname, found.tablename) || $x${HOLD_MAIL}$x$;
  END LOOP;
END $$;
"""  # noqa: S608 - states and words of our own


class BackupError(Exception):
    """What went wrong, in words for the person at the command line."""


class Hashing:
    """A file that is read once and remembers the sha256 and size of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Read on, counting."""
        data = self.file.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data

    def facts(self) -> dict[str, Any]:
        """The line of the manifest."""
        return {"sha256": self.digest.hexdigest(), "bytes": self.size}


def files_folder() -> Path | None:
    """Where stored files lie, or None when another machine keeps them (S3)."""
    storage = storages["default"]
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


# --- Saving -------------------------------------------------------------------------------------


def save(target: Path) -> dict[str, Any]:
    """Write a backup to `target`, wholly or not at all, and return its manifest."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
                manifest = _fill(archive, target.parent)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _fill(archive: tarfile.TarFile, folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": portal_version(),
        "engine": connection.vendor,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": sorted(map(list, MigrationLoader(connection).applied_migrations)),
        "parts": {},
    }
    # The database first: files that arrive while we work are then too many, never too few.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".dump-") as dump:
        _dump_database(Path(dump.name))
        with open(dump.name, "rb") as file:
            _add(archive, manifest, DUMPS[connection.vendor], file)
    if root := files_folder():
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with suppress(FileNotFoundError), path.open("rb") as file:  # removed meanwhile
                    _add(archive, manifest, f"files/{path.relative_to(root).as_posix()}", file)
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode = len(text), 0o600
    archive.addfile(info, io.BytesIO(text))
    return manifest


def _add(archive: tarfile.TarFile, manifest: dict[str, Any], name: str, file: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    status = os.fstat(file.fileno())
    info.size, info.mtime, info.mode = status.st_size, int(status.st_mtime), 0o600
    hashing = Hashing(file)
    archive.addfile(info, hashing)
    manifest["parts"][name] = hashing.facts()


def _dump_database(target: Path) -> None:
    if connection.vendor == "sqlite":
        # SQLite's own backup is one moment of the database, also while others write to it.
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # all of it in one file
    else:
        _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "-f", str(target))


# --- Restoring ----------------------------------------------------------------------------------


def is_empty() -> bool:
    """Whether there is neither a database nor a file that a restore would replace."""
    folder = files_folder()
    has_files = folder is not None and folder.is_dir() and any(folder.iterdir())
    return not has_files and not connection.introspection.table_names()


def restore(source: Path) -> dict[str, Any]:
    """Replace database and files by those of `source`, which is checked first."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="restore-") as folder:
        staged = Path(folder)
        manifest = _unpack(source, staged)
        _check(manifest)
        before = _edition()
        dump = staged / DUMPS[connection.vendor]
        _load_database(dump)
        _replace_files(staged / "files")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    # Higher than any edition that a running process can have kept pages under.
    with transaction.atomic():
        Edition.jump(past=before)
    return manifest


def _unpack(source: Path, staged: Path) -> dict[str, Any]:
    """Unpack into `staged` and compare with the manifest; nothing is trusted before that."""
    found: dict[str, Any] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                if manifest is not None or not _may_unpack(member) or member.name in found:
                    raise BackupError(f"Kopian innehåller något som inte hör dit: {member.name}")
                file = archive.extractfile(member)
                if file is None:
                    raise BackupError(f"Kopian går inte att läsa: {member.name}")
                hashing = Hashing(file)
                if member.name == MANIFEST:
                    manifest = json.load(file)
                    continue
                path = staged / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as target:
                    shutil.copyfileobj(hashing, target)
                found[member.name] = hashing.facts()
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as problem:
        raise BackupError(f"Kopian är skadad eller inte en säkerhetskopia: {problem}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupError("Kopian saknar en innehållsförteckning som den här versionen förstår.")
    if manifest.get("parts") != found:
        raise BackupError("Kopian är skadad: kontrollsummorna stämmer inte. Inget har ändrats.")
    return manifest


def _may_unpack(member: tarfile.TarInfo) -> bool:
    """Plain files only, at the places that a backup has: no links, no way out of the folder."""
    path = PurePosixPath(member.name)
    return (
        member.isfile()
        and str(path) == member.name
        and "\\" not in member.name
        and (
            member.name in {MANIFEST, *DUMPS.values()}
            or (len(path.parts) > 1 and path.parts[0] == "files" and ".." not in path.parts)
        )
    )


def _check(manifest: dict[str, Any]) -> None:
    """Refuse what this database or this version of the portal cannot take."""
    if (engine := manifest.get("engine")) != connection.vendor:
        raise BackupError(
            f"Kopian är gjord på {engine}, men portalen använder {connection.vendor}."
        )
    if DUMPS[connection.vendor] not in manifest["parts"]:
        raise BackupError("Kopian innehåller ingen databas.")
    known = set(MigrationLoader(None).disk_migrations)
    if unknown := {tuple(pair) for pair in manifest.get("migrations", [])} - known:
        raise BackupError(
            f"Kopian är gjord med en nyare version av portalen ({manifest.get('version')}):"
            f" den här versionen känner inte till {'.'.join(sorted(unknown)[0])}."
        )


def _edition() -> int:
    try:
        return Edition.current()
    except DatabaseError:  # no tables yet
        return 0


def _load_database(dump: Path) -> None:
    connection.close()
    if connection.vendor == "sqlite":
        # Backwards through the same door: one transaction, and processes that have the database
        # open read the new content instead of a file that is gone.
        with (
            closing(sqlite3.connect(dump)) as source,
            closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=30)) as target,
        ):
            if source.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise BackupError("Databasen i kopian är skadad. Inget har ändrats.")
            # A copy can be from before there was mail.
            if source.execute("SELECT 1 FROM sqlite_master WHERE name = 'core_mail'").fetchone():
                source.execute(f"UPDATE core_mail {HOLD_MAIL}")
                source.commit()
            source.backup(target)
    else:
        script = dump.with_suffix(".sql")
        _postgres(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges",
            "-f", str(script), str(dump), database=False,
        )  # fmt: skip
        _postgres(
            "psql", "--no-psqlrc", "--quiet", "--single-transaction", "-v", "ON_ERROR_STOP=1",
            "-c", DROP_TABLES, "-f", str(script), "-c", HOLD_MAIL_POSTGRES,
            "-o", os.devnull,
        )  # fmt: skip


def _replace_files(staged: Path) -> None:
    """Put the backup's files where the stored files are. The folder itself may be a mount."""
    folder = files_folder()
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    for new in staged.iterdir() if staged.is_dir() else ():
        shutil.move(new, folder / new.name)


# --- Around -------------------------------------------------------------------------------------


def _postgres(program: str, *arguments: str, database: bool = True) -> None:
    """Run one of PostgreSQL's client programs; the password goes in the environment."""
    chosen, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    where = ["--dbname", chosen[-1], *chosen[1:-1]] if database else []
    try:
        subprocess.run(  # noqa: S603
            [program, *where, *arguments],
            env=os.environ | (environment or {}),
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise BackupError(
            f"Programmet {program} saknas. Installera det med: apt install postgresql-client"
        ) from None
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.strip().splitlines() or [f"kod {problem.returncode}"]
        raise BackupError(f"{program} misslyckades: {said[0]}") from None


def portal_version() -> str:
    """The version in pyproject.toml."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


def prune(folder: Path, keep: int) -> None:
    """Remove all backups in the folder but the newest `keep`."""
    for old in sorted(folder.glob("ksi-*.tar.gz"))[:-keep]:
        old.unlink()
