"""Figures over the whole inventory, read from the catalogue's bits."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from inventory.maps import DISTRICTS, Outline
from inventory.models import Project
from inventory.search import KIND, RELATED
from people.models import Organisation
from search.catalogue import YEAR
from search.facets import Selection, Snapshot, entries_by_key
from search.models import Entry, EntryFacet

GOES_ON = (Project.Status.ONGOING, Project.Status.REGULAR)
# Where the timeline stops: more rows than this are a list, not a picture.
MOST_BARS = 40
# A theme with at most this many entries is little covered.
FEW = 2
MOST_REUSED = 10


@dataclass(frozen=True)
class Amount:
    """How much is reported of something, and how much of it goes on as far as is known."""

    total: int = 0
    ongoing: int = 0

    @property
    def ended(self) -> int:
        """What is planned, ended or of unknown state."""
        return self.total - self.ongoing

    @property
    def shade(self) -> str:
        """The class of its colour: "" for nothing reported, n0 for nothing going on."""
        if not self.total:
            return ""
        steps = (1, 2, 4)  # one, two or three, four or more
        return f"n{sum(self.ongoing >= step for step in steps)}"


@dataclass(frozen=True)
class Place:
    """A district on the schematic map."""

    district: Organisation
    amount: Amount
    outline: Outline


def svg(percent: float) -> str:
    """An SVG length; written here because templates write decimal commas."""
    return f"{percent:.4g}%"


@dataclass(frozen=True)
class Bar:
    """A project on the timeline, with SVG lengths in percent of the drawing."""

    entry: Entry
    before: str  # where the dashes of an unknown start begin
    x: str
    width: str
    end: str
    runs_on: bool
    start_known: bool


@dataclass(frozen=True)
class Timeline:
    """Projects by the years in which they are known to have run."""

    first: int
    last: int
    per_year: list[tuple[str, int]]
    bars: list[Bar]
    total: int

    @property
    def more(self) -> int:
        """How many have no bar of their own."""
        return self.total - len(self.bars)

    @property
    def ticks(self) -> list[tuple[str, str]]:
        """Years to write on the axis, and where they stand."""
        step = 5 if self.last - self.first < 40 else 10
        years = range(self.first + -self.first % step, self.last + 1, step)
        return [(str(year), svg(self.at(year))) for year in years]

    def at(self, year: float) -> float:
        """Where a year begins, in percent."""
        return (year - self.first) * 100 / (self.last + 1 - self.first)


@dataclass(frozen=True)
class Reused:
    """A project, and how many were inspired by it."""

    entry: Entry
    times: int


class Overview:
    """What the city does, for one visitor's audiences."""

    def __init__(self, snapshot: Snapshot, audiences: frozenset[str]) -> None:
        self.snapshot = snapshot
        self.audiences = audiences
        self.everything = Selection(snapshot, audiences)
        self.going_on = Selection(snapshot, audiences, {"lage": list(GOES_ON)})

    def by(self, facet: str) -> dict[str, Amount]:
        """Facet value → amount."""
        ongoing = self.going_on.counts(facet)
        return {
            value: Amount(total, ongoing.get(value, 0))
            for value, total in self.everything.counts(facet).items()
        }

    def places(self, districts: list[Organisation]) -> list[Place]:
        """The districts that the map knows, with their amounts."""
        amounts = self.by("stadsdel")
        return [
            Place(district, amounts.get(district.slug, Amount()), DISTRICTS[district.slug])
            for district in districts
            if district.slug in DISTRICTS
        ]

    def amounts(self, districts: list[Organisation]) -> list[tuple[Organisation, Amount]]:
        """Each district with its amount."""
        found = self.by("stadsdel")
        return [(district, found.get(district.slug, Amount())) for district in districts]

    def matrix(
        self, districts: list[Organisation], facet: str = "tema"
    ) -> Iterator[tuple[str, str, list[tuple[Organisation, Amount]]]]:
        """Per value of the facet: slug, name and the amount in each district."""
        total = self.everything.cross(facet, "stadsdel")
        ongoing = self.going_on.cross(facet, "stadsdel")
        for value, name in self.snapshot.labels.get(facet, {}).items():
            yield (
                value,
                name,
                [
                    (
                        district,
                        Amount(
                            total.get(value, {}).get(district.slug, 0),
                            ongoing.get(value, {}).get(district.slug, 0),
                        ),
                    )
                    for district in districts
                ],
            )

    def little_covered(self) -> list[tuple[str, str, Amount]]:
        """Themes with few entries: slug, name, amount; those with nothing first."""
        amounts = self.by("tema")
        few = [
            (theme, name, amounts.get(theme, Amount()))
            for theme, name in self.snapshot.labels.get("tema", {}).items()
            if amounts.get(theme, Amount()).total <= FEW
        ]
        return sorted(few, key=lambda row: row[2].total)

    def reused(self) -> list[Reused]:
        """What others have done likewise, the most reused first; what is visible counts alone."""
        visible = Entry.objects.filter(kind=KIND, audience__in=self.audiences)
        counted = dict(
            EntryFacet.objects.filter(entry__in=visible, facet=RELATED)
            .values_list("value")
            .annotate(Count("pk"))
            .order_by()
        )
        roots = visible.filter(object_id__in=[int(number) for number in counted])
        rows = [Reused(entry, counted[str(entry.object_id)]) for entry in roots]
        rows.sort(key=lambda row: (-row.times, row.entry.title_key))
        return rows[:MOST_REUSED]

    def timeline(self) -> Timeline | None:
        """The timeline, or None when nothing has a year."""
        counts = {
            int(year): count
            for year, count in self.everything.counts(YEAR).items()
            if year.isdigit()
        }
        if not counts:
            return None
        dated = Selection(self.snapshot, [], {})
        dated.base = self.everything.base & self.snapshot.any_of(YEAR, map(str, counts))
        keys = [pk for _, pk in zip(range(MOST_BARS), dated.keys("start"), strict=False)]
        entries = [entry for entry in entries_by_key(keys) if entry.card["years"]]
        first = min(entry.card["years"][0] for entry in entries)
        per_year = [(str(year), count) for year, count in sorted(counts.items())]
        line = Timeline(first, max(counts), per_year, [], len(dated))
        line.bars.extend(_bar(line, entry) for entry in entries)
        return line


def _bar(line: Timeline, entry: Entry) -> Bar:
    years = entry.card["years"]
    start, end = line.at(years[0]), line.at(years[-1] + 1)
    return Bar(
        entry,
        before=svg(max(0, start - 8)),
        x=svg(start),
        width=svg(end - start),
        end=svg(end),
        runs_on=entry.card["runs_on"],
        start_known=entry.card["start_known"],
    )
