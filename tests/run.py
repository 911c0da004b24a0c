"""`make test`: every test on SQLite, on PostgreSQL and in a browser, and what came of it.

The exit code is not 0 when anything failed, when a part had no tests at all, or when a part that
the environment requires (KSI_REQUIRE_POSTGRES, KSI_REQUIRE_BROWSER) could not be run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("KSI_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
RUN = str(os.getpid())


@dataclass
class Part:
    """One of the three parts and what came of it."""

    name: str
    not_run: str = ""  # why it was skipped wholly
    required: bool = False
    passed: int = 0
    failed: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""

    @property
    def ok(self) -> bool:
        if self.not_run:
            return not self.required
        return not self.failed and not self.trouble

    def line(self) -> str:
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"{self.name}: {self.passed} passed, {self.failed} failed{skipped}"

    def remarks(self) -> list[str]:
        """What the line does not tell."""
        if self.not_run:
            word = "saknas, och det är ett fel här" if self.required else "hoppades över"
            return [f"{self.name} {word}: {self.not_run}"]
        lines = [f"{self.name}: {self.trouble}"] if self.trouble else []
        return lines + [f"{self.name}, överhoppat: {test} – {why}" for test, why in self.skipped]


def run_pytest(part: Part, *arguments: str, **environment: str) -> Part:
    """Run pytest in sight of everybody and read the counts from its report."""
    if part.not_run:
        return part
    print(f"\n=== {part.name} ===", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = subprocess.call(
            [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments],
            cwd=ROOT,
            env=os.environ | {"KSI_TEST_RUN": RUN} | environment,
        )
        read_report(part, report, code)
    return part


def read_report(part: Part, report: Path, code: int) -> None:
    """Fill in the part's counts. What pytest says by its exit code counts as well."""
    for case in ET.parse(report).iter("testcase") if report.is_file() else ():
        name = f"{case.get('classname')}::{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            part.failed += 1
        elif (skipped := case.find("skipped")) is not None:
            part.skipped.append((name, (skipped.get("message") or "utan angivet skäl").strip()))
        else:
            part.passed += 1
    if not part.passed and not part.failed:
        part.trouble = "inget test kördes"
    elif code and not part.failed:
        part.trouble = f"pytest slutade med kod {code}"


def postgres_trouble() -> str:
    """Why PostgreSQL cannot be used, or nothing."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=5).close()
    except psycopg.Error as problem:
        return f"ingen server svarade på KSI_TEST_POSTGRES ({str(problem).splitlines()[0]})"
    return ""


def drop_leftovers() -> None:
    """Remove this run's databases that an interrupted process left behind."""
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^ksi_test_{RUN}(_|$)"]
        ).fetchall()
        for (name,) in names:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def main() -> int:
    """Run the three parts and tell."""
    postgres = Part(
        "PostgreSQL", postgres_trouble(), required=bool(os.environ.get("KSI_REQUIRE_POSTGRES"))
    )
    browser = Part(
        "Webbläsare",
        "" if shutil.which("chromium") else "chromium är inte installerat",
        required=bool(os.environ.get("KSI_REQUIRE_BROWSER")),
    )
    ground = ("tests", "--ignore=tests/e2e", "-n", "2")
    parts = [run_pytest(Part("SQLite"), *ground, KSI_TEST_DATABASE="")]
    try:
        parts.append(run_pytest(postgres, *ground, KSI_TEST_DATABASE=POSTGRES))
    finally:
        if not postgres.not_run:
            drop_leftovers()
    parts.append(run_pytest(browser, "tests/e2e", KSI_TEST_DATABASE=""))

    print()
    for part in parts:
        print(part.line())
    for remark in [line for part in parts for line in part.remarks()]:
        print(remark)
    return 0 if all(part.ok for part in parts) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
