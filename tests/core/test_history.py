"""The history can only be added to: the database itself refuses the rest, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core import history
from core.models import AuditEntry
from people.models import User
from tests.factories import make_curator, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> AuditEntry:
    """A line with something in every column."""
    return AuditEntry.record(
        "avpublicerad",
        make_project(),
        by=make_curator(),
        from_state="publicerad",
        to_state="avpublicerad",
        reason="Dubblett.",
        changes={"titel": ["Gammal", "Ny"]},
    )


def everything() -> list[dict]:
    return list(AuditEntry.objects.order_by("pk").values())


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


WAYS = {
    "update": lambda line: AuditEntry.objects.update(reason="Annat."),
    "save": lambda line: line.save(),
    "bulk_update": lambda line: AuditEntry.objects.bulk_update([line], ["verb"]),
    "delete": lambda line: line.delete(),
    "delete all": lambda line: AuditEntry.objects.all().delete(),
    "raw update": lambda line: raw("UPDATE core_auditentry SET verb = 'annat'"),
    "raw delete": lambda line: raw("DELETE FROM core_auditentry"),
    "another author": lambda line: AuditEntry.objects.update(by=make_user()),
    "insert over": lambda line: AuditEntry.objects.bulk_create(
        [AuditEntry(pk=line.pk, verb="annat")],
        update_conflicts=True,
        update_fields=["verb"],
        unique_fields=["id"],
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_line_is_neither_changed_nor_deleted_and_the_transaction_goes_on(line, way):
    line.verb = "annat"
    before = everything()
    with pytest.raises(IntegrityError, match="Historiken kan bara fyllas på"), transaction.atomic():
        way(line)
    assert everything() == before
    AuditEntry.record("ändrad", make_project(), by=None)
    assert AuditEntry.objects.filter(verb="ändrad").count() == 1


# What each database can besides, which asks no trigger for rows that are deleted.
OWN_WAYS = {
    "sqlite": ["INSERT OR REPLACE INTO core_auditentry SELECT * FROM core_auditentry"],
    "postgresql": ["TRUNCATE core_auditentry", "TRUNCATE core_auditentry CASCADE"],
}


@pytest.mark.django_db(transaction=True)
def test_the_databases_own_way_around_is_refused(line):
    before = everything()
    for sql in OWN_WAYS[connection.vendor]:
        with pytest.raises(IntegrityError, match="fyllas på"):
            raw(sql)
    assert everything() == before


def test_an_erased_account_leaves_its_lines_without_its_name(line):
    before = everything()
    User.objects.get(pk=line.by_id).delete()
    expected = [row | {"by_id": None} if row["id"] == line.pk else row for row in before]
    assert everything() == expected
    assert expected[-1]["by_account"] is True


OTHER_COLUMNS = [
    field.column for field in AuditEntry._meta.concrete_fields if field.column != "by_id"
]


@pytest.mark.parametrize("column", OTHER_COLUMNS)
def test_nothing_else_changes_when_an_account_is_erased(line, column):
    values = {
        "id": "id + 1000",
        "changes": "'{}'",
        "at": "'2000-01-01 00:00:00+00:00'",
        "by_account": "NOT by_account",
    }
    value = values.get(column, "'annat'")
    with pytest.raises(IntegrityError, match="fyllas på"), transaction.atomic():
        raw(f"UPDATE core_auditentry SET by_id = NULL, {column} = {value} WHERE id = {line.pk}")


def test_what_has_no_author_gets_none():
    line = AuditEntry.record("ändrad", make_project(), by=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.filter(pk=line.pk).update(by=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_between_tests_that_commit_the_table_is_emptied_and_protected_again(turn):
    """Each turn finds an empty table, and leaves a line that the other must not find."""
    assert AuditEntry.objects.count() == 0
    AuditEntry.record("skapad", make_user(), by=None)
    with pytest.raises(IntegrityError):
        AuditEntry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_protection_can_be_taken_away_and_put_back_for_a_migration():
    AuditEntry.record("skapad", make_user(), by=None)
    with connection.schema_editor() as editor:
        history.unprotect(None, editor)
    AuditEntry.objects.update(verb="ändrad")
    for _ in range(2):  # twice is as good as once
        with connection.schema_editor() as editor:
            history.protect(None, editor)
    with pytest.raises(IntegrityError):
        AuditEntry.objects.update(verb="raderad")
    assert AuditEntry.objects.get().verb == "ändrad"
