"""Answers as they are typed: how two writers' answers are joined, and where they disagree."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping

# Form name → what was typed there, as a form posts it: also what cannot be published.
Payload = dict[str, list[str]]
# name → whether this was the answer when the writer began.
WasBase = Callable[[str, list[str]], bool]


def answer(payload: Mapping[str, list[str]], name: str) -> list[str]:
    """What is answered at a name; an answer that is empty is none."""
    return [text for text in payload.get(name) or () if text]


def merge(
    mine: Payload, theirs: Payload, was_base: WasBase, names: Iterable[str]
) -> tuple[Payload, list[str]]:
    """`theirs` with what I changed, and the names where both changed to different answers.

    Of those, the answer that stands is theirs: nothing is written over unseen.
    """
    merged, disputed = dict(theirs), []
    for name in names:
        own, other = answer(mine, name), answer(theirs, name)
        if own == other or was_base(name, own):
            continue
        if was_base(name, other):
            merged[name] = own
        else:
            disputed.append(name)
    return {name: values for name, values in merged.items() if values}, disputed


def since(base: Payload) -> WasBase:
    """Compare with a whole payload."""
    return lambda name, values: answer(base, name) == values


def digest(values: list[str]) -> str:
    """A short sum of an answer, for a form to carry what its writer began from."""
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=6).hexdigest()


def carried(payload: Payload, names: Iterable[str]) -> str:
    """The sums of these answers, as a hidden field."""
    return json.dumps({name: digest(answer(payload, name)) for name in names})


def carried_on(text: str, payload: Payload, names: Iterable[str], disputed: list[str]) -> str:
    """The sums for a form that goes on after a save: where it is disputed, still the first ones."""
    before, now = _sums(text), {name: digest(answer(payload, name)) for name in names}
    nothing = digest([])
    return json.dumps(now | {name: before.get(name, nothing) for name in disputed})


def _sums(text: str) -> dict[str, str]:
    try:
        sums = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return sums if isinstance(sums, dict) else {}


def since_carried(text: str) -> WasBase:
    """Compare with what a form carried; with one that was tampered with, all is disputed."""
    sums, nothing = _sums(text), digest([])
    return lambda name, values: sums.get(name, nothing) == digest(values)


def changed(base: Payload, now: Payload) -> list[str]:
    """The names whose answers differ."""
    return [
        name for name in dict.fromkeys([*base, *now]) if answer(base, name) != answer(now, name)
    ]


def rows_of(payload: Mapping[str, list[str]], prefix: str) -> list[Payload]:
    """The rows of a question, each by the names of its own fields; a row without answers is none.

    "measures-3-goal" is "goal" of one row, "measures-3-point-0-date" its "point-0-date".
    """
    numbered = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-(.+)")
    rows: dict[int, Payload] = {}
    for name in payload:
        if (match := numbered.fullmatch(name)) and answer(payload, name):
            rows.setdefault(int(match[1]), {})[match[2]] = answer(payload, name)
    return [rows[number] for number in sorted(rows)]
