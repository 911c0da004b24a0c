"""Made-up PDF pages, as the search reads them: text without a file, hung onto made-up projects."""

from collections.abc import Callable, Iterator
from itertools import accumulate, islice, product
from random import Random
from typing import Any

from django.db import transaction
from django.urls import reverse

from inventory.generating.writing import words
from inventory.models import Project
from inventory.search import KIND
from search import passages
from search.models import Audience

PAGES_IN_A_FILE = 100
WORDS_ON_A_PAGE = 120
FILES_AT_ONCE = 20

# What any page may say, whatever it is about.
_ANYWHERE = ("needs", "does", "results", "failed", "advice", "rationale", "continuation", "funding")


class Clerk:
    """Writes pages; the same seed and number always give the same file."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.recipes = words()["recipe"]
        self.anywhere = [each for name in _ANYWHERE for each in words()["phrases"][name]]
        parts = words()["compounds"]
        self.tells = parts["tells"]
        self.compounds = [first + last for first, last in product(parts["firsts"], parts["lasts"])]
        Random(seed).shuffle(self.compounds)  # noqa: S311
        # As in any language: a few are everywhere, most are hardly ever used (Zipf).
        self.shares = list(accumulate(1 / (rank + 10) for rank in range(len(self.compounds))))

    def file(self, number: int, pages: int = PAGES_IN_A_FILE) -> Iterator[str]:
        """The text of its pages."""
        dice = Random(f"{self.seed}/file/{number}")  # noqa: S311
        slots = _Slots(self, dice)
        for _ in range(pages):
            recipe = dice.choice(self.recipes)
            slots["who"] = dice.choice(recipe["who"])
            about = [*recipe["gives"], *recipe["needs"], *recipe["does"]]
            said, length = [], 0
            while length < WORDS_ON_A_PAGE:
                kinds = (about, self.anywhere, self.tells)
                (sentences,) = dice.choices(kinds, cum_weights=(5, 8, 10))
                said.append(dice.choice(sentences).format_map(slots))
                length += said[-1].count(" ") + 1
            yield "\n".join(said)


class _Slots(dict[str, Any]):
    """What the blanks of a sentence are filled with, thrown anew for each."""

    def __init__(self, clerk: Clerk, dice: Random) -> None:
        self.clerk, self.dice = clerk, dice
        self.places = list(words()["districts"])

    def __missing__(self, blank: str) -> object:
        dice = self.dice
        match blank:
            case "compound":
                return dice.choices(self.clerk.compounds, cum_weights=self.clerk.shares)[0]
            case "place" | "owner":
                return dice.choice(self.places)
            case "year":
                return dice.randint(1998, 2026)
            case "before":
                return f"{dice.choice(('våren', 'hösten'))} {dice.randint(1998, 2026)}"
            case "case":
                return dice.randint(10_000, 99_999)
            case "n" | "dropped" | "units" | "share":
                return dice.randint(2, 94)
        raise KeyError(blank)


def generate_pages(*, count: int, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Hang files of PAGES_IN_A_FILE pages, `count` pages in all, onto public made-up projects.

    Their titles say that they are made up. Raises ValueError where there are too few projects.
    """
    files = -(-count // PAGES_IN_A_FILE)
    projects = Project.objects.published().filter(generated=True, visibility=Audience.PUBLIC)
    numbers = list(projects.order_by("public_id").values_list("public_id", flat=True))
    if len(numbers) < files:
        raise ValueError(f"{files} files need as many made-up projects; there are {len(numbers)}.")
    clerk = Clerk(seed)
    # Spread over all of them, from the oldest to the newest.
    waiting = enumerate(numbers[:: len(numbers) // files][:files], 1)
    done = 0
    while batch := list(islice(waiting, FILES_AT_ONCE)):
        with transaction.atomic():
            for number, project in batch:
                done += passages.put_pages(
                    KIND,
                    project,
                    file=f"pahittad-{number}",
                    title=f"Påhittad rapport {number}",
                    address=reverse("inventory:number", args=[project]),
                    pages=clerk.file(number, min(PAGES_IN_A_FILE, count - done)),
                )
        if progress:
            progress(done)
