"""Messages to functions."""

from django.db import transaction

from core.models import AuditEntry
from inventory import emails
from inventory.models import Message, Project


@transaction.atomic
def receive_message(*, project: Project, text: str, email: str, name: str, key: str) -> Message:
    """Take a visitor's message to the project's function; the same key again gives the same one.

    Side effects: history, without what was written or by whom; a mail to the function.
    """
    relay = emails.relay_of(project)
    message, new = Message.objects.get_or_create(
        key=key,
        defaults={
            "project": project,
            "text": text,
            "email": email,
            "name": name,
            "sent_to_function": relay.function,
        },
    )
    if new:
        message.mail = emails.message_relayed(message, relay)
        message.save(update_fields=["mail"])
        # Nor by which account: who reads the history is not who reads messages.
        AuditEntry.record("meddelande mottaget", message, by=None)
    return message
