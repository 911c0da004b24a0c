"""What each database needs to match keys, made by a migration and kept up by triggers.

SQLite: an FTS5 table over the columns of search_passage (external content: the text of the keys
is not stored twice). PostgreSQL: a table of tsvectors with weights and positions, and a GIN index.
Keys never hold a blank; FTS5's tokeniser is told to part them at nothing else, and the tsvector is
read from its own notation, so that no parser of the database's has a say in what a word is.
"""

from typing import Any

_COLUMNS = ("title_keys", "lead_keys", "text_keys", "part_keys", "facet_keys", "front_keys")

# PostgreSQL: which thousands of passages one belongs to, as something that its index knows.
BLOCK_SIZE = 4_096
BLOCK = f"ARRAY[id / {BLOCK_SIZE}]"


def _changed(differs: str) -> str:
    """Whether any of the columns is another than it was."""
    return " OR ".join(f"old.{name} {differs} new.{name}" for name in _COLUMNS)


_PLACE = (
    "CREATE INDEX IF NOT EXISTS search_passage_place ON search_passage (id, audience, entry_id)"
)


def _fts5() -> list[str]:
    names = ", ".join(_COLUMNS)
    old = ", ".join(f"old.{name}" for name in _COLUMNS)
    new = ", ".join(f"new.{name}" for name in _COLUMNS)
    remove = (
        f"INSERT INTO search_passage_fts (search_passage_fts, rowid, {names})"
        f" VALUES ('delete', old.id, {old});"
    )
    add = f"INSERT INTO search_passage_fts (rowid, {names}) VALUES (new.id, {new});"
    return [
        f"CREATE VIRTUAL TABLE search_passage_fts USING fts5({names},"
        " content='search_passage', content_rowid='id',"
        """ tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'")""",
        # All that is asked of a passage that matches, so that none of its long rows is read.
        _PLACE,
        f"CREATE TRIGGER search_passage_added AFTER INSERT ON search_passage BEGIN {add} END",
        f"CREATE TRIGGER search_passage_gone AFTER DELETE ON search_passage BEGIN {remove} END",
        f"CREATE TRIGGER search_passage_changed AFTER UPDATE OF {names} ON search_passage"
        f" WHEN {_changed('IS NOT')} BEGIN {remove} {add} END",
    ]


# Positions run through all columns, with a gap between two, so that no phrase spans them.
#
# The tsvectors stand in a table of their own, whose rows are a hundredth as long as those of
# search_passage: who has the rarest key lies spread over the whole table, and 1,500 rows are
# fetched in a millisecond instead of five.
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
    CREATE TABLE search_match (
        id bigint PRIMARY KEY,
        entry_id bigint NOT NULL,
        audience varchar(10) NOT NULL,
        vector tsvector NOT NULL
    ) WITH (toast_tuple_target = 128)
    """,
    """
    CREATE FUNCTION search_match_put() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        lead bigint := 10 + cardinality(string_to_array(NEW.title_keys, ' '));
        body bigint := 10 + lead + cardinality(string_to_array(NEW.lead_keys, ' '));
        parts bigint := 10 + body + cardinality(string_to_array(NEW.text_keys, ' '));
        facets bigint := 10 + parts + cardinality(string_to_array(NEW.part_keys, ' '));
        front bigint := 10 + facets + cardinality(string_to_array(NEW.facet_keys, ' '));
    BEGIN
        INSERT INTO search_match (id, entry_id, audience, vector)
        VALUES (NEW.id, NEW.entry_id, NEW.audience, (
            search_vector(NEW.title_keys, 'A', 0) || ' '
            || search_vector(NEW.lead_keys, 'B', lead) || ' '
            || search_vector(NEW.text_keys, 'C', body) || ' '
            || search_vector(NEW.part_keys, 'D', parts) || ' '
            || search_vector(NEW.facet_keys, 'D', facets) || ' '
            || search_vector(NEW.front_keys, 'D', front)
        )::tsvector)
        ON CONFLICT (id) DO UPDATE SET vector = EXCLUDED.vector, audience = EXCLUDED.audience;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION search_match_seen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE search_match SET audience = NEW.audience WHERE id = NEW.id;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION search_match_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM search_match WHERE id = OLD.id;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION search_match_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        TRUNCATE search_match;
        RETURN NULL;
    END
    $$
    """,
    "CREATE TRIGGER search_passage_added AFTER INSERT ON search_passage"
    " FOR EACH ROW EXECUTE FUNCTION search_match_put()",
    f"CREATE TRIGGER search_passage_changed AFTER UPDATE OF {', '.join(_COLUMNS)}"
    f" ON search_passage FOR EACH ROW WHEN ({_changed('IS DISTINCT FROM')})"
    " EXECUTE FUNCTION search_match_put()",
    "CREATE TRIGGER search_passage_seen AFTER UPDATE OF audience ON search_passage"
    " FOR EACH ROW WHEN (old.audience IS DISTINCT FROM new.audience)"
    " EXECUTE FUNCTION search_match_seen()",
    "CREATE TRIGGER search_passage_gone AFTER DELETE ON search_passage"
    " FOR EACH ROW EXECUTE FUNCTION search_match_gone()",
    "CREATE TRIGGER search_passage_emptied AFTER TRUNCATE ON search_passage"
    " FOR EACH STATEMENT EXECUTE FUNCTION search_match_emptied()",
    # What is to be put in waits in a list, which each question walks, so it is kept short and is
    # emptied when a batch has been read; without it, reading takes three times as long.
    f"CREATE INDEX search_match_vector ON search_match USING gin (vector, ({BLOCK}))"
    " WITH (gin_pending_list_limit = 1024)",
    # Those that match, by the index whatever the planner thinks: it does not know that a vector is
    # fetched from elsewhere, and would go through all of them.
    """
    CREATE FUNCTION search_matching(question tsquery, audiences text[], most bigint)
    RETURNS TABLE (id bigint, entry_id bigint)
    LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
    BEGIN
        RETURN QUERY SELECT found.id, found.entry_id FROM search_match AS found
            WHERE found.vector @@ question AND found.audience = ANY (audiences)
            ORDER BY -found.id LIMIT most;
    END
    $$
    """,
]

_UNDO = {
    "sqlite": [
        "DROP TRIGGER search_passage_added",
        "DROP TRIGGER search_passage_gone",
        "DROP TRIGGER search_passage_changed",
        "DROP INDEX search_passage_place",
        "DROP TABLE search_passage_fts",
    ],
    "postgresql": [
        *(
            f"DROP TRIGGER search_passage_{what} ON search_passage"
            for what in ("added", "changed", "seen", "gone", "emptied")
        ),
        *(f"DROP FUNCTION search_match_{what}" for what in ("put", "seen", "gone", "emptied")),
        "DROP FUNCTION search_matching",
        "DROP TABLE search_match",
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


# What a database has that was made before search_match was, and what fills that table: each row
# changes, and changes back.
_BEFORE_MATCH = [
    "DROP TRIGGER IF EXISTS search_passage_vector ON search_passage",
    "ALTER TABLE search_passage DROP COLUMN IF EXISTS vector",
    "DROP FUNCTION IF EXISTS search_passage_vector",
    "DROP FUNCTION IF EXISTS search_vector",
    *_POSTGRESQL,
    "UPDATE search_passage SET part_keys = part_keys || ' '",
    "UPDATE search_passage SET part_keys = rtrim(part_keys)",
]


def renew(apps: Any, schema_editor: Any) -> None:
    """Give a database what `install` makes today, if it was made by an older one."""
    database = schema_editor.connection
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute(_PLACE)
            return
        cursor.execute("SELECT to_regclass('search_match')")
        if cursor.fetchone()[0] is None:
            for statement in _BEFORE_MATCH:
                cursor.execute(statement)
