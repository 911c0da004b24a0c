"""Who may do what in the library, beyond what the matrix of roles says by itself."""

from library.models import ReadingList
from library.models.reading_lists import ReadingListQuerySet
from people import roles
from people.models import User


def lists_of(user: User) -> ReadingListQuerySet:
    """One's own reading lists, which nobody else changes; none for who may have none."""
    if not roles.may(user, roles.KEEP_READING_LISTS):
        return ReadingList.objects.none()
    return ReadingList.objects.filter(owner=user)
