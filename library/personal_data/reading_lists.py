"""Who keeps reading lists."""

from collections.abc import Iterable

from django.db.models import QuerySet

from core.personal_data import PUBLIC_TASK, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register
from library.models import ReadingList


def _lists_of(person: Person) -> Iterable[Facts]:
    if person.user:
        for each in ReadingList.objects.filter(owner=person.user).order_by("pk"):
            yield {
                "Läslista": each.title,
                "Om listan": each.description,
                "Antal": each.entries.count(),
                "Påbörjad": each.created_at,
            }


def _erase_lists(person: Person) -> int:
    # What everybody reads stays, without whose it was.
    own = ReadingList.objects.filter(owner=person.user, published_at=None)
    count = own.count()
    own.delete()
    return count


# Whose account is erased owns nothing any longer; what she alone read goes the night after.
def _orphans(before: Moment) -> QuerySet[ReadingList]:
    return ReadingList.objects.filter(owner=None, published_at=None, created_at__lt=before)


def _erase_orphans(before: Moment) -> int:
    orphans = _orphans(before)
    count = orphans.count()
    orphans.delete()
    return count


READING_LISTS = Holding(
    key="laslistor",
    label="Läslistor",
    whom="Personal som sparar det de vill läsa i egna listor.",
    what="Listans namn, vad du skrev om den, vad som ligger i den, och att den är din. Den finns"
    " tills du tar bort den; en lista som är publicerad blir kvar utan ägare.",
    purpose="Att du ska hitta tillbaka till det du har valt, och kunna dela det med andra.",
    ground=PUBLIC_TASK,
    seen_by="Du själv, och den som du ger länken. En lista som en redaktör har publicerat läses av"
    " alla, utan ditt namn.",
    period=Period(
        days=1,
        since="att ägarens konto har raderats",
        due=lambda before: _orphans(before).count(),
        erase=_erase_orphans,
    ),
    fields={"library.ReadingList": ("title", "description")},
    left=lambda: count_and_oldest(ReadingList.objects.exclude(owner=None), "created_at"),
    of_person=_lists_of,
    erase_person=_erase_lists,
    at_request="Läslistor som bara du och de du har gett länken läser",
    order=60,
)

register(READING_LISTS)
