"""No field of free text takes a personnummer: neither at the curators' desk nor on the site.

The fields are looked for, so that a later model or form is not forgotten.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.test import RequestFactory

import ksi.urls  # noqa: F401 - takes the lists of libraries out of the desk
from core.forms import DIGITS_ARE_MEANT, NOBODY
from tests.factories import make_curator

NUMBER = "19811218-9876"
FLOORS = ("core", "search", "people", "library", "inventory", "ksi")
# Codes that were sent or shown, a name that allauth has and the portal does not show, a reference
# number, and what is looked for and kept nowhere.
NOT_TEXT = {"code", "username", "diarienummer", "konto", "q"}


def refuses(field: forms.Field) -> bool:
    """Whether the field refuses a personnummer, and that alone."""
    try:
        field.run_validators(NUMBER)
    except ValidationError as refused:
        return [error.code for error in refused.error_list] == ["personnummer"]
    return False


def desk_fields() -> Iterator[tuple[str, models.Field, forms.Field]]:
    """Each text field of each form of the desk, with the model's own field."""
    request = RequestFactory().get("/admin/")
    request.user = make_curator()
    for model, desk in admin.site._registry.items():
        if not (desk.has_add_permission(request) or desk.has_change_permission(request)):
            continue
        made = [(model, desk.get_form(request)), (model, desk.get_form(request, model()))]
        made += [
            (inline.model, inline.get_formset(request).form)
            for inline in desk.get_inline_instances(request)
        ]
        for owner, form in made:
            for name, field in form.base_fields.items():
                if name in {each.name for each in owner._meta.fields}:
                    of = owner._meta.get_field(name)
                    if type(of) in {models.CharField, models.TextField} and not of.choices:
                        yield f"{owner._meta.label}.{name}", of, field


@pytest.mark.django_db
def test_every_text_at_the_desk_refuses_a_personnummer_and_every_long_one_warns():
    found = {name: (of, field) for name, of, field in desk_fields()}
    open_to_it = {name for name, (_, field) in found.items() if not refuses(field)}
    assert open_to_it == {
        *("inventory.Project.contact_phone", "inventory.Project.reference_number"),
        *("library.Source.reference_number", "people.User.password"),
    }
    assert {name.rpartition(".")[2] for name in open_to_it} == DIGITS_ARE_MEANT
    silent = {
        name
        for name, (of, field) in found.items()
        if isinstance(of, models.TextField) and not str(field.help_text).endswith(NOBODY)
    }
    # Published authors are named.
    assert silent == {"library.Item.authors", "library.Item.corporate_authors"}
    for name in ("inventory.Project.need", "inventory.MeasurePoint.source", "inventory.Link.title"):
        assert name in found


def site_forms() -> Iterator[type[forms.BaseForm]]:
    """Each form of each module of forms."""
    for floor in FLOORS:
        for path in sorted((Path(settings.BASE_DIR) / floor).glob("*forms.py")):
            module = importlib.import_module(f"{floor}.{path.stem}")
            for made in vars(module).values():
                if isinstance(made, type) and issubclass(made, forms.BaseForm):
                    yield made


def is_free(name: str, field: forms.Field) -> bool:
    """Whether anything can be written in it."""
    long = isinstance(field.widget, forms.Textarea)
    short = type(field) is forms.CharField and type(field.widget) is forms.TextInput
    return (long or short) and name not in DIGITS_ARE_MEANT | NOT_TEXT


def test_every_text_on_the_site_refuses_a_personnummer():
    found = {
        f"{form.__name__}.{name}": field
        for form in site_forms()
        for name, field in form.base_fields.items()
        if is_free(name, field)
    }
    assert {name for name, field in found.items() if not refuses(field)} == set()
    for name in ("WithdrawForm.reason", "NameForm.name", "SignupForm.name", "ProjectForm.title"):
        assert name in found
