"""The curators' desk for the search: what words mean, and how a question is understood."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin import AuditedAdmin, Changes, WatchedAdmin, old_value
from core.errors import forbidden
from search import actions
from search.explaining import Explanation, explain
from search.forms import CompoundOverrideForm, ProtectedWordForm, SynonymsForm
from search.models import CompoundOverride, MissedWord, ProtectedWord, Synonyms, Term, lines
from search.understanding import MOST_LETTERS


def link(text: str, name: str, **parameters: str) -> SafeString:
    """A link to a page of the admin."""
    return format_html('<a href="{}?{}">{}</a>', reverse(name), urlencode(parameters), text)


def in_a_row(text: str) -> str:
    """The lines of a text side by side."""
    return ", ".join(lines(text))


@admin.register(Synonyms)
class SynonymsAdmin(AuditedAdmin):
    """Words that mean the same or lead to others. They act when a question is asked."""

    form = SynonymsForm
    list_display = ["words_told", "leads_told", "changed_at", "tried"]
    search_fields = ["words", "leads_to"]
    list_filter = [("leads_to", admin.EmptyFieldListFilter)]

    @admin.display(description="ord", ordering="words")
    def words_told(self, synonyms: Synonyms) -> str:
        return in_a_row(synonyms.words)

    @admin.display(description="leder till", ordering="leads_to")
    def leads_told(self, synonyms: Synonyms) -> str:
        return in_a_row(synonyms.leads_to) or "varandra"

    @admin.display(description="prova")
    def tried(self, synonyms: Synonyms) -> SafeString:
        first, *_ = lines(synonyms.words)
        return link("Prova", "admin:search_try", q=first)

    def get_urls(self) -> list[URLPattern]:
        """With the page where a question is tried."""
        own = path("prova/", self.admin_site.admin_view(self.try_view), name="search_try")
        return [own, *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """How a question is understood, and what it finds."""
        if not self.has_change_permission(request):
            return forbidden(request)
        typed = request.GET.get("q", "")[:MOST_LETTERS].strip()
        explanation: Explanation | None = explain(typed) if typed else None
        context = {
            **self.admin_site.each_context(request),
            "title": "Prova sökningen",
            "opts": self.opts,
            "typed": typed,
            "longest": MOST_LETTERS,
            "explanation": explanation,
        }
        return TemplateResponse(request, "admin/search/try.html", context)


class ReadAnewAdmin(AuditedAdmin):
    """Words that decide what texts are found by: texts that hold them are read again."""

    def forms_of(self, obj: Any) -> set[str]:
        """The words that it speaks of, as it is now."""
        return {obj.word}

    def after_change(self, request: HttpRequest, obj: Any, changes: Changes) -> None:
        """The texts follow what was and what is."""
        before = {old_value(changes, "word"), *lines(old_value(changes, "forms"))}
        actions.words_changed(words=self.forms_of(obj) | before)

    def after_delete(self, obj: Any) -> None:
        """The texts follow."""
        actions.words_changed(words=self.forms_of(obj))

    @admin.display(description="prova")
    def tried(self, obj: Any) -> SafeString:
        return link("Prova", "admin:search_try", q=obj.word)


@admin.register(ProtectedWord)
class ProtectedWordAdmin(ReadAnewAdmin):
    """Words that stay themselves, with how many passages hold them."""

    form = ProtectedWordForm
    list_display = ["word", "forms_told", "passages", "changed_at", "tried"]
    search_fields = ["word", "forms"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of passages: a protected word is its own key."""
        there = Term.objects.filter(key=OuterRef("word")).values("passages")[:1]
        return super().get_queryset(request).annotate(passages=Subquery(there))

    def forms_of(self, obj: ProtectedWord) -> set[str]:
        return {obj.word, *lines(obj.forms)}

    @admin.display(description="böjningar")
    def forms_told(self, word: ProtectedWord) -> str:
        return in_a_row(word.forms)

    @admin.display(description="finns i", ordering="passages")
    def passages(self, word: Any) -> str:
        """How many passages hold it, by the latest count."""
        count = word.passages or 0
        return f"{count} textstycke{'' if count == 1 else 'n'}"


@admin.register(CompoundOverride)
class CompoundOverrideAdmin(ReadAnewAdmin):
    """How compounds are divided."""

    form = CompoundOverrideForm
    list_display = ["word", "parts_told", "changed_at", "tried"]
    search_fields = ["word", "parts"]
    list_filter = [("parts", admin.EmptyFieldListFilter)]

    @admin.display(description="delar", ordering="parts")
    def parts_told(self, override: CompoundOverride) -> str:
        return " + ".join(override.parts.split()) or "delas inte"


@admin.register(MissedWord)
class MissedWordAdmin(WatchedAdmin):
    """Words that found nothing, the most asked for first; once may be anybody's name."""

    list_display = ["word", "times", "first_at", "last_at", "added"]
    list_display_links = None
    search_fields = ["word"]
    actions = ["remove"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those asked for so often that they may be shown."""
        return super().get_queryset(request).filter(times__gte=MissedWord.SHOWN_AFTER)

    @admin.display(description="lär sökningen ordet")
    def added(self, word: MissedWord) -> SafeString:
        return link("Lägg till som synonym", "admin:search_synonyms_add", words=word.word)

    @admin.action(description="Ta bort ur listan")
    def remove(self, request: HttpRequest, queryset: QuerySet[MissedWord]) -> None:
        count = actions.remove_missed(words=queryset, by=request.user)
        self.message_user(request, f"Borttagna ur listan: {count}.")
