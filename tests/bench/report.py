"""The table that a person reads."""

from collections.abc import Iterable

from tests.bench.goals import MEMORY, MRR, NDCG, PRECISION, RECALL, THROUGHPUT, TO_REACH, Row

NAMES = {
    "rate": "i sekunden",
    "throughput": "genomströmning",
    "p50": "p50",
    "p95": "p95",
    "queries": "frågor",
    "bytes": "byte",
    "requests": "hämtningar",
    "memory": "minne",
    "recall": "täckning",
    "precision": "precision",
    "ndcg": "nDCG@10",
    "mrr": "MRR",
    "differences": "skillnader",
    "list": "lista",
    "filtered": "filtrerad",
    "detail": "projektsida",
    "overview": "översikt",
    "export": "export",
    "word": "ett ord",
    "common": "vanligaste orden",
    "two": "två ord",
    "typing": "medan man skriver",
    "misspelt": "felstavat ord",
    "listed": "lista med ord",
    "alike": "finns det redan?",
    "autosave": "sparat av sig självt",
    "desk": "att granska",
    "reading": "inläsning",
    "relevance": "svar, trimmade",
    "untouched": "svar, orörda",
    "cold": "kall",
    "warm": "varm",
    "repeated": "upprepad",
    "portal": "portalen",
    "fts5": "bara FTS5",
    "postgresql": "bara PostgreSQL",
}


def shown(measure: str, value: float) -> str:
    """A figure as precise as it deserves."""
    if measure in {THROUGHPUT, RECALL, PRECISION, NDCG, MRR}:
        return f"{value:.3f}"
    if measure in {"p50", "p95"}:
        return f"{value:.2f}" if value < 10 else f"{value:.0f}"
    return f"{value:.1f} MB" if measure == MEMORY else f"{value:,.0f}".replace(",", " ")


def cell(row: Row | None) -> str:
    """The figure, with its goal and whether it is reached."""
    if row is None:
        return ""
    text = shown(row.measure, row.value)
    if row.goal is None:
        return text
    sign = "≥" if row.measure in TO_REACH else "≤"
    return f"{text} ({'' if row.ok else 'MISS '}{sign} {shown(row.measure, row.goal)})"


def table(rows: Iterable[Row]) -> str:
    """One line per page, database, size and state; one column per measure."""
    rows = list(rows)
    measures = [name for name in NAMES if any(row.measure == name for row in rows)]
    lines: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        page, state = NAMES.get(row.page, row.page), NAMES.get(row.state, row.state)
        key = (row.room, page, row.database, str(row.rows), state)
        lines.setdefault(key, {})[row.measure] = row
    head = ["rum", "sida", "databas", "rader", "läge", *(NAMES[name] for name in measures)]
    body = [
        [*key, *(cell(found.get(measure)) for measure in measures)] for key, found in lines.items()
    ]
    widths = [max(len(line[place]) for line in [head, *body]) for place in range(len(head))]
    drawn = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, ["-" * width for width in widths], *body]
    ]
    return "\n".join(drawn)
