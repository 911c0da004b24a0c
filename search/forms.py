"""What curators type about words: lines and words in lower case, each with something in it."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.forms import careful_formfield, clean_text
from search import swedish
from search.models import CompoundOverride, ProtectedWord, Synonyms, lines

# A longer expression is hardly typed word by word as it stands here.
MOST_LETTERS = 60
MOST_WORDS = 5

_ONE_WORD = re.compile(r"[^\W_]{2,}")


def tidy(text: str) -> str:
    """A word or expression as it is looked up: in lower case, with one blank between words."""
    return " ".join(swedish.composed(text).casefold().split())


def tidy_lines(text: str) -> list[str]:
    """The lines of a text, tidy, each once."""
    return list(dict.fromkeys(map(tidy, lines(clean_text(text)))))


def refuse_typed(line: str) -> None:
    """Refuse a line that nobody could search for. Raises ValidationError with a sentence.

    An expression of small words alone, "mot min vilja", is looked for as a whole; one small word
    is not looked for at all.
    """
    if re.search("[,;]", line):
        raise ValidationError(f"”{line}”: skriv ett ord eller uttryck på varje rad, utan komma.")
    if len(line) > MOST_LETTERS or len(line.split()) > MOST_WORDS:
        raise ValidationError(
            f"”{line}” är för långt. En rad får ha högst {MOST_WORDS} ord och {MOST_LETTERS}"
            " bokstäver."
        )
    if not swedish.forms(line) and len(swedish.forms(line, every=True)) < 2:
        raise ValidationError(f"”{line}” säger för lite och hoppas över i sökningen. Ta bort det.")


def refuse_led_to(line: str) -> None:
    """Refuse a line that no text is found by. Raises ValidationError with a sentence."""
    refuse_typed(line)
    if not swedish.forms(line):
        raise ValidationError(
            f"”{line}” hittar inget: det är bara småord, som sökningen hoppar över. Lägg till ett"
            " ord som säger vad det handlar om."
        )


def refuse_not_one_word(word: str) -> None:
    """Refuse what is not one word. Raises ValidationError with a sentence."""
    if not _ONE_WORD.fullmatch(word):
        raise ValidationError(
            f"”{word}” är inte ett ord. Skriv ett enda ord, utan mellanslag och bindestreck."
        )
    if len(word) > MOST_LETTERS:
        raise ValidationError(f"”{word}” är för långt. Ett ord får ha högst {MOST_LETTERS} tecken.")


def _all(values: list[str], refuse: Callable[[str], None]) -> list[str]:
    """The values, or one ValidationError with what is wrong with each."""
    wrong = []
    for value in values:
        try:
            refuse(value)
        except ValidationError as problem:
            wrong.append(problem)
    if wrong:
        raise ValidationError(wrong)
    return values


class SynonymsForm(forms.ModelForm):
    """Words that mean the same, or lead to others."""

    class Meta:
        model = Synonyms
        fields = ["words", "leads_to"]
        formfield_callback = careful_formfield

    def clean_words(self) -> str:
        """A word or expression on each line."""
        return "\n".join(_all(tidy_lines(self.cleaned_data["words"]), refuse_typed))

    def clean_leads_to(self) -> str:
        """The same, and each finds something by itself."""
        return "\n".join(_all(tidy_lines(self.cleaned_data["leads_to"]), refuse_led_to))

    def clean(self) -> dict[str, Any]:
        """One word alone leads nowhere, and no word leads to itself."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        words, leads_to = lines(cleaned["words"]), lines(cleaned["leads_to"])
        if len(words) < 2 and not leads_to:
            self.add_error(
                "words", "Skriv minst två ord som betyder samma sak, eller vad ordet leder till."
            )
        if both := [word for word in words if word in leads_to]:
            told = ", ".join(both)
            self.add_error("leads_to", f"Står på båda ställena: {told}. Ta bort det ur det ena.")
        return cleaned


class ProtectedWordForm(forms.ModelForm):
    """A word that stays itself, with its forms."""

    class Meta:
        model = ProtectedWord
        fields = ["word", "forms"]
        formfield_callback = careful_formfield

    def clean_word(self) -> str:
        """One word."""
        return _all([tidy(self.cleaned_data["word"])], refuse_not_one_word)[0]

    def clean_forms(self) -> str:
        """One word on each line."""
        return "\n".join(_all(tidy_lines(self.cleaned_data["forms"]), refuse_not_one_word))


class CompoundOverrideForm(forms.ModelForm):
    """A compound and its parts."""

    class Meta:
        model = CompoundOverride
        fields = ["word", "parts"]
        formfield_callback = careful_formfield

    def clean_word(self) -> str:
        """One word."""
        return _all([tidy(self.cleaned_data["word"])], refuse_not_one_word)[0]

    def clean_parts(self) -> str:
        """Words with blanks between, or nothing."""
        return " ".join(_all(tidy(self.cleaned_data["parts"]).split(), refuse_not_one_word))
