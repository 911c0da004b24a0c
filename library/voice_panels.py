"""What readers have said, as the pages of items, methods and instruments show it.

A page gives `voices_of(thing)` to its template as `voices`, which includes library/_voices.html.
"""

from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse

from library.models import Item, Thing, Voice

MOST_QUOTES = 10


@dataclass(frozen=True)
class Voices:
    """How many have answered what, the newest of their words, and where one answers."""

    counts: list[tuple[str, int]]
    quotes: list[Voice]
    address: str

    @property
    def total(self) -> int:
        """How many have answered."""
        return sum(count for _, count in self.counts)


def voice_address(thing: Thing) -> str:
    """Where one answers about it."""
    kind = type(thing)._meta.model_name
    where = [thing.pk, thing.slug] if isinstance(thing, Item) else [thing.slug]
    return reverse(f"library:{kind}-voice", args=where)


def voices_of(thing: Thing) -> Voices:
    """What is shown of readers' answers: of those that a curator has accepted."""
    accepted = Voice.objects.accepted().about(thing)
    counted = dict(accepted.order_by().values_list("answer").annotate(Count("pk")))
    quotes = (
        accepted.exclude(text="").select_related("district") if counted else Voice.objects.none()
    )
    return Voices(
        [(str(each.label), counted[each]) for each in Voice.Answer if each in counted],
        list(quotes.order_by("-received_at", "-pk")[:MOST_QUOTES]),
        voice_address(thing),
    )
