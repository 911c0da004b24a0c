"""What is being written in the library."""

from django.db import transaction
from django.db.models import Model

from core.models import AuditEntry
from core.payloads import Payload
from library.models import Draft, Instrument, Item, Method
from people.models import User

FIELDS: dict[type[Model], str] = {Item: "item", Method: "method", Instrument: "instrument"}


@transaction.atomic
def begin_draft(
    *,
    subject: str,
    payload: Payload,
    key: str,
    by: User | None,
    of: Item | Method | Instrument | None = None,
) -> Draft:
    """Begin to write something new, or the revision of something published; writes history.

    The same key answers the same draft; something published has one revision at a time, which is
    answered if there is one.
    """
    if of is not None:
        open_one = Draft.objects.open().filter(**{FIELDS[type(of)]: of}).first()
        if open_one:
            return open_one
    made, new = Draft.objects.get_or_create(
        key=key,
        defaults={
            "subject": subject,
            "payload": payload,
            "base": payload if of is not None else {},
            "created_by": by,
            "changed_by": by,
            **({FIELDS[type(of)]: of} if of is not None else {}),
        },
    )
    if new:
        AuditEntry.record("påbörjad", made, by=by, to_state=str(made.get_state_display()))
    return made
