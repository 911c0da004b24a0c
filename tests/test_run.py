"""What `make test` says in the end, and when it fails."""

import pytest

from tests.run import Part, read_report

PASSED = '<testcase classname="a" name="ok"/>'
FAILED = '<testcase classname="a" name="bad"><failure message="no"/></testcase>'
BROKEN = '<testcase classname="a" name="worse"><error message="no"/></testcase>'
SKIPPED = '<testcase classname="a" name="later"><skipped message="ingen skrivare"/></testcase>'


@pytest.mark.parametrize(
    ("cases", "code", "line", "remarks", "ok"),
    [
        (PASSED * 2, 0, "SQLite: 2 passed, 0 failed", [], True),
        (PASSED + FAILED + BROKEN, 1, "SQLite: 1 passed, 2 failed", [], False),
        (
            PASSED + SKIPPED,
            0,
            "SQLite: 1 passed, 0 failed, 1 skipped",
            ["SQLite, överhoppat: a::later – ingen skrivare"],
            True,
        ),
        ("", 5, "SQLite: 0 passed, 0 failed", ["SQLite: inget test kördes"], False),
        (PASSED, 3, "SQLite: 1 passed, 0 failed", ["SQLite: pytest slutade med kod 3"], False),
        (None, 4, "SQLite: 0 passed, 0 failed", ["SQLite: inget test kördes"], False),
    ],
)
def test_a_part_is_told_as_it_went(tmp_path, cases, code, line, remarks, ok):
    part, report = Part("SQLite"), tmp_path / "report.xml"
    if cases is not None:
        report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")

    read_report(part, report, code)

    assert (part.line(), part.remarks(), part.ok) == (line, remarks, ok)


def test_what_is_required_and_missing_is_a_failure_and_otherwise_a_skip():
    why = "chromium är inte installerat"

    skipped, missing = Part("Webbläsare", why), Part("Webbläsare", why, required=True)

    assert (skipped.ok, skipped.remarks()) == (True, [f"Webbläsare hoppades över: {why}"])
    assert (missing.ok, missing.remarks()) == (
        False,
        [f"Webbläsare saknas, och det är ett fel här: {why}"],
    )
    assert skipped.line() == missing.line() == "Webbläsare: 0 passed, 0 failed"
