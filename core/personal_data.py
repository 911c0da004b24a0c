"""What the ground keeps about people: mail, tasks, counts of visits, the history."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import Min, Q, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import mail
from core.models import AuditEntry, Mail
from core.register import Facts, Holding, Moment, Period, Person, register

PUBLIC_TASK = "Uppgift av allmänt intresse (artikel 6.1 e i dataskyddsförordningen)"
LEGAL_DUTY = "Rättslig förpliktelse (artikel 6.1 c): offentlighets- och arkivlagstiftningen"


def count_and_oldest(rows: QuerySet[Any], moment: str) -> tuple[int, Moment | None]:
    """How many rows there are, and the earliest of that field."""
    return rows.count(), rows.aggregate(oldest=Min(moment))["oldest"]


# --- Mail -----------------------------------------------------------------------------------------


def _mail_of(person: Person) -> Iterable[Facts]:
    for each in mail.kept_for(person.email).order_by("pk"):
        yield {
            "Ämne": each.subject,
            "Skrivet": each.written_at,
            "Läge": each.get_state_display(),
            "Text": each.text,
        }


def _mail_left() -> tuple[int, Moment | None]:
    return count_and_oldest(Mail.objects.filter(erased_at=None), "written_at")


MAIL = Holding(
    key="mejl",
    label="Mejl från KSI",
    whom="Den som KSI har skickat mejl till.",
    what="Din e-postadress, mejlets ämne och text, när det skickades och om det kom fram.",
    purpose="Att mejlet ska komma fram en gång, och att någon ska kunna se efter om det inte gjorde"
    " det. Inloggningskoder sparas aldrig.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer och administratörer ser adressen och ämnet, men inte texten.",
    period=Period(days=90, since="att mejlet skrevs", due=mail.count_old, erase=mail.erase_old),
    fields={"core.Mail": ("to", "reply_to", "subject", "text", "html", "unsubscribe", "trouble")},
    left=_mail_left,
    of_person=_mail_of,
    erase_person=lambda person: mail.erase_all(person.email),
    at_request="Mejl som är skickade till dig",
    order=40,
)


# --- Background tasks -----------------------------------------------------------------------------


def _ended_tasks(before: Moment) -> QuerySet[Any]:
    return DBTaskResult.objects.filter(finished_at__lt=before)


def _erase_tasks(before: Moment) -> int:
    count, _ = _ended_tasks(before).delete()
    return count


TASKS = Holding(
    key="bakgrundsuppgifter",
    label="Arbete i bakgrunden",
    whom="Den som har satt i gång något som tar tid, till exempel en stor fil.",
    what="Löpnummer på det som arbetet gäller, eller urvalet i en stor fil med de sökord som någon"
    " skrev. Går något fel sparas felmeddelandet, som i undantag"
    " kan upprepa något som någon skrev.",
    purpose="Att arbetet ska bli gjort också om en dator stannar, och att fel ska kunna rättas.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer och administratörer.",
    period=Period(
        days=90,
        since="att arbetet blev klart",
        due=lambda before: _ended_tasks(before).count(),
        erase=_erase_tasks,
    ),
    fields={"django_tasks_database.DBTaskResult": ("args_kwargs", "traceback", "return_value")},
    left=lambda: count_and_oldest(DBTaskResult.objects.exclude(finished_at=None), "finished_at"),
    order=80,
)


# --- Counts in the cache --------------------------------------------------------------------------


def _on_expired_counts(statement: str, before: Moment) -> int:
    """Count or delete what the database cache holds past its time; Redis forgets by itself."""
    table = getattr(caches["default"], "_table", "")
    if not table:
        return 0
    moment = connection.ops.adapt_datetimefield_value(before.replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} FROM {connection.ops.quote_name(table)} WHERE expires < %s", [moment]
        )
        return cursor.fetchone()[0] if statement.startswith("SELECT") else cursor.rowcount


def _expired_counts(before: Moment) -> int:
    return _on_expired_counts("SELECT COUNT(*)", before)


def _all_counts() -> tuple[int, None]:
    return _expired_counts(timezone.now() + datetime.timedelta(days=365)), None


COUNTS = Holding(
    key="rakning",
    label="Räkning av besök",
    whom="Den som hämtar filer, loggar in eller skickar formulär.",
    what="Hur många gånger det gjordes från samma nätadress den senaste stunden.",
    purpose="Att ingen ska kunna överbelasta KSI eller gissa sig till en kod.",
    ground=PUBLIC_TASK,
    seen_by="Ingen.",
    period=Period(
        days=0,
        since="att stunden är slut, som längst en kvart",
        due=_expired_counts,
        erase=lambda before: _on_expired_counts("DELETE", before),
    ),
    left=_all_counts,
    order=90,
)


# --- The history ----------------------------------------------------------------------------------


def _history_of(person: Person) -> Iterable[Facts]:
    if not person.user:
        return
    own = Q(app_model=person.user._meta.label_lower, object_id=str(person.user.pk))
    lines = AuditEntry.objects.filter(Q(by=person.user) | own).order_by("pk")
    for entry in lines.only("verb", "object_label", "at").iterator(1000):
        yield {"Händelse": entry.verb, "Gällde": entry.object_label, "När": entry.at}


HISTORY = Holding(
    key="historik",
    label="Historik",
    whom="Den som har ett konto.",
    what="Vilket konto som gjorde vad, och när, och vad andra har ändrat för kontot. Varken namn"
    " eller e-postadress.",
    purpose="Att det ska gå att se hur innehållet blev som det är. Innehållet är allmän handling.",
    ground=LEGAL_DUTY,
    seen_by="Redaktörer, registratorer och administratörer. Den kan lämnas ut som allmän handling.",
    kept="Bevaras. När ett konto raderas står händelsen kvar utan konto.",
    left=lambda: count_and_oldest(AuditEntry.objects.exclude(by=None), "at"),
    of_person=_history_of,
    order=70,
)

register(MAIL, TASKS, COUNTS, HISTORY)
