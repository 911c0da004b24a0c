"""From words as they are written to the keys that are matched, as curators have corrected them.

`Lexicon` holds what curators edit: synonyms, protected words, compounds. Each process keeps the
newest in memory. What a word becomes is remembered in search.Word by those who index; a visitor's
question only reads it.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Max

from core.rows import rows_in
from search import swedish
from search.models import CompoundOverride, ProtectedWord, Synonyms, Word, lines


class Analysed(NamedTuple):
    """What a word becomes: its key, and the keys of its parts if it is a compound."""

    key: str
    parts: tuple[str, ...] = ()


# A word or a phrase, as keys.
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Sense:
    """What else a word or phrase finds: other keys, and how a visitor is told of them."""

    keys: Keys
    text: str
    same: bool = True  # means the same; otherwise it is only led to


@dataclass(frozen=True)
class Lexicon:
    """What curators have said about words."""

    signature: tuple[Any, ...] = ()
    protected: Mapping[str, str] = field(default_factory=dict)  # form → key
    compounds: Mapping[str, Keys] = field(default_factory=dict)  # base form → parts
    # Keys of every word of an expression, stop words too → what it leads to.
    senses: Mapping[Keys, tuple[Sense, ...]] = field(default_factory=dict)

    words: Mapping[str, str] = field(default_factory=dict)  # form → key, of single words there

    @cached_property
    def single(self) -> Mapping[Keys, tuple[Sense, ...]]:
        """What single words lead to."""
        return {keys: found for keys, found in self.senses.items() if len(keys) == 1}

    @cached_property
    def longest_phrase(self) -> int:
        """How many words the longest expression has that leads somewhere."""
        return max(map(len, self.senses), default=1)

    def key(self, form: str) -> str:
        """What the word and its inflected forms have in common."""
        if form in self.protected:
            return self.protected[form]
        return self.protected.get(swedish.lemma(form)) or swedish.key(form)

    def parts(self, form: str) -> tuple[str, ...]:
        """Keys of the parts of a compound. Takes up to 30 ms for a word not asked about before."""
        word = swedish.lemma(form)
        for base in (form, word):
            if base in self.compounds:
                return tuple(self.key(part) for part in self.compounds[base])
        *firsts, last = swedish.compound(word) or swedish.compound(form) or [""]
        return (*map(self.first_part, firsts), self.key(last)) if firsts else ()

    def first_part(self, part: str) -> str:
        """The key of a word as it stands first in a compound."""
        for word in (part, part.removesuffix("s")):
            if word in self.protected:
                return self.protected[word]
        return self.key(swedish.first_part(part))

    def analyse(self, form: str) -> Analysed:
        """What a word becomes."""
        return Analysed(self.key(form)[:60], self.parts(form))


def _signature() -> tuple[Any, ...]:
    """Differs whenever a curator has changed something; one small query for each table."""
    found = []
    for model in (Synonyms, ProtectedWord, CompoundOverride):
        rows = model._default_manager.aggregate(Count("pk"), Max("pk"), Max("changed_at"))
        found.append(tuple(rows.values()))
    return tuple(found)


_newest = Lexicon()
_seen_at: int | None = None  # the edition in which the newest was compared with the database
_lock = threading.Lock()


def lexicon(edition: int | None = None) -> Lexicon:
    """What curators have said, at least as new as `edition`; without one, as it stands now."""
    global _newest, _seen_at
    if edition is not None and _seen_at is not None and _seen_at >= edition:
        return _newest
    with _lock:
        signature = _signature()
        if signature != _newest.signature:
            _newest = _read(signature)
        _seen_at = edition
    return _newest


def forget() -> None:
    """Read everything again when it is next asked for."""
    global _newest, _seen_at
    _newest, _seen_at = Lexicon(), None


def _read(signature: tuple[Any, ...]) -> Lexicon:
    protected = {}
    for row in ProtectedWord.objects.all():
        base = row.word.casefold()
        for form in [base, *(line.casefold() for line in lines(row.forms))]:
            protected[form] = base
    rules = Lexicon(
        signature,
        protected,
        {
            override.word.casefold(): tuple(override.parts.casefold().split())
            for override in CompoundOverride.objects.all()
        },
    )
    groups = [(lines(each.words), lines(each.leads_to)) for each in Synonyms.objects.all()]
    written = {line for words, leads_to in groups for line in [*words, *leads_to]}
    forms = {line: swedish.forms(line, every=True) for line in written}
    known = remembered(form for found in forms.values() for form in found)
    keys = {
        form: known[form].key if form in known else rules.key(form)
        for found in forms.values()
        for form in found
    }
    senses: dict[Keys, dict[Keys, Sense]] = {}
    for words, leads_to in groups:
        for word in words:
            whole = tuple(keys[form] for form in forms[word])
            for other in leads_to or words:
                found = tuple(keys[form] for form in forms[other] if swedish.says_something(form))
                if whole and found and other != word and found != whole:
                    sense = Sense(found, other, same=not leads_to)
                    senses.setdefault(whole, {}).setdefault(found, sense)
    return Lexicon(
        signature,
        rules.protected,
        rules.compounds,
        {key: tuple(found.values()) for key, found in senses.items()},
        {found[0]: keys[found[0]] for found in forms.values() if len(found) == 1},
    )


def remembered(forms: Iterable[str]) -> dict[str, Analysed]:
    """What of these words has been analysed before."""
    rows = rows_in(Word, ("form", "key", "parts"), "form", dict.fromkeys(forms))
    return {form: Analysed(key, tuple(parts.split())) for form, key, parts in rows}


def parts_of(keys: Iterable[str]) -> dict[str, Keys]:
    """The parts of those of these words that are compounds, by key."""
    rows = Word.objects.filter(key__in=set(keys)).exclude(parts="").order_by("form")
    return {key: tuple(parts.split()) for key, parts in rows.values_list("key", "parts")}


def learn(forms: Iterable[str], rules: Lexicon) -> dict[str, Analysed]:
    """What these words become; those not seen before are analysed and remembered."""
    wanted = set(forms)
    known = remembered(wanted)
    new = {form: rules.analyse(form) for form in sorted(wanted - known.keys())}
    Word.objects.bulk_create(
        [
            Word(form=form, key=found.key, parts=" ".join(found.parts)[:200])
            for form, found in new.items()
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return known | new
