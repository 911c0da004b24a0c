"""What is searched for when speed is measured: words of the generated texts, as people type them.

The same content and seed give the same searches.
"""

from collections.abc import Iterable
from random import Random
from urllib.parse import urlencode

from core.models import Edition
from search import swedish
from search.finding import Search
from search.models import Audience, Passage, Term, Word
from tests.bench.databases import SEED

MANY = 150
COMMONEST = 20
SHORTEST_MISSPELT = 7


def addresses() -> dict[str, list[str]]:
    """Set of searches → the addresses that ask them."""
    dice = Random(SEED)
    words = by_use()
    some = dice.sample(words, MANY)
    return {
        "word": asked("/sok/", some),
        "common": asked("/sok/", words[:COMMONEST]),
        "two": asked("/sok/", pairs(dice)),
        "typing": asked("/sok.json", beginnings(dice, some)),
        "misspelt": asked("/sok/", misspelt(dice, words)),
        "listed": asked("/inventering/", [*words[:COMMONEST], *of_projects(dice)]),
    }


def asked(path: str, texts: Iterable[str]) -> list[str]:
    """The addresses of these searches."""
    return [f"{path}?{urlencode({'q': text})}" for text in texts]


def by_use() -> list[str]:
    """Words of letters that are looked up, one for each key, the commonest first."""
    used = dict(Term.objects.filter(passages__gt=0).values_list("key", "passages"))
    forms: dict[str, str] = {}
    for form, key in Word.objects.order_by("form").values_list("form", "key"):
        if form.isalpha() and swedish.says_something(form) and key in used:
            forms.setdefault(key, form)
    return [forms[key] for key in sorted(forms, key=lambda key: (-used[key], key))]


def pairs(dice: Random) -> list[str]:
    """Two words that stand in the same text, so that something is found."""
    return [" ".join(dice.sample(sorted(set(swedish.forms(text))), 2)) for text in texts(dice)]


def of_projects(dice: Random) -> list[str]:
    """Words that projects themselves use."""
    return [dice.choice(swedish.forms(text)) for text in texts(dice, file="")]


def texts(dice: Random, **which: str) -> list[str]:
    """MANY texts of public things, each with some words."""
    keys = Passage.objects.filter(audience=Audience.PUBLIC, **which).exclude(text="")
    chosen = dice.sample(list(keys.order_by("pk").values_list("pk", flat=True)), MANY)
    return list(Passage.objects.filter(pk__in=chosen).order_by("pk").values_list("text", flat=True))


def beginnings(dice: Random, words: Iterable[str]) -> list[str]:
    """Two to five letters of words."""
    return [word[: dice.randint(2, 5)] for word in words]


def misspelt(dice: Random, words: list[str]) -> list[str]:
    """Words with a slip, that are no words but still find something."""
    long = [word for word in words if len(word) >= SHORTEST_MISSPELT]
    made: dict[str, None] = {}
    while len(made) < MANY:
        slip = slipped(dice, dice.choice(long))
        if not Word.objects.filter(form=slip).exists() and finds(slip):
            made[slip] = None
    return list(made)


def slipped(dice: Random, word: str) -> str:
    """The word with a letter missing, doubled, wrong or swapped with the next one."""
    at = dice.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return dice.choice(
        (
            before + after,
            before + 2 * letter + after,
            before + dice.choice("aeirnstlko") + after,
            before + after[0] + letter + after[1:],
        )
    )


def finds(text: str) -> bool:
    """Whether a visitor who is not signed in finds anything."""
    return bool(Search(text, frozenset([Audience.PUBLIC]), Edition.current()).find().hits)
