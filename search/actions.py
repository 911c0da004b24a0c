"""What the search remembers of what was asked for."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.text import fold
from search.models import MissedWord


@transaction.atomic
def note_missed(words: Iterable[str]) -> None:
    """Count each word once more among those that found nothing; who asked is not kept."""
    for word in sorted({fold(word)[:60] for word in words}):
        seen = MissedWord.objects.filter(word=word)
        if not seen.update(times=F("times") + 1, last_at=timezone.now()):
            MissedWord.objects.get_or_create(word=word)
