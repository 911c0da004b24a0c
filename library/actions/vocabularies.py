"""Changes to vocabularies, methods and instruments: lists and filters follow."""

from django.db import transaction

from library.models import Source, Term, Tool
from library.search import SOURCE_FACET, TOOL_FACET
from search import catalogue


@transaction.atomic
def source_changed(*, source: Source, old_slug: str = "") -> None:
    """Let pages that name the source follow."""
    catalogue.refresh_with(SOURCE_FACET, {source.slug, old_slug})


@transaction.atomic
def term_changed(*, term: Term | Tool, old_slug: str = "") -> None:
    """Let filters and list rows follow a new or changed word."""
    if old_slug:
        catalogue.unlabel(term.FACET, old_slug)
    catalogue.label(term.FACET, {term.slug: str(term)})
    catalogue.refresh_with(term.FACET, {term.slug, old_slug})
    if isinstance(term, Tool):
        # Also what does not name it, or did not while it was for staff.
        catalogue.refresh_with(TOOL_FACET, {term.key})
        catalogue.refresh(term.FACET, [term.pk])


@transaction.atomic
def term_deleted(*, term: Term | Tool) -> None:
    """Let filters and list rows forget a word that has been deleted."""
    catalogue.unlabel(term.FACET, term.slug)
    catalogue.refresh_with(term.FACET, {term.slug})
