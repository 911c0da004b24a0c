"""Vocabularies, methods, instruments and sources, edited by curators."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from core.admin import AuditedAdmin, CarefulInline, Changes, old_value
from core.errors import forbidden
from library import actions
from library.admin_forms import ItemFileForm, ItemFileFormSet, ItemForm
from library.curating_forms import WithdrawItemForm
from library.draft_base import NAMES_ARE_MEANT
from library.models import (
    Gap,
    Grade,
    Instrument,
    Intervention,
    Item,
    ItemFile,
    KnowledgeSource,
    Method,
    Reader,
    ServiceArea,
    Source,
    TargetGroup,
    Theme,
    ThemeItem,
)
from people.models import User
from people.views import known_user

# Why a method stands where it does, when the desk was not told.
ENTERED = "Inlagd av en redaktör."


class ThemeItemInline(CarefulInline):
    """What is chosen for the theme's page."""

    model = ThemeItem
    autocomplete_fields = ["item"]
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


@admin.register(Gap)
class GapAdmin(AuditedAdmin):
    """Knowledge gaps; what visitors propose is decided at the desk for voices."""

    list_display = ["title", "state", "source", "received_at"]
    list_filter = ["state", "themes", "source"]
    list_select_related = ["source"]
    search_fields = ["title", "text"]
    autocomplete_fields = ["themes", "source"]
    fields = ["title", "text", "themes", "source", "source_section", "answer_url"]
    readonly_fields = ["answer_url"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are proposed, and opened at the desk."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was received is kept; it is declined or answered at the desk."""
        return False

    def after_change(self, request: HttpRequest, obj: Any, changes: Changes) -> None:
        """The list and the search follow."""
        actions.gap_changed(gap=obj)


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


class AsDraft(admin.ModelAdmin):
    """What can also be changed as a draft, which is seen before it is published."""

    change_form_template = "admin/library/thing_change.html"
    subject: ClassVar[str]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        """With the way there."""
        context["subject"] = self.subject
        return super().render_change_form(request, context, *args, **kw)


class GradeInline(CarefulInline):
    """The knowledge declaration."""

    model = Grade
    extra = 0


@admin.register(Method)
class MethodAdmin(AsDraft, TermAdmin):
    """Methods and where they stand in the method workshop."""

    subject = "metod"
    list_display = ["name", "abbreviation", "stage", "used", "visibility", "reviewed_on", "source"]
    list_filter = ["stage", "visibility", "themes", "service_areas", "source"]
    list_filter += [("plain_summary", admin.EmptyFieldListFilter)]
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
class InstrumentAdmin(AsDraft, TermAdmin):
    """Assessment instruments."""

    subject = "instrument"
    list_display = ["name", "abbreviation", "kind", "used", "visibility", "reviewed_on", "source"]
    list_filter = ["kind", "tried_in_sweden", "visibility", "themes", "source"]
    list_filter += [("plain_summary", admin.EmptyFieldListFilter)]
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


class ItemFileInline(CarefulInline):
    """Files, and what became of reading them."""

    model = ItemFile
    form = ItemFileForm
    formset = ItemFileFormSet
    extra = 0
    view_on_site = False  # the file's own link leads there
    readonly_fields = ["state"]

    @admin.display(description="läsning")
    def state(self, file: ItemFile) -> str:
        """Whether it was read, or why not."""
        return str(file.get_trouble_display() or file.get_reading_display())


class StandingFilter(admin.SimpleListFilter):
    """Whether it holds, should be reviewed, or is withdrawn."""

    title = "läge"
    parameter_name = "lage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three."""
        return [
            ("galler", "Gäller"),
            ("granskas", "Ska granskas"),
            ("tillbakadragen", "Tillbakadragen"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those of the chosen one."""
        standing = queryset.filter(withdrawn_at=None)
        if self.value() == "galler":
            return standing
        if self.value() == "granskas":
            return standing.filter(review_due__lt=timezone.localdate())
        return queryset.exclude(withdrawn_at=None) if self.value() else queryset


class FilesFilter(admin.SimpleListFilter):
    """Whether it has files, and whether they could be read."""

    title = "filer"
    parameter_name = "filer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three."""
        return [("har", "Har filer"), ("saknar", "Saknar filer"), ("olasta", "Gick inte att läsa")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those of the chosen one."""
        if self.value() == "saknar":
            return queryset.filter(files=None)
        if self.value() == "olasta":
            troubled = [ItemFile.Reading.FAILED, ItemFile.Reading.NO_TEXT]
            return queryset.filter(files__reading__in=troubled).distinct()
        return queryset.exclude(files=None) if self.value() else queryset


YEARS_UNTIL_REVIEW = 2


@admin.register(Item)
class ItemAdmin(AsDraft, AuditedAdmin):
    """Published items: find, correct, review, withdraw. What is new is written as a draft."""

    subject = "post"
    form = ItemForm
    change_form_template = "admin/library/item_change.html"
    list_display = ["title", "kind", "year", "published_by", "visibility", "review_due", "holds"]
    list_filter = [
        StandingFilter,
        *("kind", "visibility", "language", "knowledge_sources", "themes", "readers"),
        *("year", ("source", admin.RelatedOnlyFieldListFilter)),
        ("plain_summary", admin.EmptyFieldListFilter),
        FilesFilter,
    ]
    search_fields = [
        *("title", "authors", "corporate_authors", "publisher__name", "publisher_name"),
        *("=isbn", "=issn", "=doi", "plain_summary"),
    ]
    list_select_related = ["publisher"]
    list_per_page = 50
    date_hierarchy = "published_at"
    autocomplete_fields = [
        *("publisher", "knowledge_sources", "themes", "service_areas", "readers"),
        *("methods", "instruments", "source", "is_source"),
    ]
    inlines = [ItemFileInline]
    actions = ["review_today", "hold_again"]
    fieldsets = [
        (
            "Vad",
            {
                "fields": [
                    *("kind", "title", "authors", "corporate_authors", "publisher"),
                    *("publisher_name", "year", "language", "url"),
                ]
            },
        ),
        ("Kort och lätt", {"fields": ["plain_summary", "key_messages", "so_what"]}),
        (
            "Om vad, för vem",
            {
                "fields": [
                    *("knowledge_sources", "readers", "themes", "service_areas"),
                    *("methods", "instruments"),
                ]
            },
        ),
        (
            "Mer",
            {
                "fields": [
                    *("full_text", "abstract", "limitations", "commissioned_by", "peer_review"),
                    *("series", "number", "isbn", "issn", "doi", "urn", "licence"),
                    *("source", "source_section", "is_source"),
                ]
            },
        ),
        ("Granskning och synlighet", {"fields": ["reviewed_on", "review_due", "visibility"]}),
    ]

    @admin.display(description="läge")
    def holds(self, item: Item) -> str:
        """Whether it holds."""
        if item.withdrawn_at:
            return "Tillbakadragen"
        late = item.review_due and item.review_due < timezone.localdate()
        return "Ska granskas" if late else "Gäller"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """But for what its teller has taken back."""
        return super().get_queryset(request).filter(taken_back_at=None)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Names of published authors are meant where they are asked for."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in NAMES_ARE_MEANT:
            field.help_text = db_field.help_text
        return field

    def record(
        self, request: HttpRequest, obj: models.Model, changes: Changes, *, created: bool
    ) -> None:
        """Change through the library's actions."""
        assert isinstance(obj, Item)  # noqa: S101
        actions.record_change(item=obj, by=_curator(request), changes=changes)

    @admin.action(description="Granskad i dag: gäller, granskas igen om två år")
    def review_today(self, request: HttpRequest, queryset: QuerySet[Item]) -> None:
        """Each that is not withdrawn, with a line in its history."""
        today = timezone.localdate()
        due = today.replace(year=today.year + YEARS_UNTIL_REVIEW, day=min(today.day, 28))
        items = queryset.filter(withdrawn_at=None)
        for item in items:
            actions.reviewed(item=item, due=due, by=_curator(request))
        messages.success(request, f"{len(items)} granskade.")

    @admin.action(description="Låt tillbakadragna gälla igen")
    def hold_again(self, request: HttpRequest, queryset: QuerySet[Item]) -> None:
        """Each withdrawn one."""
        withdrawn = list(queryset.exclude(withdrawn_at=None))
        for item in withdrawn:
            actions.restore(item=item, by=_curator(request))
        messages.success(request, f"{len(withdrawn)} gäller igen.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """What is new is written as a draft."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was published is withdrawn with a reason, never deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """With the page that withdraws."""
        own = path(
            "<int:pk>/dra-tillbaka/",
            self.admin_site.admin_view(self.withdraw_view),
            name="library_item_withdraw",
        )
        return [own, *super().get_urls()]

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then withdraw."""
        item = get_object_or_404(Item.objects.published(), pk=pk)
        if not self.has_change_permission(request, item):
            return forbidden(request)
        form = WithdrawItemForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            actions.withdraw(item=item, reason=form.cleaned_data["reason"], by=_curator(request))
            messages.success(request, f"{item} är tillbakadragen.")
            return redirect(reverse("admin:library_item_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Dra tillbaka {item}",
            "item": item,
            "form": form,
            "opts": self.opts,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/library/item_withdraw.html", context, status=status)


def _curator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101
    return request.user
