"""How forms are written, and the field that takes in a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.forms.renderers import TemplatesSetting

from core import uploads
from core.uploads.kinds import extensions, megabytes
from core.uploads.names import clean_name


class Renderer(TemplatesSetting):
    """`{{ field.as_field_group }}` is templates/_parts/field.html."""

    field_template_name = "_parts/field.html"


class UploadField(forms.FileField):
    """A file that has been examined, under its cleaned name.

    Every refusal is said at the field. The browser forgets a chosen file when a form comes back;
    all else that was typed is the form's as usual.
    """

    default_error_messages = {
        "required": "Välj en fil.",
        "invalid": "Filen kom inte fram. Välj den igen och försök igen.",
        "missing": "Filen kom inte fram. Välj den igen och försök igen.",
        "contradiction": "Välj antingen en ny fil eller att ta bort den som finns, inte båda.",
    }

    def __init__(self, *, kinds: tuple[uploads.Kind, ...] = uploads.KINDS, **kwargs: Any) -> None:
        self.kinds = kinds
        kwargs["max_length"] = None  # of the name: core.uploads says it in better words
        kwargs["allow_empty_file"] = True  # as does it of an empty one
        kwargs["help_text"] = kwargs.get("help_text") or told(kinds)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """With what the browser's window for choosing shows first."""
        accept = ",".join(extensions(self.kinds))
        return {**super().widget_attrs(widget), "accept": accept}

    def to_python(self, data: File | None) -> File | None:
        """The examined file; ValidationError with a sentence for one that is refused."""
        file = super().to_python(data)
        if file is None:
            return None
        try:
            uploads.examine(file, self.kinds)
        except uploads.Refused as problem:
            raise ValidationError(problem.sentence, code=problem.code) from problem
        file.name = clean_name(file.name or "")
        return file


def told(kinds: tuple[uploads.Kind, ...]) -> str:
    """What may be sent, in a line: the extensions by their largest size."""
    by_size: dict[int, list[uploads.Kind]] = {}
    for kind in kinds:
        by_size.setdefault(kind.max_bytes, []).append(kind)
    lines = [
        f"{', '.join(extension[1:] for extension in extensions(tuple(alike)))} (högst"
        f" {megabytes(size)})"
        for size, alike in by_size.items()
    ]
    return f"Filer av de här slagen: {'; '.join(lines)}."
