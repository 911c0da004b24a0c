"""What is said at the fields of a draft."""

from django.utils.html import format_html

from inventory.questions import Question

SHORT = frozenset({"plain_summary", "funding", "setting", "dose", "user_involvement_text"})


def told(question: Question) -> str:
    """What helps to answer: a line, and an example."""
    if not question.example:
        return question.help
    return format_html(
        '{}{}<span class="example">Exempel: {}</span>',
        question.help,
        " " if question.help else "",
        question.example,
    )
