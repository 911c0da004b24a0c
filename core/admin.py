"""The admin's ground: every change is written in the history and raises the edition."""

import datetime
from collections.abc import Callable, Container
from typing import Any

# Imported for its registration, which is taken back below: tasks are shown in our words.
import django_tasks_db.admin  # noqa: F401
from django.contrib import admin, messages
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import ChoiceField, Field, ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from core import mail, register, tasks, uploads
from core.fields import field_label
from core.forms import careful
from core.models import (
    AuditEntry,
    BackgroundTask,
    Edition,
    Mail,
    PeriodicRun,
    RetentionRule,
    WorkerSign,
)

# Field → (old, new); None for a personal field, whose values are never told.
Changes = dict[str, tuple[Any, Any] | None]


def shown(value: Any, field: Field | None = None) -> str:
    """A field's value as the history keeps it: what its reader sees, not what stands for it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, models.Model):
        return AuditEntry.label_of(value)
    if isinstance(value, (list, tuple, set, QuerySet)):
        return ", ".join(sorted(shown(part) for part in value))
    if isinstance(field, ChoiceField) and not isinstance(field, ModelChoiceField):
        labels: Any = field.choices
        return {str(key): str(label) for key, label in labels}.get(str(value), str(value))
    return str(value)


def changes_of(form: ModelForm, personal: Container[str] = ()) -> Changes:
    """{field: (old, new)} of a saved form, without the values of personal fields."""
    changes: Changes = {}
    for name in form.changed_data:
        field, old, new = form.fields[name], form.initial.get(name), form.cleaned_data.get(name)
        if isinstance(field, ModelChoiceField) and not isinstance(old, (list, models.Model)):
            # A foreign key's initial is its primary key.
            old = field.queryset.model._default_manager.filter(pk=old).first()  # type: ignore[union-attr]
        told = (shown(old, field), shown(new, field))
        changes[name] = None if name in personal else told
    return changes


def named(model: type[models.Model], changes: Changes, prefix: str) -> Changes:
    """The changes of something below an object, as they stand among the object's own."""
    return {f"{prefix}: {field_label(model, name)}": pair for name, pair in changes.items()}


def changes_below(formset: Any, personal: Container[str] = ()) -> Changes:
    """What was done to the rows below an object: fields of changed rows; others by their label."""
    changes: Changes = {}

    def tell(key: str, pair: tuple[str, str] | None) -> None:
        name, number = key, 1
        while name in changes:  # rows can be called the same
            number += 1
            name = f"{key} ({number})"
        changes[name] = pair

    rows = str(formset.model._meta.verbose_name_plural)
    for obj in formset.deleted_objects:
        tell(f"{rows}: {AuditEntry.label_of(obj)}", ("", "borttagen"))
    changed = {obj.pk for obj, _ in formset.changed_objects}
    for form in formset.initial_forms:
        if form.instance.pk in changed:
            row = f"{rows}: {AuditEntry.label_of(form.instance)}"
            for key, pair in named(formset.model, changes_of(form, personal), row).items():
                tell(key, pair)
    for obj in formset.new_objects:
        tell(f"{rows}: {AuditEntry.label_of(obj)}", ("", "tillagd"))
    return changes


def old_value(changes: Changes, name: str) -> str:
    """What a changed field held before; nothing when it did not change."""
    pair = changes.get(name)
    return pair[0] if pair else ""


class CarefulAdmin(admin.options.BaseModelAdmin):
    """Text fields that refuse a personnummer; the long ones warn against describing anybody."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return careful(db_field, super().formfield_for_dbfield(db_field, request, **kwargs))


class CarefulInline(CarefulAdmin, admin.TabularInline):
    """Rows below an object, with such fields."""


class Desk(admin.ModelAdmin):
    """What every list of the admin is made of."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A date that no calendar has is a filter like any other that is not understood."""
        try:
            return super().changelist_view(request, extra_context)
        except OverflowError:
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The button "Historik" leads to the object's lines in the history."""
        listing = reverse("admin:core_auditentry_changelist")
        return redirect(f"{listing}?app_model={self.opts.label_lower}&object_id={object_id}")


class AuditedAdmin(CarefulAdmin, Desk):
    """An admin whose saves and deletions are told once, in core.AuditEntry."""

    # Changes of these, also in the rows below, are told without their values.
    personal_fields: frozenset[str] = frozenset()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Examine files before the transaction: SQLite lets nobody else write while it is open."""
        uploads.examine_all(request.FILES)
        return super().changeform_view(request, *args, **kwargs)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """After the object and its rows are saved: history, edition, whatever depends on it."""
        super().save_related(request, form, formsets, change)
        changes = changes_of(form, self.personal_fields)
        for formset in formsets:
            changes |= changes_below(formset, self.personal_fields)
        if change and not changes:
            return
        self.record(request, form.instance, changes, created=not change)

    def record(
        self, request: HttpRequest, obj: models.Model, changes: Changes, *, created: bool
    ) -> None:
        """Tell the history and raise the edition."""
        verb, told = ("skapad", {}) if created else ("ändrad", changes)
        AuditEntry.record(verb, obj, by=request.user, changes=told)
        Edition.raise_number()
        self.after_change(request, obj, changes)

    def after_change(self, request: HttpRequest, obj: models.Model, changes: Changes) -> None:
        """What else follows from a change, in the same transaction."""

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete one object and tell it."""
        AuditEntry.record("raderad", obj, by=request.user)
        Edition.raise_number()
        super().delete_model(request, obj)
        self.after_delete(obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete one by one, so that each is told; all or none."""
        for obj in queryset:
            self.delete_model(request, obj)

    def after_delete(self, obj: models.Model) -> None:
        """What else follows from a deletion, in the same transaction."""

    def log_addition(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""

    def log_change(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""

    def log_deletions(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""


@admin.register(AuditEntry)
class AuditEntryAdmin(Desk):
    """The history, to read."""

    list_display = ["at", "verb", "object_label", "app_model", "by", "told"]
    list_filter = ["verb", "app_model", ("at", admin.DateFieldListFilter)]
    search_fields = ["object_label", "object_id", "reason"]
    date_hierarchy = "at"
    list_select_related = ["by"]
    fields = (
        *("at", "verb", "object_label", "app_model", "object_id", "from_state", "to_state"),
        *("reason", "told", "by", "request_id"),
    )
    readonly_fields = fields

    @admin.display(description="ändringar")
    def told(self, entry: AuditEntry) -> str:
        """The changed fields in one text."""
        return "; ".join(
            f"{name}: {pair[0] or '–'} → {pair[1] or '–'}" if pair else f"{name}: ändrad"
            for name, pair in entry.changes.items()
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The button "Historik" on an object filters by its id."""
        return lookup == "object_id" or super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """History is written by what happens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History is not rewritten."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History is not forgotten."""
        return False


@admin.register(RetentionRule)
class RetentionRuleAdmin(AuditedAdmin):
    """How long personal data is kept, and by which decision."""

    list_display = ["label", "days", "decision"]
    fields = ["label", "days", "decision"]
    readonly_fields = ["label"]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Nothing shorter than what the holding itself needs."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj and "days" in form.base_fields and (least := register.least_days(obj.key)):
            told = f"Skriv minst {least} dagar: den som berörs ska hinna få veta det innan."
            form.base_fields["days"].validators.append(MinValueValidator(least, told))
        return form

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The code says what is kept (core.register)."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is kept has a period."""
        return False


# --- What goes on behind the pages: mail, tasks and their workers ---------------------------------


class WatchedAdmin(Desk):
    """Rows that the portal writes: who may see them also chooses among the actions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = f"{self.opts.app_label}.view_{self.opts.model_name}"
        return request.user.is_staff and request.user.has_perm(allowed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def each(
        self, request: HttpRequest, chosen: QuerySet, do: Callable[[Any], bool], done: str
    ) -> None:
        """Do something with each chosen row, and tell how many it could be done with."""
        outcome = [do(obj) for obj in chosen]
        count, rest = sum(outcome), len(outcome) - sum(outcome)
        if count:
            self.message_user(request, f"{done}: {count}.")
        if rest:
            told = f"Gick inte i sitt nuvarande läge: {rest}."
            self.message_user(request, told, messages.WARNING)


@admin.register(Mail)
class MailAdmin(WatchedAdmin):
    """Mail that waits, was sent, or needs a person."""

    list_display = ["subject", "to", "purpose", "state", "attempts", "written_at", "sent_at"]
    list_display += ["trouble"]
    list_filter = ["state", "purpose", ("written_at", admin.DateFieldListFilter)]
    search_fields = ["to", "subject", "message_id"]
    actions = ["send_again", "strike"]
    fields = [
        # Not the text, nor whom it is from: a message to a function is the function's to read.
        *("to", "subject", "purpose", "state", "trouble", "attempts"),
        *("written_at", "next_at", "claimed_at", "claimed_by", "sent_at", "erased_at"),
        "message_id",
    ]

    @admin.action(description="Skicka igen (det kan komma fram två gånger)")
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.each(
            request,
            queryset,
            lambda each: mail.send_again(mail=each, by=request.user),
            "Skickas igen",
        )

    @admin.action(description="Stryk: ska inte skickas")
    def strike(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.each(
            request, queryset, lambda each: mail.strike(mail=each, by=request.user), "Strukna"
        )


admin.site.unregister(DBTaskResult)


@admin.register(BackgroundTask)
class BackgroundTaskAdmin(WatchedAdmin):
    """Tasks that wait, run, are done, or failed for good."""

    list_display = ["task_path", "status", "tried", "enqueued_at", "started_at", "finished_at"]
    list_display += ["due", "trouble_told"]
    list_filter = ["status", "task_path"]
    search_fields = ["task_path", "id"]
    ordering = ["-enqueued_at"]
    actions = ["try_again"]
    fields = [
        *("id", "task_path", "args_kwargs", "status", "tried", "enqueued_at", "due"),
        *("started_at", "finished_at", "worker_ids", "traceback"),
    ]

    @admin.display(description="försök")
    def tried(self, task: BackgroundTask) -> int:
        return task.attempts

    @admin.display(description="körs tidigast")
    def due(self, task: BackgroundTask) -> datetime.datetime | None:
        return None if task.run_after.year == datetime.MAXYEAR else task.run_after

    @admin.display(description="senaste fel")
    def trouble_told(self, task: BackgroundTask) -> str:
        return task.trouble[:300]

    @admin.action(description="Försök igen")
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.each(
            request,
            queryset,
            lambda each: tasks.try_again(task=each, by=request.user),
            "Försöks igen",
        )


@admin.register(WorkerSign)
class WorkerSignAdmin(WatchedAdmin):
    """The workers and their last signs of life."""

    list_display = ["worker", "kind", "started_at", "seen_at"]


@admin.register(PeriodicRun)
class PeriodicRunAdmin(WatchedAdmin):
    """Periodic work: when it was done, how it went, when it is due."""

    list_display = ["name", "started_at", "finished_at", "due_at", "trouble"]
