"""How hard a Swedish text is to read: LIX (C.-H. Björnsson, Läsbarhet, 1968) and sentence length.

LIX is the mean number of words in a sentence plus the share of words, in percent, with more than
six letters. It measures the surface alone: a text with a low figure can be hard all the same.
"""

import re
from dataclasses import dataclass

from core.text import plain

LONG_WORD = 6  # letters; those with more are long
FEWEST_WORDS = 8  # below that the figure says nothing
LONG_SENTENCE = 20  # words
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,:]\d+)*")
# A sentence ends with its sign before a space or the end, a line of a list with the line.
_END = re.compile(r"[.!?:]+(?=[\s\"”’)]|$)|\n+")
# Up to this figure, and what is said of it.
SCALE = (
    (30, "mycket lätt att läsa"),
    (40, "lätt att läsa"),
    (50, "ganska svår, som en tidningstext"),
    (60, "svår, som text från myndigheter"),
)


@dataclass(frozen=True)
class Readability:
    """What was counted in a text."""

    words: int
    sentences: int
    long_words: int

    @property
    def lix(self) -> int:
        """The figure, rounded."""
        return round(self.words / self.sentences + 100 * self.long_words / self.words)

    @property
    def sentence_length(self) -> int:
        """Words in a sentence, in the mean, rounded."""
        return round(self.words / self.sentences)

    @property
    def judgement(self) -> str:
        """The figure in words."""
        return next((told for most, told in SCALE if self.lix < most), "mycket svår att läsa")

    @property
    def is_easy(self) -> bool:
        """Whether it will do for plain Swedish."""
        return self.lix < 40 and self.sentence_length <= LONG_SENTENCE


def readability(text: str) -> Readability | None:
    """What can be said of a text, Markdown or not; None for one that is too short."""
    parts = [part for line in text.splitlines() if line.strip() for part in _END.split(plain(line))]
    found = [words for part in parts if part and (words := _WORD.findall(part))]
    every = [word for words in found for word in words]
    if len(every) < FEWEST_WORDS:
        return None
    return Readability(
        words=len(every),
        sentences=len(found),
        long_words=sum(len(word) > LONG_WORD for word in every),
    )
