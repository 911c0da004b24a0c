"""One made-up project at a time, from word lists and dice; touches no database."""

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from core.fields import PartialDate
from inventory.models import Link, Measure, MeasurePoint, Partner, Project
from people.models import Organisation
from search.models import Audience

FIRST_YEAR, LAST_DAY = 1996, datetime.date(2026, 6, 30)
STOCKHOLM = ZoneInfo("Europe/Stockholm")

# How many begin each year, as reporting has come and gone.
YEARS = [*(2, 2, 3, 3, 4, 4, 5, 6, 12, 16, 14, 10), *(8, 8, 9, 9, 10, 11, 14, 18, 17, 14)]
YEARS += [*(12, 13, 15, 14, 16, 18, 22, 24, 12)]

KINDS = {Project.Kind.PROJECT: 62, Project.Kind.ACTIVITY: 27, Project.Kind.PRESTUDY: 8}
KINDS |= {Project.Kind.VISIT: 3}
INVOLVEMENT = dict(zip(Project.Involvement.values, (14, 27, 30, 17, 3, 9), strict=True))
EVALUATION = dict(zip(Project.Evaluation.values, (30, 46, 18, 6), strict=True))

_ROLES: dict[str, str] = {
    Organisation.Kind.DISTRICT: Partner.Role.DISTRICT,
    Organisation.Kind.REGION: Partner.Role.REGION,
    Organisation.Kind.USERS: Partner.Role.USERS,
    Organisation.Kind.UNIVERSITY: Partner.Role.UNIVERSITY,
    Organisation.Kind.AUTHORITY: Partner.Role.AUTHORITY,
    Organisation.Kind.PROVIDER: Partner.Role.PROVIDER,
}

TERMS = ("service_areas", "themes", "interventions", "target_groups", "methods", "instruments")
# field → (its list in a recipe, how likely each word after the first is)
_CHANCES = {
    "service_areas": ("areas", 0.15),
    "themes": ("themes", 0.45),
    "interventions": ("interventions", 0.4),
    "target_groups": ("target_groups", 0.35),
    "methods": ("methods", 0.25),
    "instruments": ("instruments", 0.25),
}


@cache
def words() -> dict[str, Any]:
    """The word lists of words.toml."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Material:
    """What the database holds that projects refer to, in an order that is always the same."""

    districts: Sequence[Organisation]
    others: Sequence[Organisation]
    terms: Mapping[str, Mapping[str, Any]]  # field → slug → term

    @property
    def organisations(self) -> dict[str, Organisation]:
        """All organisations by slug."""
        return {each.slug: each for each in [*self.districts, *self.others]}


@dataclass
class Written:
    """A project and what belongs to it, none of it saved."""

    project: Project
    recipe: int
    co_owners: list[Organisation] = field(default_factory=list)
    terms: dict[str, list[Any]] = field(default_factory=dict)
    partners: list[Partner] = field(default_factory=list)
    measures: list[tuple[Measure, list[MeasurePoint]]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


class Author:
    """Writes made-up projects; the same seed and number always give the same project."""

    def __init__(self, material: Material, seed: int) -> None:
        self.material = material
        self.seed = seed
        self.organisations = material.organisations
        self.recipes = words()["recipe"]
        self.phrases = words()["phrases"]
        self.weights = list(accumulate(recipe["weight"] for recipe in self.recipes))
        self.years = list(accumulate(YEARS))
        self.eras = {year: self._era(year) for year in range(FIRST_YEAR, FIRST_YEAR + len(YEARS))}

    def _era(self, year: int) -> tuple[list[Organisation], list[int]]:
        """The districts that could start something in that year, and their shares."""
        day = datetime.date(year, 12, 31)
        there = [
            district
            for district in self.material.districts
            if (district.valid_from is None or district.valid_from <= day)
            and (district.valid_to is None or district.valid_to > day)
        ]
        there = there or list(self.material.districts)
        shares = words()["districts"]
        return there, list(accumulate(shares.get(district.slug, 3) for district in there))

    def write(self, index: int, public_id: int) -> Written:
        """The project with this number in the series of the author's seed."""
        return _Page(self, Random(f"{self.seed}/{index}")).write(public_id)  # noqa: S311


class _Page:
    """The work on one project: the dice and what they have shown so far."""

    def __init__(self, author: Author, dice: Random) -> None:
        self.author, self.dice = author, dice
        self.phrases = author.phrases
        self.number = dice.choices(range(len(author.recipes)), cum_weights=author.weights)[0]
        self.recipe = author.recipes[self.number]
        self.year = dice.choices(
            range(FIRST_YEAR, FIRST_YEAR + len(YEARS)), cum_weights=author.years
        )[0]
        self.year = max(self.year, self.recipe.get("first_year", FIRST_YEAR))
        districts, shares = author.eras[self.year]
        self.lead = dice.choices(districts, cum_weights=shares)[0]
        self.kind = _by_weight(dice, KINDS)
        self.reach = max(4, min(900, round(dice.lognormvariate(3.7, 0.9))))
        self.slots = {
            "who": dice.choice(self.recipe["who"]),
            "place": self.lead.label,
            "owner": self.lead.label,
            "n": self.reach,
            "share": dice.randint(41, 94),
            "dropped": max(2, self.reach // dice.randint(6, 14)),
            "units": dice.randint(2, 14),
            "year": self.year,
            "before": f"{dice.choice(('våren', 'hösten'))} {self.year - 1}",
        }

    def said(self, sentences: Sequence[str], least: int, most: int) -> list[str]:
        """Some of the sentences, with their slots filled in."""
        count = min(len(sentences), self.dice.randint(least, most))
        return [each.format_map(self.slots) for each in self.dice.sample(sentences, count)]

    def maybe(self, chance: float, name: str) -> str:
        """One of the named phrases, or nothing."""
        return self.said(self.phrases[name], 1, 1)[0] if self.dice.random() < chance else ""

    def write(self, public_id: int) -> Written:
        """Everything about the project."""
        dice, kind = self.dice, self.kind
        start, end, status = self.period()
        ended = status in {Project.Status.ENDED, Project.Status.CLOSED}
        planned = status == Project.Status.PLANNED
        involvement = _by_weight(dice, INVOLVEMENT)
        asked = involvement in words()["involvement"]
        cost = dice.randint(4, 320) * 10_000 if dice.random() < 0.45 else None
        title = self.title()
        project = Project(
            public_id=public_id,
            kind=kind,
            title=title,
            plain_summary=self.summary(ended, planned),
            lead=self.lead,
            research_link=self.maybe(0.12, "research"),
            contact_function=f"{dice.choice(self.phrases['contacts'])}, {self.lead.label}",
            contact_phone=f"08-465 004 {dice.randint(0, 99):02}",  # numbers that PTS keeps unused
            contact_email=self.lead.contact_email or f"{self.lead.slug}@example.org",
            status=status,
            start_date=self.dated(start),
            end_date=self.dated(end) if end else None,
            continuation=self.maybe(1, "continuation") if ended else "",
            need=" ".join(
                self.said(self.recipe["needs"], 1, 2) + self.said(self.phrases["needs"], 1, 2)
            ),
            rationale=self.maybe(0.55, "rationale"),
            reach_planned=round(self.reach * dice.uniform(0.7, 1.6))
            if dice.random() < 0.6
            else None,
            reach_actual=self.reach if ended or (not planned and dice.random() < 0.3) else None,
            user_involvement=involvement,
            user_involvement_text=(
                dice.choice(words()["involvement"][involvement]) if asked else ""
            ),
            activities=_bullets(
                self.said(self.recipe["does"], 3, 5) + self.said(self.phrases["does"], 0, 2)
            ),
            staff_roles=self.maybe(0.6, "staff"),
            setting=self.maybe(0.6, "settings"),
            dose=self.maybe(0.55, "doses"),
            adaptations=self.maybe(0.25, "adaptations"),
            evaluation=_by_weight(dice, EVALUATION),
            results="" if not ended and dice.random() < 0.6 else self.results(),
            what_failed=self.learnt("failed", ended),
            advice=self.learnt("advice", ended),
            cost_total=cost,
            running_cost=cost // 4 if cost and not ended and dice.random() < 0.4 else None,
            funding=self.maybe(0.6, "funding"),
            reference_number=(
                f"{dice.randint(1, 9)}.{dice.randint(1, 9)}-{dice.randint(1, 999):03}/{start.year}"
                if dice.random() < 0.5
                else ""
            ),
            visibility=Audience.STAFF if dice.random() < 0.04 else Audience.PUBLIC,
            generated=True,
            **self.freshness(start, end),
        )
        written = Written(project, self.number)
        written.terms = {field: self.terms(field) for field in TERMS}
        written.co_owners = self.co_owners()
        written.partners = self.partners(taken={self.lead.pk, *(o.pk for o in written.co_owners)})
        least = 1 if kind == Project.Kind.PROJECT else 0
        last = end or LAST_DAY
        written.measures = [
            self.measure(indicator, start, last, planned)
            for indicator in dice.sample(
                self.recipe["indicators"],
                min(len(self.recipe["indicators"]), dice.randint(least, 2)),
            )
        ]
        if ended and dice.random() < 0.4:
            address = f"https://example.org/rapporter/{public_id}"
            written.links = [
                Link(kind=Link.Kind.REPORT, title=f"Slutrapport: {title}"[:200], url=address)
            ]
        return written

    def title(self) -> str:
        """A name, most often with a place or with what is special."""
        dice = self.dice
        name = dice.choice(self.recipe["names"])
        spots = [self.lead.label, *self.lead.neighbourhoods]
        shape = dice.random()
        if shape < 0.75:
            name = f"{name} i {dice.choice(spots)}"
        if shape > 0.45:
            name = f"{name} – {dice.choice(self.phrases['twists'])}"
        prefix = {Project.Kind.PRESTUDY: "Förstudie: ", Project.Kind.VISIT: "Studiebesök: "}
        return prefix.get(self.kind, "") + name

    def summary(self, ended: bool, planned: bool) -> str:
        """Three or four plain sentences."""
        closing = "ends" if ended else "plans" if planned else "runs"
        return " ".join(
            self.said(self.phrases["starts"], 1, 1)
            + self.said(self.recipe["gives"], 1, 2)
            + self.said(self.phrases[closing], 1, 1)
        )

    def results(self) -> str:
        """What came of it, as a list."""
        return _bullets(self.said(self.phrases["results"], 2, 5))

    def learnt(self, name: str, ended: bool) -> str:
        """What did not work, or advice; always there when it is over."""
        if not ended and self.dice.random() < 0.7:
            return ""
        return _bullets(self.said(self.phrases[name], 1, 3))

    def period(self) -> tuple[datetime.date, datetime.date | None, str]:
        """Start, end and state, which fit together."""
        dice = self.dice
        start = datetime.date(self.year, dice.randint(1, 12), dice.randint(1, 28))
        if start > LAST_DAY:
            return start, None, Project.Status.PLANNED
        chance = dice.random()
        days = round(dice.lognormvariate(6.3, 0.6))
        if self.kind in {Project.Kind.PRESTUDY, Project.Kind.VISIT}:
            days = days // 6 + 1
        end = start + datetime.timedelta(days)
        still = 0.55 if self.kind == Project.Kind.ACTIVITY else 0.16
        if chance < still:
            regular = self.kind == Project.Kind.ACTIVITY or self.year < LAST_DAY.year - 4
            return start, None, Project.Status.REGULAR if regular else Project.Status.ONGOING
        if end >= LAST_DAY:
            return start, None, Project.Status.ONGOING
        closed = dice.random() < (0.5 if self.kind == Project.Kind.ACTIVITY else 0.1)
        return start, end, Project.Status.CLOSED if closed else Project.Status.ENDED

    def dated(self, day: datetime.date) -> PartialDate:
        """The day as precisely as people tend to remember it."""
        return PartialDate(day.isoformat()[: self.dice.choice((4, 7, 7, 10))])

    def freshness(self, start: datetime.date, end: datetime.date | None) -> dict[str, Any]:
        """When it was published and last confirmed."""
        dice = self.dice
        told = min((end or start) + datetime.timedelta(dice.randint(10, 400)), LAST_DAY)
        minutes = dice.randint(8 * 60, 17 * 60)
        at = datetime.datetime.combine(told, datetime.time(minutes // 60, minutes % 60))
        confirmed = None
        if dice.random() < 0.6:
            confirmed = told + (LAST_DAY - told) * dice.betavariate(2, 1.2)
        return {"published_at": at.replace(tzinfo=STOCKHOLM), "last_confirmed_at": confirmed}

    def terms(self, field: str) -> list[Any]:
        """Words of one vocabulary: the recipe's first ones most often, now and then another."""
        known = self.author.material.terms[field]
        name, chance = _CHANCES[field]
        fitting = [known[slug] for slug in self.recipe.get(name, ()) if slug in known]
        optional = field in {"methods", "instruments"}
        chosen = [
            term
            for place, term in enumerate(fitting)
            if (place == 0 and not optional) or self.dice.random() < chance
        ]
        if known and ((not chosen and not optional) or self.dice.random() < 0.04):
            another = self.dice.choice(list(known.values()))
            chosen += [another] if another not in chosen else []
        return sorted(chosen, key=lambda term: term.sort_key)

    def co_owners(self) -> list[Organisation]:
        """Now and then other districts of the same time."""
        if self.dice.random() > 0.12:
            return []
        others = [each for each in self.author.eras[self.year][0] if each.pk != self.lead.pk]
        chosen = self.dice.sample(others, min(len(others), self.dice.randint(1, 2)))
        return sorted(chosen, key=lambda organisation: organisation.sort_key)

    def partners(self, taken: set[int]) -> list[Partner]:
        """Those of the recipe, and now and then anybody."""
        known = self.author.organisations
        chosen = {
            slug: known[slug]
            for slug in self.recipe.get("partners", ())
            if slug in known and self.dice.random() < 0.4
        }
        if self.author.material.others and self.dice.random() < 0.25:
            another = self.dice.choice(self.author.material.others)
            chosen[another.slug] = another
        return [
            Partner(organisation=each, role=_ROLES.get(each.kind, Partner.Role.OTHER))
            for each in chosen.values()
            if each.pk not in taken
        ]

    def measure(
        self, indicator: Sequence[Any], start: datetime.date, last: datetime.date, planned: bool
    ) -> tuple[Measure, list[MeasurePoint]]:
        """One measure and what it showed."""
        dice = self.dice
        goal, what, unit, low, high, change = indicator
        before = dice.uniform(low, high - change if change > 0 else high)
        before = before if change > 0 else max(before, low - change)
        compared = dice.random() < 0.55
        measure = Measure(
            goal=goal,
            indicator=what,
            unit=unit,
            baseline_value=_value(before) if compared else None,
            baseline_date=PartialDate(str(start.year)) if compared else None,
            target_value=_value(min(max(before + change, low), high))
            if dice.random() < 0.5
            else None,
        )
        points = []
        if not planned:
            years = range(start.year, min(last.year, start.year + 4) + 1)
            for year in years if len(years) < 3 else sorted(dice.sample(years, 2)):
                before = min(max(before + change * dice.uniform(-0.2, 0.9), low), high)
                answered = max(3, round(self.reach * dice.uniform(0.4, 0.95)))
                points.append(
                    MeasurePoint(
                        date=PartialDate(str(year)),
                        value=_value(before),
                        n=answered if dice.random() < 0.8 else None,
                        source="Enhetens egen uppföljning" if dice.random() < 0.5 else "",
                    )
                )
        return measure, points


def _by_weight(dice: Random, weights: Mapping[Any, int]) -> Any:
    return dice.choices(list(weights), list(weights.values()))[0]


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _value(number: float) -> Decimal:
    return Decimal(round(number))
