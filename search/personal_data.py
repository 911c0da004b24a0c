"""What the search keeps that could be about somebody: words that found nothing."""

from django.db.models import QuerySet

from core.personal_data import PUBLIC_TASK, count_and_oldest
from core.register import Holding, Moment, Period, register
from search.models import MissedWord


def _not_asked_since(before: Moment) -> QuerySet[MissedWord]:
    return MissedWord.objects.filter(last_at__lt=before)


def _erase(before: Moment) -> int:
    count, _ = _not_asked_since(before).delete()
    return count


MISSED_WORDS = Holding(
    key="sokord",
    label="Sökord utan träff",
    whom="Den som söker på ett ord som inte hittar något. Vem det är sparas aldrig.",
    what="Ordet, hur många gånger det har sökts, och när första och senaste gången. Bara enstaka"
    " ord, aldrig hela frågan. Ett ord kan vara ett namn som någon skrev.",
    purpose="Att redaktörerna ska kunna lära sökningen ord som många använder.",
    ground=PUBLIC_TASK,
    seen_by=f"Redaktörer och administratörer, när ordet har sökts minst {MissedWord.SHOWN_AFTER}"
    " gånger.",
    period=Period(
        days=90,
        since="att ordet senast söktes",
        due=lambda before: _not_asked_since(before).count(),
        erase=_erase,
    ),
    fields={"search.MissedWord": ("word",)},
    left=lambda: count_and_oldest(MissedWord.objects.all(), "last_at"),
    order=60,
)

register(MISSED_WORDS)
