"""A published project as a unit would have answered."""

from django import forms
from django.db import models

from core.draft_fields import as_typed
from core.payloads import Payload
from inventory.draft_forms.project import DraftForm
from inventory.draft_forms.rows import LinkRow, MeasureRow, PartnerRow, PointRow, RowForm
from inventory.models import Project
from inventory.questions import LINKS, MEASURES, PARTNERS


def payload_of(project: Project) -> Payload:
    """A published project as a unit would have answered."""
    form = DraftForm({}, instance=project)
    found: Payload = {}
    for name in form.fields:
        found[name] = as_typed(form.fields[name], form.initial.get(name))
    for place, measure in enumerate(project.measures.prefetch_related("points")):
        row = f"{MEASURES}-{place}"
        found |= _row(row, MeasureRow, measure)
        found[f"{row}-id"] = [str(measure.pk)]
        for number, point in enumerate(measure.points.all()):
            found |= _row(f"{row}-point-{number}", PointRow, point)
    for place, link in enumerate(project.links.all()):
        found |= _row(f"{LINKS}-{place}", LinkRow, link)
    for place, partner in enumerate(project.partners.all()):
        found |= _row(f"{PARTNERS}-{place}", PartnerRow, partner)
    return {name: values for name, values in found.items() if values}


def _row(prefix: str, form: type[RowForm], row: models.Model) -> Payload:
    made = form({}, prefix)
    values = forms.model_to_dict(row, fields=list(made.fields))
    return {
        made.add_prefix(name): as_typed(made.fields[name], value) for name, value in values.items()
    }
