"""Vocabularies, methods, instruments and sources, edited by curators."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.admin import AuditedAdmin, CarefulInline, Changes, old_value
from library import actions
from library.models import (
    Grade,
    Instrument,
    Intervention,
    KnowledgeSource,
    Method,
    Reader,
    ServiceArea,
    Source,
    TargetGroup,
    Theme,
    ThemeItem,
)
from people.views import known_user

# Why a method stands where it does, when the desk was not told.
ENTERED = "Inlagd av en redaktör."


class ThemeItemInline(CarefulInline):
    """What is chosen for the theme's page."""

    model = ThemeItem
    extra = 0


@admin.register(ServiceArea, Intervention, TargetGroup)
class TermAdmin(AuditedAdmin):
    """A vocabulary, with how much each word is used."""

    list_display = ["name", "slug", "used", "description"]
    search_fields = ["name", "slug", "description"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of projects."""
        return super().get_queryset(request).annotate(projects_count=Count("projects"))

    @admin.display(description="används av", ordering="projects_count")
    def used(self, term: Any) -> str:
        """How many projects use the word."""
        return f"{term.projects_count} projekt"

    def after_change(self, request: HttpRequest, obj: Any, changes: Changes) -> None:
        """Filters follow."""
        actions.term_changed(term=obj, old_slug=old_value(changes, "slug"))

    def after_delete(self, obj: Any) -> None:
        """Filters forget."""
        actions.term_deleted(term=obj)


@admin.register(Theme)
class ThemeAdmin(TermAdmin):
    """Themes, with what stands on their pages."""

    inlines = [ThemeItemInline]


@admin.register(KnowledgeSource, Reader)
class LibraryTermAdmin(TermAdmin):
    """A vocabulary of the library's own."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of items."""
        found = super(TermAdmin, self).get_queryset(request)
        return found.annotate(items_count=Count("items"))

    @admin.display(description="används av", ordering="items_count")
    def used(self, term: Any) -> str:
        """How many items use the word."""
        return f"{term.items_count} i biblioteket"


class GradeInline(CarefulInline):
    """The knowledge declaration."""

    model = Grade
    extra = 0


@admin.register(Method)
class MethodAdmin(TermAdmin):
    """Methods and where they stand in the method workshop."""

    list_display = ["name", "abbreviation", "stage", "used", "source"]
    list_filter = ["stage", "source"]
    list_select_related = ["source"]
    search_fields = ["name", "abbreviation", "purpose"]
    autocomplete_fields = ["source", "themes", "service_areas", "instruments"]
    readonly_fields = ["stage"]
    inlines = [GradeInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The stage is moved in the workshop, with a reason; a new one begins somewhere."""
        return super().get_readonly_fields(request, obj) if obj else []

    def record(self, request: HttpRequest, obj: Any, changes: Changes, *, created: bool) -> None:
        """A new one has come into the workshop."""
        if created:
            actions.enter_workshop(method=obj, reason=ENTERED, by=known_user(request))
        super().record(request, obj, changes, created=created)


@admin.register(Instrument)
class InstrumentAdmin(TermAdmin):
    """Assessment instruments."""

    list_display = ["name", "abbreviation", "kind", "used", "source"]
    list_filter = ["kind", "source"]
    list_select_related = ["source"]
    search_fields = ["name", "abbreviation", "measures_what"]
    autocomplete_fields = ["source", "themes", "service_areas", "similar"]


@admin.register(Source)
class SourceAdmin(AuditedAdmin):
    """Documents that content was written from."""

    list_display = ["title", "publisher", "year", "reference_number"]
    list_filter = ["year"]
    list_select_related = ["publisher"]
    search_fields = ["title", "reference_number"]
    autocomplete_fields = ["publisher"]
    prepopulated_fields = {"slug": ["title"]}

    def after_change(self, request: HttpRequest, obj: Any, changes: Changes) -> None:
        """Pages that name it follow."""
        actions.source_changed(source=obj, old_slug=old_value(changes, "slug"))
