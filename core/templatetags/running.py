"""Counts for the curators: what waits, what needs a person, whether the workers live."""

from typing import Any

from django import template
from django.db.models import Count
from django.urls import reverse

from core.models import BackgroundTask, Mail, WorkerSign
from core.worker import is_fresh, seconds_since_sign

register = template.Library()


def _counts(model: Any, field: str, choices: Any, name: str) -> list[dict[str, Any]]:
    counts = dict(model.objects.order_by().values_list(field).annotate(Count("pk")))
    listing = reverse(f"admin:core_{name}_changelist")
    return [
        {
            "label": label,
            "count": counts.get(value, 0),
            "address": f"{listing}?{field}__exact={value}",
        }
        for value, label in choices
    ]


@register.inclusion_tag("admin/core/_running.html")
def running() -> dict[str, Any]:
    """Mail and tasks by state, and the workers' last signs of life."""
    labels = dict(WorkerSign.Kind.choices)
    statuses = [
        ("READY", "Väntar"),
        ("RUNNING", "Körs"),
        ("FAILED", "Misslyckade"),
        ("SUCCESSFUL", "Klara"),
    ]
    return {
        "mail": _counts(Mail, "state", Mail.State.choices, "mail"),
        "tasks": _counts(BackgroundTask, "status", statuses, "backgroundtask"),
        "workers": [
            {"label": labels[kind], "seconds": seconds, "alive": is_fresh(seconds)}
            for kind, seconds in seconds_since_sign().items()
        ],
    }
