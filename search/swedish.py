"""Swedish words: what is a word, what it is reduced to, and what a compound is made of.

Lemma first (simplemma), then stem (snowball): over 164 inflected forms of this field's words,
98 of 100 meet their base form, where PostgreSQL's `swedish` lets 66 do so. Compounds are divided
by the Hunspell dictionary that spylls carries. See docs/adr/0018-search.md.

The dictionaries take about 110 and 150 MB and some seconds to read, so each is read when a word
first needs it. A web process needs the second never, and shares the first (`ksi.wsgi`).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

# Longer strings of letters are no words.
LONGEST = 60

_WORD = re.compile(r"[^\W_]+")

# Words that stand everywhere and say nothing of what a text is about.
STOP_WORDS = frozenset(
    """
    alla allt att av blev bli blir blivit borde bör både de dem den denna deras dess dessa det detta
    dig din dina ditt du där då efter ej eller en er era ert ett finns fram från för få får fått
    genom gick gå går gått gör göra ha hade han hans har hos hon honom hur här i ibland ifrån igen
    in inom jag ju kan kom komma kommer kunde kunna man med mellan men mig min mina mitt mot
    mycket många måste ni nu när någon något några och också om oss på redan samt sedan sig sin sina
    sitt ska skall skulle som så sådan sådana ta tar till tills under upp ur utan vad var vara
    varför varit varje vars vem vi vid vidare vilja vilka vilken vilket vill vår våra vårt än är
    även åt över
    """.split()  # noqa: SIM905 - a hundred quotation marks would not be read
)


# Who asks is not what is asked about: "min dotter har ångest" is about ångest.
ASKERS = frozenset(
    """
    barnbarn bror dotter far farfar farmor flickvän fru hustru kompis make mamma man mor morfar
    mormor pappa partner pojkvän sambo släkting son syskon syster vän
    """.split()  # noqa: SIM905
)


def words(text: str, *, every: bool = False) -> Iterator[re.Match[str]]:
    """The words of a text where they stand; those that say nothing left out unless `every`.

    Hyphens part words: "ASI-intervju" is asi and intervju.
    """
    found = _WORD.finditer(text)
    if every:
        return found
    return (word for word in found if says_something(word.group().casefold()))


def says_something(form: str) -> bool:
    """Whether a word is looked up: no stop word, no single letter, no endless string."""
    return 1 < len(form) <= LONGEST and form not in STOP_WORDS


def forms(text: str, *, every: bool = False) -> list[str]:
    """The words of a text as they are looked up: composed and in lower case.

    With `every` word, stop words too: in an expression, "gå ut", each of them counts.
    """
    found = [word.casefold() for word in _WORD.findall(composed(text))]
    return [form[:LONGEST] for form in found if every or says_something(form)]


def composed(text: str) -> str:
    """The text with each letter as one character (NFC), and without NUL, which no database takes.

    å, ä and ö are letters and stay: "höra" is not "hora".
    """
    return unicodedata.normalize("NFC", text).replace("\0", " ")


@lru_cache(maxsize=20_000)
def lemma(form: str) -> str:
    """The base form of a word in lower case; the word itself when it is not known."""
    import simplemma

    return simplemma.lemmatize(form, lang="sv").casefold()


def warm() -> None:
    """Read what questions need before a server forks, so that its processes share the memory."""
    key("ord")


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("swedish")


@lru_cache(maxsize=20_000)
def key(form: str) -> str:
    """What a word and its inflected forms have in common: the stem of its base form."""
    found: str = _stemmer().stemWord(lemma(form))
    return found


# Shorter words are hardly ever compounds of two words that say something.
SHORTEST_COMPOUND = 6
SHORTEST_PART = 3


@cache
def _hunspell() -> Any:
    import spylls.hunspell

    folder = Path(spylls.hunspell.__file__).parent / "data" / "sv"
    return spylls.hunspell.Dictionary.from_files(str(folder / "sv_SE"))


def compound(word: str) -> tuple[str, ...]:
    """The parts of a compound as they stand in it; nothing for a word that is none.

    Fewest parts win, then the longest last part, which is what the compound is a kind of:
    missbruksvård is missbruk and vård. Takes up to 30 ms.
    """
    from spylls.hunspell.algo.capitalization import Type

    if len(word) < SHORTEST_COMPOUND or not word.isalpha():
        return ()
    found = {
        tuple(part.text for part in form.parts)
        for form in _hunspell().lookuper.compound_forms(word, captype=Type.NO)
    }
    possible = [
        parts for parts in found if len(parts) > 1 and min(map(len, parts)) >= SHORTEST_PART
    ]
    if not possible:
        return ()
    return min(possible, key=lambda parts: (len(parts), -len(parts[-1]), parts))


def is_known(word: str) -> bool:
    """Whether it is a Swedish word, in any of its forms."""
    import simplemma

    known: bool = simplemma.is_known(word, lang="sv")
    return known


def first_part(part: str) -> str:
    """The base form of a word as it stands first in a compound: bistånds → bistånd."""
    bare = part.removesuffix("s")
    for word in (bare, part, bare + "e", bare + "a", part[:-1] + "a"):
        # brukar is a form of bruka; as a first part it is brukare.
        if word.endswith("ar") and is_known(word + "e"):
            return word + "e"
        if is_known(word) and lemma(word) == word:
            return word
    # föräldra- is what is left of föräldrar.
    return lemma(part + "r") if is_known(part + "r") else lemma(bare)
