"""What a reader asks of knowledge from practice and experience: how it came about.

The seven questions are made after the framework TAPUPAS (transparency, accuracy, purposivity,
utility, propriety, accessibility, specificity) in R. Pawson, A. Boaz, L. Grayson, A. Long and
C. Barnes, Types and Quality of Knowledge in Social Care, Knowledge Review 3, SCIE 2003. The answers
are kept in `Item.how_known`, by key.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from library.models import Item


@dataclass(frozen=True)
class Question:
    """One question: its key in `how_known`, as it is asked, and what helps to answer it."""

    key: str
    asks: str
    help: str


QUESTIONS = (
    Question(
        "oppenhet",
        "Hur gick det till?",
        "Berätta hur ni arbetade och hur ni samlade in det ni vet, så att andra kan följa det.",
    ),
    Question(
        "noggrannhet",
        "Vad bygger det på?",
        "Till exempel egna anteckningar, samtal, mätningar eller vad deltagarna har sagt.",
    ),
    Question(
        "syfte",
        "Varför gjordes det?",
        "Vad ville ni veta eller ändra, och passade sättet att arbeta för det?",
    ),
    Question(
        "nytta",
        "Vem kan ha nytta av det?",
        "Vad kan någon annan göra bättre med det här?",
    ),
    Question(
        "etik",
        "Hur togs det hänsyn till dem som var med?",
        "Till exempel samtycke, rätten att sluta och vem som har läst texten. Nämn ingen person.",
    ),
    Question(
        "begriplighet",
        "Går det att förstå för den som berörs?",
        "Finns det på lätt svenska, i bild eller inläst? Vem har provat att läsa det?",
    ),
    Question(
        "sammanhang",
        "Var gäller det?",
        "Vilken verksamhet, vilka personer och vilken tid det handlar om, och vad som är annorlunda"
        " på andra håll.",
    ),
)


def answered(item: Item) -> Iterator[tuple[Question, str]]:
    """Each question with the item's answer; "" where there is none."""
    for question in QUESTIONS:
        yield question, str(item.how_known.get(question.key) or "").strip()
