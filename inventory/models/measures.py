"""What a project counts to see whether its goals are reached, and how that is drawn."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from core.fields import PartialDateField
from inventory.models.projects import Project


def percent(value: Decimal, scale: Decimal) -> str:
    """Part of the scale as an SVG length, kept within the drawing."""
    return f"{max(0.0, min(100.0, float(value / scale * 100))):.4g}%"


@dataclass(frozen=True)
class Bar:
    """One bar of a measure."""

    when: str
    value: Decimal
    scale: Decimal
    is_baseline: bool
    n: int | None

    @classmethod
    def of(
        cls,
        when: str,
        value: Decimal,
        scale: Decimal,
        *,
        is_baseline: bool = False,
        n: int | None = None,
    ) -> Self:
        """A bar on that scale."""
        return cls(when, value, scale, is_baseline, n)

    @property
    def width(self) -> str:
        """Its length as an SVG percentage."""
        return percent(self.value, self.scale)


class Measure(models.Model):
    """A goal and what is counted to see whether it is reached.

    Without a baseline the last value stands alone and no comparison is implied.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="measures")
    goal = models.CharField("mål", max_length=250, blank=True)
    indicator = models.CharField("mått", max_length=250)
    unit = models.CharField("enhet", max_length=40, help_text="Till exempel procent, personer.")
    baseline_value = models.DecimalField(
        "värde före", max_digits=14, decimal_places=2, null=True, blank=True
    )
    baseline_date = PartialDateField("före, datum")
    target_value = models.DecimalField(
        "målvärde", max_digits=14, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = "mål och mått"
        verbose_name_plural = "mål och mått"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(baseline_date="") | Q(baseline_value__isnull=False),
                name="measure_baseline_date_has_value",
            ),
            models.CheckConstraint(
                condition=~Q(unit="procent")
                | (
                    (Q(baseline_value=None) | Q(baseline_value__range=(0, 100)))
                    & (Q(target_value=None) | Q(target_value__range=(0, 100)))
                ),
                name="measure_percent_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.indicator

    @property
    def is_share(self) -> bool:
        """Whether the values are percentages."""
        return self.unit == "procent"

    @cached_property
    def latest(self) -> "MeasurePoint | None":
        """The newest point."""
        points = list(self.points.all())
        return points[-1] if points else None

    @property
    def change(self) -> Decimal | None:
        """How much the newest point differs from the baseline, where there is one."""
        if self.latest is None or self.baseline_value is None:
            return None
        return self.latest.value - self.baseline_value

    @property
    def target_reached(self) -> bool | None:
        """Whether the newest point is at the target or past it, seen from the baseline."""
        if self.latest is None or self.target_value is None:
            return None
        downwards = self.baseline_value is not None and self.target_value < self.baseline_value
        value, target = self.latest.value, self.target_value
        return value <= target if downwards else value >= target

    @property
    def bars(self) -> list["Bar"]:
        """The baseline and the points, drawn to one scale; nothing to draw for a lone count."""
        points = list(self.points.all())
        if not self.is_share and self.baseline_value is None and len(points) < 2:
            return []
        values = [point.value for point in points]
        values += [value for value in (self.baseline_value, self.target_value) if value is not None]
        scale = Decimal(100) if self.is_share else max([*values, Decimal(1)])
        bars = []
        if self.baseline_value is not None:
            when = f"Före, {self.baseline_date.spoken}" if self.baseline_date else "Före"
            bars.append(Bar.of(when, self.baseline_value, scale, is_baseline=True))
        bars += [Bar.of(point.when, point.value, scale, n=point.n) for point in points]
        return bars

    @property
    def target_place(self) -> str:
        """Where the target's mark stands among the bars, in percent of their width."""
        if self.target_value is None or not self.bars:
            return ""
        return percent(self.target_value, self.bars[0].scale)


class MeasurePoint(models.Model):
    """What a measure showed on one date."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="points")
    date = PartialDateField("datum", blank=False)
    value = models.DecimalField("värde", max_digits=14, decimal_places=2)
    n = models.PositiveIntegerField(
        "antal svarande (n)", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    source = models.CharField("källa", max_length=250, blank=True)

    class Meta:
        verbose_name = "mätpunkt"
        verbose_name_plural = "mätpunkter"
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(n=None) | Q(n__gte=1), name="point_n_positive"),
            models.CheckConstraint(condition=~Q(date=""), name="point_has_date"),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.value}"

    @property
    def when(self) -> str:
        """Its date as one says it."""
        return self.date.spoken if self.date else ""
