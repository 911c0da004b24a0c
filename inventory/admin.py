"""The curators' desk for the inventory."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from core.admin import AuditedAdmin, CarefulInline, Changes, WatchedAdmin, named
from core.errors import forbidden
from inventory import actions
from inventory.forms import DocumentFormSet, ProjectForm, WithdrawForm
from inventory.models import (
    Document,
    Idea,
    Link,
    Measure,
    MeasurePoint,
    Message,
    Partner,
    Project,
    PublicNumber,
)
from people.models import User


def curator(request: HttpRequest) -> User:
    """Who works in the admin; nobody else comes so far."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


class PartnerInline(CarefulInline):
    """Who takes part."""

    model = Partner
    autocomplete_fields = ["organisation"]
    extra = 0


class MeasureInline(CarefulInline):
    """Goals and measures; their points stand on the measure's own page."""

    model = Measure
    extra = 0
    show_change_link = True


class DocumentInline(CarefulInline):
    """Files."""

    model = Document
    formset = DocumentFormSet
    extra = 0
    view_on_site = False  # the file's own link leads there

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the project, which is part of a file's address."""
        return super().get_queryset(request).select_related("project")


class LinkInline(CarefulInline):
    """Reports and links."""

    model = Link
    extra = 0


class PublishedFilter(admin.SimpleListFilter):
    """Published or withdrawn."""

    title = "publicering"
    parameter_name = "publicering"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two."""
        return [("publicerad", "Publicerad"), ("avpublicerad", "Avpublicerad")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those of the chosen state."""
        if self.value() == "publicerad":
            return queryset.filter(withdrawn_at=None)
        if self.value() == "avpublicerad":
            return queryset.exclude(withdrawn_at=None)
        return queryset


@admin.register(Project)
class ProjectAdmin(AuditedAdmin):
    """Projects and activities: edit, confirm, withdraw, show again. Nothing is deleted."""

    form = ProjectForm
    change_form_template = "admin/inventory/project_change.html"
    list_display = ["public_id", "title", "kind", "lead", "status", "visibility", "confirmed"]
    list_display_links = ["public_id", "title"]
    list_filter = [
        PublishedFilter,
        *("kind", "status", "visibility", "service_areas", "themes", "evaluation"),
        ("last_confirmed_at", admin.EmptyFieldListFilter),
        ("source", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["=public_id", "title", "plain_summary", "lead__name"]
    list_select_related = ["lead"]
    list_per_page = 50
    autocomplete_fields = [
        *("lead", "co_owners", "themes", "interventions", "target_groups", "service_areas"),
        *("methods", "instruments", "inspired_by", "source"),
    ]
    inlines = [PartnerInline, MeasureInline, DocumentInline, LinkInline]
    personal_fields = frozenset(actions.PERSONAL_FIELDS)
    actions = ["confirm_today", "show_again"]
    fieldsets = [
        ("Vad", {"fields": ["kind", "title", "plain_summary", "status", "start_date", "end_date"]}),
        ("Vem", {"fields": ["lead", "co_owners", "service_areas"]}),
        ("För vem", {"fields": ["need", "rationale", "target_groups", "themes", "interventions"]}),
        (
            "Hur",
            {
                "fields": [
                    *("activities", "methods", "instruments", "staff_roles", "setting", "dose"),
                    *("adaptations", "user_involvement", "user_involvement_text"),
                ]
            },
        ),
        (
            "Resultat",
            {
                "fields": [
                    *("evaluation", "reach_planned", "reach_actual", "results", "what_failed"),
                    *("advice", "continuation"),
                ]
            },
        ),
        ("Kontakt", {"fields": ["contact_function", "contact_phone", "contact_email"]}),
        (
            "Mer",
            {
                "fields": [
                    *("research_link", "cost_total", "running_cost", "funding"),
                    *("reference_number", "inspired_by", "source", "source_section"),
                ]
            },
        ),
        ("Synlighet", {"fields": ["visibility", "embargo_until"]}),
    ]

    @admin.display(description="senast bekräftad", ordering="last_confirmed_at")
    def confirmed(self, project: Project) -> str:
        """The day, or what its source tells."""
        if project.last_confirmed_at:
            return f"{project.last_confirmed_at}"
        return f"aldrig (uppgift från {project.last_known})"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the source, which tells how old an entry is."""
        return super().get_queryset(request).select_related("source")

    def save_model(
        self, request: HttpRequest, obj: Project, form: ProjectForm, change: bool
    ) -> None:
        """A new project gets its number."""
        if not change:
            obj.public_id = PublicNumber.take()
        super().save_model(request, obj, form, change)

    def record(
        self, request: HttpRequest, obj: models.Model, changes: Changes, *, created: bool
    ) -> None:
        """Publish or change through the inventory's actions."""
        assert isinstance(obj, Project)  # noqa: S101
        if created:
            actions.publish(project=obj, by=curator(request))
        else:
            actions.record_change(project=obj, by=curator(request), changes=changes)
        if obj.kind == Project.Kind.PROJECT and not obj.measures.exists():
            messages.warning(request, "Projektet har inget mål och mått. Lägg till minst ett.")

    @admin.action(description="Bekräfta att uppgifterna stämmer i dag")
    def confirm_today(self, request: HttpRequest, queryset: QuerySet[Project]) -> None:
        """Confirm each, with a line in its history."""
        for project in queryset:
            actions.confirm(project=project, by=curator(request))
        messages.success(request, f"{len(queryset)} bekräftade.")

    @admin.action(description="Visa avpublicerade igen")
    def show_again(self, request: HttpRequest, queryset: QuerySet[Project]) -> None:
        """Restore each withdrawn one."""
        withdrawn = queryset.exclude(withdrawn_at=None)
        count = len(withdrawn)
        for project in withdrawn:
            actions.restore(project=project, by=curator(request))
        messages.success(request, f"{count} visas igen.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was published is withdrawn with a reason, never deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """With the page that withdraws."""
        own = path(
            "<int:pk>/avpublicera/",
            self.admin_site.admin_view(self.withdraw_view),
            name="inventory_project_withdraw",
        )
        return [own, *super().get_urls()]

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then withdraw."""
        project = get_object_or_404(Project, pk=pk)
        if not self.has_change_permission(request, project):
            return forbidden(request)
        form = WithdrawForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            actions.withdraw(
                project=project, reason=form.cleaned_data["reason"], by=curator(request)
            )
            messages.success(request, f"{project} är avpublicerat.")
            return redirect(reverse("admin:inventory_project_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Avpublicera {project}",
            "project": project,
            "form": form,
            "opts": self.opts,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(
            request, "admin/inventory/project_withdraw.html", context, status=status
        )


class PointInline(CarefulInline):
    """Dated values."""

    model = MeasurePoint
    extra = 1


@admin.register(Measure)
class MeasureAdmin(AuditedAdmin):
    """A measure with its points; reached from its project."""

    list_display = ["indicator", "project", "unit", "baseline_value", "target_value"]
    search_fields = ["indicator", "project__title"]
    list_select_related = ["project"]
    autocomplete_fields = ["project"]
    inlines = [PointInline]

    def record(
        self, request: HttpRequest, obj: models.Model, changes: Changes, *, created: bool
    ) -> None:
        """A measure's change is its project's."""
        assert isinstance(obj, Measure)  # noqa: S101
        where = f"{self.opts.verbose_name_plural}: {obj}"
        told: Changes = {where: ("", "tillagd")} if created else named(Measure, changes, where)
        actions.record_change(project=obj.project, by=curator(request), changes=told)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete it and tell its project."""
        assert isinstance(obj, Measure)  # noqa: S101
        told: Changes = {f"{self.opts.verbose_name_plural}: {obj}": ("", "borttagen")}
        obj.delete()
        actions.record_change(project=obj.project, by=curator(request), changes=told)


@admin.register(Idea)
class IdeaAdmin(AuditedAdmin):
    """Units' ideas and needs, to read and correct; they are ended on their own pages."""

    list_display = ["title", "kind", "organisation", "state", "visibility", "created_at"]
    list_filter = ["kind", "state", "visibility", "themes"]
    list_filter += [("created_at", admin.DateFieldListFilter)]
    search_fields = ["title", "text", "organisation__name"]
    list_select_related = ["organisation"]
    list_per_page = 50
    autocomplete_fields = ["themes", "service_areas"]
    personal_fields = frozenset(actions.PERSONAL_FIELDS)
    fields = [
        *("kind", "organisation", "title", "text", "themes", "service_areas"),
        *("contact_function", "contact_email", "visibility"),
        *("state", "project", "closed_reason", "created_at", "created_by", "closed_at", "ending"),
    ]
    readonly_fields = [
        *("organisation", "state", "project", "closed_reason", "created_at", "created_by"),
        *("closed_at", "ending"),
    ]

    @admin.display(description="avsluta")
    def ending(self, idea: Idea) -> str:
        """The way to where it is ended, with its project or a reason."""
        if not idea.is_open:
            return "Redan avslutad"
        address = reverse("inventory:idea-close", args=[idea.pk, idea.slug])
        return format_html('<a href="{}">Avsluta på portalen</a>', address)

    def record(
        self, request: HttpRequest, obj: models.Model, changes: Changes, *, created: bool
    ) -> None:
        """Change through the inventory's actions."""
        assert isinstance(obj, Idea)  # noqa: S101
        actions.record_idea_change(idea=obj, by=curator(request), changes=changes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are told by units, on the portal."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was told is ended with a reason, never deleted."""
        return False


@admin.register(Message)
class MessageAdmin(WatchedAdmin):
    """What visitors have written to functions, kept for the registrator, to read."""

    list_display = ["received_at", "project", "sent_to_function", "went", "erased_at"]
    list_filter = [("received_at", admin.DateFieldListFilter), "mail__state"]
    list_select_related = ["project", "mail"]
    date_hierarchy = "received_at"
    search_fields = ["email", "name", "text", "project__title", "sent_to_function"]
    fields = [
        *("received_at", "project", "sent_to_function", "name", "email", "text", "went"),
        "erased_at",
    ]
    readonly_fields = ["went"]

    @admin.display(description="mejlets läge")
    def went(self, message: Message) -> str:
        """Whether it has been relayed; what stands in the mail is the message itself."""
        return message.mail.get_state_display() if message.mail else ""
