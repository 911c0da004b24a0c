"""What a merger of organisations will do, and why it cannot; nothing here changes anything.

people.actions does what a plan says, and the desk shows it first: what is seen is what is done.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from people import lineage
from people.models import Lineage, Membership, Merger, MergerPart, Organisation, User
from search.models import Entry, EntryFacet

# What a problem is with, in the words of the form and the action.
WHICH, INTO, NAME, SLUG, PARENT, DATE = (
    *("organisations", "successor", "name", "slug", "parent", "date"),
)


class CannotMerge(Exception):
    """The organisations cannot be merged so; `problems` are pairs of field and sentence."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(sentence for _, sentence in self.problems))


@dataclass(frozen=True)
class Move:
    """One role of one member, which she has in one or more of the organisations that cease."""

    ended: list[Membership]
    held: Membership | None = None  # the same role, already had or asked for in the successor

    @property
    def source(self) -> Membership:
        """The membership that goes on: one that gives the role before one that waits."""
        approved = (each for each in self.ended if each.state == Membership.State.APPROVED)
        return next(approved, self.ended[0])

    @property
    def is_approved(self) -> bool:
        """Whether she has the role afterwards, and does not wait for it."""
        told = [self.source, self.held] if self.held else [self.source]
        return any(each.state == Membership.State.APPROVED for each in told)


@dataclass(frozen=True)
class Filter:
    """A district as one filters by it: how many published entries it finds, now and after."""

    label: str
    now: int
    after: int


class Plan:
    """A merger as it would be if its day had come; an unsaved successor is one that is to be new.

    Read from the database when asked for, and the same from then on.
    """

    def __init__(
        self, organisations: Iterable[Organisation], successor: Organisation, date: datetime.date
    ) -> None:
        self.organisations = sorted(organisations, key=lambda each: (each.sort_key, each.pk))
        self.successor = successor
        self.date = date

    @property
    def pks(self) -> list[int]:
        """Keys of what ceases."""
        return [each.pk for each in self.organisations]

    @property
    def is_new(self) -> bool:
        """Whether the successor is made by the merger."""
        return self.successor.pk is None

    @property
    def is_ahead(self) -> bool:
        """Whether the day is still to come."""
        return self.date > timezone.localdate()

    @property
    def day(self) -> datetime.date:
        """When it is done: on its day, or today where that has passed."""
        return max(self.date, timezone.localdate())

    @cached_property
    def parent(self) -> Organisation | None:
        """What the successor is part of: if nothing else is said, what all of them are part of."""
        if self.successor.parent or not self.is_new:
            return self.successor.parent
        return self._parents[0] if len(self._parents) == 1 else None

    @cached_property
    def _parents(self) -> list[Organisation | None]:
        # One that is part of another that goes the same way has no say.
        outside = [each for each in self.organisations if each.parent_id not in self.pks]
        return list({each.parent_id: each.parent for each in outside}.values())

    # --- What happens ---

    @cached_property
    def moves(self) -> list[Move]:
        """Each member's roles, and requests for them, that go over to the successor."""
        found = Membership.objects.open().select_related("user", "organisation")
        had: dict[tuple[int, str], Membership] = {}
        if not self.is_new:
            here = found.filter(organisation=self.successor)
            had = {(each.user_id, each.role): each for each in here}
        ended: dict[tuple[int, str], list[Membership]] = {}
        for each in found.filter(organisation__in=self.pks).order_by("user__email", "role", "pk"):
            ended.setdefault((each.user_id, each.role), []).append(each)
        return [Move(rows, had.get(key)) for key, rows in ended.items()]

    @property
    def people(self) -> int:
        """How many accounts a role or a request of goes over."""
        return len({move.source.user_id for move in self.moves})

    @cached_property
    def units(self) -> list[Organisation]:
        """Units that become the successor's; those that have ceased stay where they were."""
        still = Organisation.objects.filter(Q(valid_to=None) | Q(valid_to__gt=self.day))
        found = still.filter(parent__in=self.pks).exclude(pk__in=self.pks)
        return list(found.select_related("parent"))

    @cached_property
    def neighbourhoods(self) -> list[str]:
        """Neighbourhoods that the successor has afterwards: its own and those taken over."""
        lists = [each.neighbourhoods for each in [self.successor, *self.organisations]]
        return list(dict.fromkeys(name for names in lists for name in names))

    @cached_property
    def entries(self) -> int:
        """How many published entries stay under the organisations that cease."""
        slugs = [each.slug for each in self.organisations]
        return _entries(_with(lineage.OWNER_FACET, slugs) | _with(lineage.PARTNER_FACET, slugs))

    @cached_property
    def filters(self) -> list[Filter]:
        """Districts that find something else afterwards, and how many entries they find."""
        tree, successions = lineage.tree(), lineage.successions()
        before = lineage.closure(tree.items(), successions)
        new = self.successor.pk or 0  # no row has that key
        tree |= {unit.pk: new for unit in self.units}
        if self.is_new:
            tree[new] = self.parent.pk if self.parent else None
        after = lineage.closure(tree.items(), successions | {(pk, new) for pk in self.pks})

        districts = list(Organisation.objects.districts().alphabetical())
        if self.is_new and self.organisations[0].is_district:
            districts.append(self.successor)
        changed = {ancestor for ancestor, pk in before ^ after if pk != new or not self.is_new}
        slugs = dict(Organisation.objects.values_list("pk", "slug"))

        def found(district: int, pairs: set[lineage.Pair]) -> int:
            covered = [slugs[pk] for ancestor, pk in pairs if ancestor == district and pk in slugs]
            return _entries(_with(lineage.OWNER_FACET, covered))

        return [
            Filter(each.label, found(each.pk or new, before), found(each.pk or new, after))
            for each in districts
            if (each.pk or new) in changed
        ]

    # --- Why it cannot be done ---

    def check(self, but: Merger | None = None) -> None:
        """Raises CannotMerge with all that is wrong."""
        if problems := list(self.problems(but)):
            raise CannotMerge(problems)

    def problems(self, but: Merger | None = None) -> Iterator[tuple[str, str]]:
        """What is wrong, as pairs of field and sentence. The planned merger `but` is no hinder."""
        least = 2 if self.is_new else 1
        if len(self.organisations) < least:
            yield (
                WHICH,
                "Välj minst två organisationer som blir en ny, eller låt den gå upp i en som finns."
                if self.organisations
                else "Välj minst en organisation som går upp i en annan.",
            )
            return
        yield from self._problems_of_each()
        if len(kinds := {each.get_kind_display() for each in self._all_known}) > 1:
            told = " och ".join(sorted(kinds))
            yield WHICH, f"Bara organisationer av samma typ kan slås samman. De här är: {told}."
        yield from self._problems_of_new(but) if self.is_new else self._problems_of_existing()
        waiting = MergerPart.objects.filter(waits=True).exclude(merger=but)
        concerned = [*self.pks, self.successor.pk]
        for part in waiting.filter(organisation__in=concerned).select_related(
            "merger__successor", "organisation"
        ):
            yield (
                INTO if part.organisation_id == self.successor.pk else WHICH,
                f"{part} ingår redan i en sammanslagning som är planerad till {part.merger.date}."
                " Ställ in den först.",
            )

        coming = Merger.objects.planned().filter(successor__in=self.pks, date__gte=self.date)
        for merger in coming.select_related("successor"):
            yield (
                WHICH,
                f"{merger.successor} tar emot andra i en sammanslagning som är planerad till"
                f" {merger.date}. Ställ in den först, eller välj en senare dag.",
            )

    @property
    def _all_known(self) -> list[Organisation]:
        return self.organisations if self.is_new else [*self.organisations, self.successor]

    def _problems_of_each(self) -> Iterator[tuple[str, str]]:
        for each in self.organisations:
            if each.valid_to and each.valid_to <= self.day:
                yield WHICH, f"{each} har redan upphört, {each.valid_to}. Välj en som finns."
            elif each.valid_from and each.valid_from >= self.date:
                yield DATE, f"{each} bildas {each.valid_from}. Välj en senare dag."

    def _problems_of_new(self, but: Merger | None) -> Iterator[tuple[str, str]]:
        if not self.successor.name:
            yield NAME, "Skriv vad den nya heter, eller välj en som finns."
        elif not self.successor.slug:
            yield (
                SLUG,
                "Skriv ett adressnamn med bokstäver och siffror, till exempel sodra-enheten.",
            )
        elif Organisation.objects.filter(slug=self.successor.slug).exists():
            yield (
                SLUG,
                "En organisation med det adressnamnet finns redan. Välj den, eller ett annat.",
            )
        elif (
            Merger.objects.planned()
            .filter(slug=self.successor.slug)
            .exclude(pk__in=[but.pk] if but else [])
            .exists()
        ):
            yield SLUG, "En annan planerad sammanslagning gör en organisation med det adressnamnet."
        if not self.successor.parent and len(self._parents) > 1:
            yield PARENT, "De ingår i olika organisationer. Välj vad den nya ska ingå i."
        elif self.parent and self.parent.pk in _covered(self.pks):
            yield PARENT, f"{self.parent} hör till det som slås samman. Välj något ovanför."
        elif self.parent and not _exists(self.parent, self.day):
            yield PARENT, f"{self.parent} finns inte den dagen. Välj vad den nya ska ingå i."

    def _problems_of_existing(self) -> Iterator[tuple[str, str]]:
        if self.successor.pk in self.pks:
            yield INTO, f"{self.successor} kan inte gå upp i sig själv. Välj en annan."
        elif self.successor.pk in _covered(self.pks):
            yield INTO, f"{self.successor} hör redan till det som slås samman: det blir en cirkel."
        elif not (_exists(self.successor, self.date) and _exists(self.successor, self.day)):
            yield INTO, f"{self.successor} finns inte den dagen. Välj en annan."


def _exists(organisation: Organisation, day: datetime.date) -> bool:
    begun = organisation.valid_from is None or organisation.valid_from <= day
    return begun and (organisation.valid_to is None or organisation.valid_to > day)


def _covered(pks: Collection[int]) -> set[int]:
    lines = Lineage.objects.filter(ancestor__in=pks)
    return set(lines.values_list("descendant", flat=True))


def _with(facet: str, values: Collection[str]) -> Q:
    return Q(pk__in=EntryFacet.objects.filter(facet=facet, value__in=values).values("entry"))


def _entries(wanted: Q) -> int:
    shown = Entry.objects.exclude(audience="").exclude(kind=lineage.DISTRICT_KIND)
    return shown.filter(wanted).count()


def of_members(moves: Iterable[Move]) -> dict[User, list[Move]]:
    """The moves of each member."""
    found: dict[User, list[Move]] = {}
    for move in moves:
        found.setdefault(move.source.user, []).append(move)
    return found
