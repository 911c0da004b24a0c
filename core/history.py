"""The history is append-only, and the database itself sees to that (docs/adr/0013-history.md).

Triggers refuse every DELETE, TRUNCATE and UPDATE of core_auditentry but one: that `by_id` becomes
NULL, which is what erasing an account does. On SQLite, altering the table makes it anew without
its triggers: a migration that does so ends with `RunPython(history.protect, history.unprotect)`.
"""

from collections.abc import Sequence
from typing import Any, Literal

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "core_auditentry"
REFUSED = "Historiken kan bara fyllas på: core_auditentry is append-only."

# The same class of error on both databases: django.db.IntegrityError.
_POSTGRES = f"""
CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.by_id IS NOT NULL AND NEW.by_id IS NULL THEN
      OLD.by_id := NULL;
      IF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
      END IF;
    END IF;
  END IF;
  RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def protecting(vendor: str, columns: Sequence[str]) -> list[str]:
    """The statements that make a table with these columns append-only."""
    if vendor == "postgresql":
        return [
            _POSTGRES,
            f"CREATE TRIGGER {TABLE}_rows BEFORE UPDATE OR DELETE ON {TABLE}"
            f" FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
            f"CREATE TRIGGER {TABLE}_whole BEFORE TRUNCATE ON {TABLE}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    unchanged = [f"NEW.{name} IS OLD.{name}" for name in columns if name != "by_id"]
    is_there = f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"  # noqa: S608 - our own name
    erased = " AND ".join(["OLD.by_id IS NOT NULL", "NEW.by_id IS NULL", *unchanged])
    return [
        f"CREATE TRIGGER {TABLE}_delete BEFORE DELETE ON {TABLE} {refuse}",
        f"CREATE TRIGGER {TABLE}_update BEFORE UPDATE ON {TABLE} WHEN NOT ({erased}) {refuse}",
        # INSERT OR REPLACE deletes without asking the trigger above.
        f"CREATE TRIGGER {TABLE}_replace BEFORE INSERT ON {TABLE} WHEN {is_there} {refuse}",
    ]


def unprotecting(vendor: str) -> list[str]:
    """The statements that take the protection away: for migrations and for tests."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {TABLE}_{name} ON {TABLE}" for name in ("rows", "whole")]
    return [f"DROP TRIGGER IF EXISTS {TABLE}_{name}" for name in ("delete", "update", "replace")]


def columns_of(database: BaseDatabaseWrapper) -> list[str]:
    """The table's columns as they are now, whatever the model of today says."""
    with database.cursor() as cursor:
        return [row.name for row in database.introspection.get_table_description(cursor, TABLE)]


def protect(apps: Any, schema_editor: Any) -> None:
    """Make the table append-only, also when it was so before with other columns."""
    database = schema_editor.connection
    statements = protecting(database.vendor, columns_of(database))
    for statement in [*unprotecting(database.vendor), *statements]:
        schema_editor.execute(statement)


def unprotect(apps: Any, schema_editor: Any) -> None:
    """Let a migration change the table."""
    for statement in unprotecting(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def values_of(column: Literal["verb", "app_model"]) -> list[str]:
    """The different values of a column, each found by one look in its index.

    DISTINCT would read every line; the statement is the same on both databases.
    """
    following = f"(SELECT min({column}) FROM {TABLE} WHERE {column} > found.value)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE found(value) AS ("  # noqa: S608 - names of our own
            f" SELECT min({column}) FROM {TABLE} UNION ALL"
            f" SELECT {following} FROM found WHERE found.value IS NOT NULL"
            ") SELECT value FROM found WHERE value IS NOT NULL"
        )
        return [value for (value,) in cursor.fetchall()]
