"""What each database needs to match keys, made by a migration and kept up by triggers.

SQLite: an FTS5 table over the columns of search_passage (external content: the text of the keys
is not stored twice). PostgreSQL: a tsvector with weights and positions, and a GIN index.
Keys never hold a blank; FTS5's tokeniser is told to part them at nothing else, and the tsvector is
read from its own notation, so that no parser of the database's has a say in what a word is.
"""

from typing import Any

_COLUMNS = ("title_keys", "lead_keys", "text_keys", "part_keys", "facet_keys", "front_keys")


def _fts5() -> list[str]:
    names = ", ".join(_COLUMNS)
    old = ", ".join(f"old.{name}" for name in _COLUMNS)
    new = ", ".join(f"new.{name}" for name in _COLUMNS)
    changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _COLUMNS)
    remove = (
        f"INSERT INTO search_passage_fts (search_passage_fts, rowid, {names})"
        f" VALUES ('delete', old.id, {old});"
    )
    add = f"INSERT INTO search_passage_fts (rowid, {names}) VALUES (new.id, {new});"
    return [
        f"CREATE VIRTUAL TABLE search_passage_fts USING fts5({names},"
        " content='search_passage', content_rowid='id',"
        """ tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'")""",
        f"CREATE TRIGGER search_passage_added AFTER INSERT ON search_passage BEGIN {add} END",
        f"CREATE TRIGGER search_passage_gone AFTER DELETE ON search_passage BEGIN {remove} END",
        f"CREATE TRIGGER search_passage_changed AFTER UPDATE OF {names} ON search_passage"
        f" WHEN {changed} BEGIN {remove} {add} END",
    ]


# Positions run through all columns, with a gap between two, so that no phrase spans them.
_POSTGRESQL = [
    """
    CREATE FUNCTION search_vector(keys text, weight text, start bigint) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(string_agg(
            '''' || replace(replace(key, '\\', '\\\\'), '''', '''''') || ''':'
            || least(start + place, 16383) || weight, ' '), '')
        FROM unnest(string_to_array(keys, ' ')) WITH ORDINALITY AS each (key, place)
        WHERE key <> ''
    $$
    """,
    """
    CREATE FUNCTION search_passage_vector() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        lead bigint := 10 + cardinality(string_to_array(NEW.title_keys, ' '));
        body bigint := 10 + lead + cardinality(string_to_array(NEW.lead_keys, ' '));
        parts bigint := 10 + body + cardinality(string_to_array(NEW.text_keys, ' '));
        facets bigint := 10 + parts + cardinality(string_to_array(NEW.part_keys, ' '));
        front bigint := 10 + facets + cardinality(string_to_array(NEW.facet_keys, ' '));
    BEGIN
        NEW.vector := (
            search_vector(NEW.title_keys, 'A', 0) || ' '
            || search_vector(NEW.lead_keys, 'B', lead) || ' '
            || search_vector(NEW.text_keys, 'C', body) || ' '
            || search_vector(NEW.part_keys, 'D', parts) || ' '
            || search_vector(NEW.facet_keys, 'D', facets) || ' '
            || search_vector(NEW.front_keys, 'D', front)
        )::tsvector;
        RETURN NEW;
    END
    $$
    """,
    "ALTER TABLE search_passage ADD COLUMN vector tsvector",
    "CREATE TRIGGER search_passage_vector BEFORE INSERT OR UPDATE OF"
    f" {', '.join(_COLUMNS)} ON search_passage"
    " FOR EACH ROW EXECUTE FUNCTION search_passage_vector()",
    # What is to be put in waits in a list, which each question walks, so it is kept short and is
    # emptied when a batch has been read; without it, reading takes three times as long.
    "CREATE INDEX search_passage_vector ON search_passage USING gin (vector)"
    " WITH (gin_pending_list_limit = 1024)",
]

_UNDO = {
    "sqlite": [
        "DROP TRIGGER search_passage_added",
        "DROP TRIGGER search_passage_gone",
        "DROP TRIGGER search_passage_changed",
        "DROP TABLE search_passage_fts",
    ],
    "postgresql": [
        "ALTER TABLE search_passage DROP COLUMN vector",
        "DROP TRIGGER search_passage_vector ON search_passage",
        "DROP FUNCTION search_passage_vector",
        "DROP FUNCTION search_vector",
    ],
}


def install(apps: Any, schema_editor: Any) -> None:
    """Make what the database in use needs (for a migration)."""
    database = schema_editor.connection
    with database.cursor() as cursor:
        for statement in _fts5() if database.vendor == "sqlite" else _POSTGRESQL:
            cursor.execute(statement)


def uninstall(apps: Any, schema_editor: Any) -> None:
    """Take it away again."""
    database = schema_editor.connection
    with database.cursor() as cursor:
        for statement in _UNDO[database.vendor]:
            cursor.execute(statement)
