"""Who writes drafts, and what was written and thrown away."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from core.personal_data import PUBLIC_TASK, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register
from core.stored import let_go
from library.models import Draft, ItemFile, StageMove


def _named() -> QuerySet[Draft]:
    return Draft.objects.filter(Q(created_by__isnull=False) | Q(changed_by__isnull=False))


def _old_named(before: Moment) -> QuerySet[Draft]:
    # Who works on something now is not forgotten, however long it takes.
    return _named().filter(changed_at__lt=before).exclude(state=Draft.State.WRITING)


def _forget_writers(before: Moment) -> int:
    return _old_named(before).order_by().update(created_by=None, changed_by=None)


def _written_by(person: Person) -> Iterable[Facts]:
    if not person.user:
        return
    wrote = Draft.objects.filter(Q(created_by=person.user) | Q(changed_by=person.user))
    for draft in wrote.order_by("pk"):
        yield {"Vad": f"Skrev i {draft.audit_label}", "När": draft.changed_at}
    for move in StageMove.objects.filter(moved_by=person.user).select_related("method"):
        yield {"Vad": f"Flyttade {move}", "När": move.date}


WRITERS = Holding(
    key="bibliotekets-utkast",
    label="Vem som har skrivit i biblioteket",
    whom="Redaktörer och forskningsrådet.",
    what="Vem som började på ett utkast och ändrade det senast, och vem som flyttade en metod i"
    " metodverkstaden, och när.",
    purpose="Att de som skriver tillsammans ska se vem som ändrade.",
    ground=PUBLIC_TASK,
    seen_by="De som skriver i biblioteket.",
    period=Period(
        days=730,
        since="att utkastet publicerades eller kastades",
        due=lambda before: _old_named(before).count(),
        erase=_forget_writers,
    ),
    left=lambda: count_and_oldest(_named(), "changed_at"),
    of_person=_written_by,
    goes_with_account=True,
    order=53,
)


def _discarded() -> QuerySet[Draft]:
    return Draft.objects.filter(state=Draft.State.DISCARDED)


def _erase_discarded(before: Moment) -> int:
    old = _discarded().filter(changed_at__lt=before)
    for file in ItemFile.objects.filter(draft__in=old, item=None):
        for stored in (file.file, file.picture):
            let_go(stored)
    count = old.count()
    old.order_by().delete()
    return count


DISCARDED = Holding(
    key="kastade-utkast",
    label="Kastade utkast i biblioteket",
    whom="Den som ett utkast handlar om eller har berättat i det.",
    what="Det som stod i utkastet, och dess filer.",
    purpose="Att den som råkar kasta fel utkast ska kunna få hjälp.",
    ground=PUBLIC_TASK,
    seen_by="Ingen på portalen, utom den som skrev när utkastet kastades. Den som sköter databasen"
    " kan hämta tillbaka det.",
    period=Period(
        days=90,
        since="att utkastet kastades",
        due=lambda before: _discarded().filter(changed_at__lt=before).count(),
        erase=_erase_discarded,
    ),
    fields={"library.Draft": ("payload", "base")},
    left=lambda: count_and_oldest(_discarded(), "changed_at"),
    order=54,
)

register(WRITERS, DISCARDED)
