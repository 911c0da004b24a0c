"""Changes to vocabularies and methods: lists and filters follow."""

from django.db import transaction

from library.models import Instrument, Method, Source, Term
from search import catalogue

# Not filtered by: it finds what was written from a source, when the source is corrected.
SOURCE_FACET = "kalla"


@transaction.atomic
def source_changed(*, source: Source, old_slug: str = "") -> None:
    """Let pages that name the source follow."""
    catalogue.refresh_with(SOURCE_FACET, {source.slug, old_slug})


@transaction.atomic
def term_changed(*, term: Term | Method | Instrument, old_slug: str = "") -> None:
    """Let filters and list rows follow a new or changed word."""
    if old_slug:
        catalogue.unlabel(term.FACET, old_slug)
    catalogue.label(term.FACET, {term.slug: str(term)})
    catalogue.refresh_with(term.FACET, {term.slug, old_slug})
    if isinstance(term, (Method, Instrument)):
        catalogue.refresh(term.FACET, [term.pk])


@transaction.atomic
def term_deleted(*, term: Term | Method | Instrument) -> None:
    """Let filters and list rows forget a word that has been deleted."""
    catalogue.unlabel(term.FACET, term.slug)
    catalogue.refresh_with(term.FACET, {term.slug})
