"""What the forms of the library's drafts have in common; answers are kept as typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.datastructures import MultiValueDict

from core.draft_fields import Several, plainly
from core.forms import SwedishWhole, careful_formfield

BOXES = (
    *("knowledge_sources", "themes", "service_areas", "readers", "methods", "instruments"),
    "similar",
)
RADIOS = ("kind", "visibility", "stage", "tried_in_sweden", "psychometrics", "peer_review")
# Written so that everybody understands; their readability is shown beside them.
PLAIN = frozenset({"plain_summary", "key_messages", "so_what"})
SHORT = frozenset({"authors", "corporate_authors", "key_messages", "time"})
# Names of published authors are meant here.
NAMES_ARE_MEANT = frozenset({"authors", "corporate_authors"})
DATE = "Skriv datumet som år, månad och dag, till exempel 2027-05-31."
# Of these one at least is needed.
TOGETHER = {
    "corporate_authors": "En på varje rad. Minst en författare eller organisation behövs.",
    "publisher": "Välj här, eller skriv i nästa fält.",
    "url": "Behövs om hela texten inte står här eller i en fil.",
}
YEAR = "Skriv året med fyra siffror, till exempel 2024."
FIRST_YEAR, LAST_YEAR = 1500, 2100


@dataclass(frozen=True)
class Section:
    """Some fields of the page, under a heading."""

    key: str
    label: str
    names: tuple[str, ...]
    help: str = ""
    more: bool = False  # stands folded until something is written there


class DraftForm(forms.ModelForm):
    """What the three have in common. `lacked`: a revision may lack what is lacking already."""

    SECTIONS: ClassVar[tuple[Section, ...]]
    REQUIRED: ClassVar[frozenset[str]]
    # Fields that are one answer together: joined, disputed and told as one.
    GROUPS: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    class Meta:
        widgets = {
            **dict.fromkeys(BOXES, forms.CheckboxSelectMultiple),
            **dict.fromkeys(RADIOS, forms.RadioSelect),
        }
        field_classes = {**dict.fromkeys(BOXES, Several), "year": SwedishWhole}
        formfield_callback = careful_formfield

    def __init__(
        self,
        payload: Mapping[str, list[str]],
        *,
        of: Model | None = None,
        lacked: Iterable[str] = (),
        has_file: bool = False,
        instance: Any = None,
    ) -> None:
        super().__init__(
            MultiValueDict(dict(payload)), instance=instance, use_required_attribute=False
        )
        self.of, self.lacked, self.has_file = of, frozenset(lacked), has_file
        self.add_fields()
        for name, field in self.fields.items():
            field.required = name in self.REQUIRED and name not in self.lacked
            field.error_messages["required"] = "Det här saknas."
            plainly(field, short=name in SHORT)
            if name == "year":
                field.error_messages["invalid"] = YEAR
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = DATE
                field.help_text = field.help_text or DATE
        for name in NAMES_ARE_MEANT & set(self.fields):
            told = self._meta.model._meta.get_field(name).help_text
            self.fields[name].help_text = TOGETHER.get(name, told)

    def add_fields(self) -> None:
        """Fields that are none of the model's own."""

    def validate_unique(self) -> None:
        """Names are compared in `clean_name`, which knows what is revised."""

    def require_one(self, names: tuple[str, ...], message: str) -> None:
        """Ask for one of several at the first of them."""
        if any(self.cleaned_data.get(name) or name in self.errors for name in names):
            return
        if not self.lacked.issuperset(names):
            self.add_error(names[0], forms.ValidationError(message, code="missing"))

    def require_whole(self, names: tuple[str, ...], messages: Mapping[str, str]) -> None:
        """Ask, at its field, for what is missing of something that is told whole or not at all."""
        if not any(self.cleaned_data.get(name) for name in names):
            return
        for name in names:
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, forms.ValidationError(messages[name], code="incomplete"))


def possible_year(year: int | None) -> int | None:
    """A year in which something can have been published; ValidationError for another."""
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        told = f"Året måste ligga mellan {FIRST_YEAR} och {LAST_YEAR}."
        raise forms.ValidationError(told, code="range")
    return year
