"""Reports of non-delivery (RFC 3464) as other mail servers send them back."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from typing import cast

LARGEST = 1_000_000  # bytes that are read; what counts stands at the beginning


@dataclass(frozen=True)
class Bounce:
    """A message that another server gave up."""

    message_id: str
    reason: str


def read(data: bytes) -> Bounce | None:
    """What the report tells, or None when it is no report of a message that was given up."""
    try:
        return _read(message_from_bytes(data[:LARGEST], policy=policy.default))
    except (ValueError, LookupError, AttributeError, TypeError):
        return None  # the standard library's reader on what is no mail


def _read(report: Message) -> Bounce | None:
    if report.get_content_type() != "multipart/report":
        return None
    reason = message_id = ""
    for part in report.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            reason = reason or _reason(part)
        elif kind == "message/rfc822" and part is not report:
            inner = part.get_payload()
            if isinstance(inner, list) and inner:
                message_id = message_id or _id(cast(Message, inner[0]))
        elif kind == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            if isinstance(headers, bytes):
                message_id = message_id or _id(message_from_bytes(headers))
    return Bounce(message_id, reason) if reason and message_id else None


def _id(message: Message) -> str:
    return str(message.get("Message-ID", "")).strip().strip("<>")


def _reason(part: Message) -> str:
    """Why, of the first recipient that was given up; "" when it was only delayed or went on."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        fields = cast(Message, block)
        if str(fields.get("Action", "")).strip().lower() != "failed":
            continue
        told = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
        status = str(fields.get("Status", "")).strip()
        words = " ".join(f"{status} {told}".split())
        return words or "Inget skäl angavs."
    return ""
