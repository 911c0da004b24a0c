"""The form that items are written in, and the forms of all that can be written."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from core.forms import FreeText
from core.payloads import answer
from library.draft_base import (
    DATE,
    TOGETHER,
    DraftForm,
    Section,
    possible_year,
)
from library.models import Draft, Item
from library.questions import QUESTIONS
from library.tool_draft_forms import InstrumentDraftForm, MethodDraftForm
from people.models import Organisation


class ItemDraftForm(DraftForm):
    """An item."""

    HOW = tuple(f"how_known-{question.key}" for question in QUESTIONS)
    SECTIONS = (
        Section(
            "vad",
            "Vad är det?",
            (
                *("kind", "title", "authors", "corporate_authors", "publisher", "publisher_name"),
                *("year", "language", "url"),
            ),
        ),
        Section(
            "kort",
            "Kort och lätt",
            ("plain_summary", "key_messages", "so_what"),
            "Det som de flesta läser. Korta meningar och vanliga ord.",
        ),
        Section(
            "om",
            "Vad handlar det om, och för vem?",
            (
                *("knowledge_sources", "readers", "themes", "service_areas"),
                *("methods", "instruments"),
            ),
        ),
        Section(
            "hela",
            "Hela texten",
            ("full_text", "abstract"),
            "Om texten inte finns någon annanstans, till exempel en berättelse.",
            more=True,
        ),
        Section(
            "hur",
            "Hur kunskapen kom till",
            (*HOW, "limitations", "commissioned_by", "peer_review"),
            "De sju frågorna gäller projektrapporter, goda exempel och berättelser.",
            more=True,
        ),
        Section(
            "nummer",
            "Serie, nummer och licens",
            ("series", "number", "isbn", "issn", "doi", "urn", "licence"),
            more=True,
        ),
        Section("granskning", "Granskning och synlighet", ("review_due", "visibility")),
    )
    REQUIRED = frozenset({"kind", "title", *Item.REQUIRED, *Item.REQUIRED_TERMS})

    url = forms.URLField(
        label="Länk till fulltext",
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput({"inputmode": "url"}),
        error_messages={"invalid": "Skriv en adress, till exempel https://example.org/rapport."},
    )

    class Meta(DraftForm.Meta):
        model = Item
        fields = (
            *("kind", "title", "authors", "corporate_authors", "publisher", "publisher_name"),
            *("year", "language", "url", "plain_summary", "key_messages", "so_what"),
            *("knowledge_sources", "readers", "themes", "service_areas"),
            *("methods", "instruments", "full_text", "abstract", "limitations"),
            *("commissioned_by", "peer_review", "series", "number", "isbn", "issn", "doi", "urn"),
            *("licence", "review_due", "visibility"),
        )

    def add_fields(self) -> None:
        """The seven questions; organisations in alphabetical order."""
        for question in QUESTIONS:
            self.fields[f"how_known-{question.key}"] = FreeText(
                label=question.asks, help_text=question.help, max_length=2000, required=False
            )
        publisher = self.fields["publisher"]
        assert isinstance(publisher, forms.ModelChoiceField)  # noqa: S101
        publisher.queryset = Organisation.objects.alphabetical()
        for name, told in TOGETHER.items():
            self.fields[name].help_text = told
        self.fields["review_due"].help_text = f"När någon ska läsa posten igen. {DATE}"

    def clean_key_messages(self) -> str:
        """At most three, one on each line."""
        lines = [line.strip() for line in self.cleaned_data["key_messages"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > Item.MOST_KEY_MESSAGES:
            raise forms.ValidationError(
                f"Skriv högst tre saker, en på varje rad. Nu är det {len(lines)}.", code="many"
            )
        return "\n".join(lines)

    def clean_year(self) -> int | None:
        """A year that something can have been published in."""
        return possible_year(self.cleaned_data["year"])

    def clean(self) -> dict[str, Any]:
        """Who wrote and published it, and where it can be read. A story may be anonymous."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") not in {Item.Kind.STORY, Item.Kind.EXAMPLE}:
            self.require_one(
                ("authors", "corporate_authors"),
                "Skriv minst en författare, eller en organisation som författare.",
            )
            self.require_one(
                ("publisher", "publisher_name"), "Välj en utgivare, eller skriv vem det är."
            )
        if not self.has_file:
            self.require_one(
                ("url", "full_text"),
                "Skriv en länk, skriv hela texten eller ladda upp en fil.",
            )
        return cleaned


FORMS: dict[str, type[DraftForm]] = {
    Draft.Subject.ITEM: ItemDraftForm,
    Draft.Subject.METHOD: MethodDraftForm,
    Draft.Subject.INSTRUMENT: InstrumentDraftForm,
}


def names_of(subject: str, *, is_revision: bool) -> list[str]:
    """All form fields of a subject's page, in order."""
    names = [name for section in FORMS[subject].SECTIONS for name in section.names]
    first = {"stage", "stage_reason"} if subject == Draft.Subject.METHOD and is_revision else set()
    return [name for name in names if name not in first]


def sections_of(form: DraftForm) -> Iterator[tuple[Section, list[Any]]]:
    """Each section with its bound fields, those that have any."""
    for section in form.SECTIONS:
        fields = [form[name] for name in section.names if name in form.fields]
        if fields:
            yield section, fields


def is_written(payload: Mapping[str, list[str]], section: Section) -> bool:
    """Whether something is answered in a section."""
    return any(answer(payload, name) for name in section.names)
