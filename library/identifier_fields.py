"""Fields of forms and models that hold an ISBN, ISSN, DOI or URN:NBN in the form it is kept in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from library import identifiers


class IdentifierFormField(forms.CharField):
    """Takes it as it is typed or pasted, and says plainly what is wrong with it."""

    def __init__(self, *, kept: Callable[[str], str], **kwargs: Any) -> None:
        # Of the typed text, with dashes and an address around it; what is kept is shorter.
        kwargs["max_length"] = None
        super().__init__(**kwargs)
        self.kept = kept

    def to_python(self, value: Any) -> str:
        """As it is kept; ValidationError with a sentence."""
        text = super().to_python(value)
        if not text:
            return ""
        try:
            return self.kept(text)
        except identifiers.NotThat as problem:
            raise ValidationError(str(problem), code="invalid") from None


class IdentifierField(models.CharField):
    """A text whose form field checks it. To migrations it is a CharField."""

    @staticmethod
    def kept(text: str) -> str:
        """As it is kept; raises identifiers.NotThat."""
        raise NotImplementedError

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """As the plain field that the database knows."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        """The form field that checks."""
        return super().formfield(**{"form_class": IdentifierFormField, "kept": self.kept, **kwargs})


class IsbnField(IdentifierField):
    """Thirteen digits."""

    kept = staticmethod(identifiers.isbn)


class IssnField(IdentifierField):
    """1234-567X."""

    kept = staticmethod(identifiers.issn)


class DoiField(IdentifierField):
    """From 10 on, in lower case."""

    kept = staticmethod(identifiers.doi)


class UrnField(IdentifierField):
    """From urn:nbn: on."""

    kept = staticmethod(identifiers.urn)
