"""Good examples and stories: offered, asked about, accepted, declined, taken back."""

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from core.payloads import Payload
from library import emails
from library.actions.drafts import begin_draft
from library.actions.files import forget_stored
from library.actions.items import take_back
from library.actions.received import AlreadyDecided, move
from library.models import Draft, Item, StoryOffer, StoryQuestion, Theme
from library.models.stories import digest
from people.models import User

State = StoryOffer.State


@transaction.atomic
def offer_story(
    *,
    kind: str,
    text: str,
    key: str,
    title: str = "",
    learning: str = "",
    signature: str = "",
    theme: Theme | None = None,
    email: str = "",
) -> StoryOffer:
    """Take a story whose teller agrees to its publication; the same key gives the same one.

    Side effects: history, without what was written; a letter with the secret link, where there is
    an address. By which account is kept nowhere.
    """
    secret = StoryOffer(key=key).token
    offer, new = StoryOffer.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "title": title,
            "text": text,
            "learning": learning,
            "signature": signature,
            "theme": theme,
            "email": email,
            "token_hash": digest(secret),
        },
    )
    if new:
        AuditEntry.record("mottagen", offer, by=None, to_state=offer.state)
        emails.story_received(offer)
    return offer


@transaction.atomic
def ask_teller(*, offer: StoryOffer, text: str, key: str, by: User) -> StoryQuestion:
    """Ask the teller something; the same key again gives the same question.

    Side effects: history, without the question; a letter, where there is an address. Raises
    AlreadyDecided when the story is declined or taken back.
    """
    offer = locked(offer)
    if offer.state not in {State.WAITING, State.ACCEPTED}:
        raise AlreadyDecided(str(offer))
    question, new = StoryQuestion.objects.get_or_create(
        key=key, defaults={"offer": offer, "text": text, "asked_by": by}
    )
    if new:
        AuditEntry.record("fråga ställd", offer, by=by)
        emails.story_asked_about(offer)
    return question


@transaction.atomic
def answer_question(*, question: StoryQuestion, text: str) -> bool:
    """Take the teller's answer; returns whether it was the first. Writes history without it."""
    offer = locked(question.offer)
    if offer.is_taken_back or offer.erased_at:
        return False
    unanswered = StoryQuestion.objects.filter(pk=question.pk, answered_at=None)
    if not unanswered.update(answer=text, answered_at=timezone.now()):
        return False
    AuditEntry.record("fråga besvarad", offer, by=None)
    return True


def locked(offer: StoryOffer) -> StoryOffer:
    """The offer as it stands, kept so until the transaction ends."""
    return (
        StoryOffer.objects.select_for_update(of=("self",)).select_related("draft").get(pk=offer.pk)
    )


def payload_of(offer: StoryOffer) -> Payload:
    """What a draft of the story begins with, by the names of an item's fields."""
    typed = {
        "kind": offer.kind,
        "title": offer.title,
        "full_text": offer.text,
        "so_what": offer.learning,
        "authors": offer.signature,
        "year": str(timezone.localdate(offer.received_at).year),
        "language": Item.Language.SWEDISH.value,
        "themes": str(offer.theme_id or ""),
    }
    return {name: [value] for name, value in typed.items() if value}


def _empty(draft: Draft) -> None:
    """Erase what a draft that is not published holds, with its files."""
    for file in draft.files.all():
        forget_stored(file)
        file.delete()
    Draft.objects.filter(pk=draft.pk).update(payload={}, base={})


@transaction.atomic
def accept_story(*, offer: StoryOffer, by: User) -> Draft:
    """Begin a draft of the story. Writes history.

    Raises AlreadyDecided when it is decided, unless its draft was thrown away: then another begins,
    and the one that was thrown away is emptied, so that one draft at most has the teller's words.
    """
    offer = locked(offer)
    if not offer.is_waiting:
        raise AlreadyDecided(str(offer))
    if offer.draft:
        _empty(offer.draft)
    draft = begin_draft(
        subject=Draft.Subject.ITEM,
        payload=payload_of(offer),
        key=f"berattelse-{offer.pk}-{offer.draft_id or 0}",
        by=by,
    )
    move(offer, State.ACCEPTED, by=by, draft=draft)
    return draft


@transaction.atomic
def decline_story(*, offer: StoryOffer, reason: str, by: User) -> None:
    """Say that the story is not published, and why.

    Side effects: history, without why; a letter with why, where there is an address. Raises
    AlreadyDecided, and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("A story is declined for a reason.")
    offer = locked(offer)
    if not offer.is_waiting:
        raise AlreadyDecided(str(offer))
    move(offer, State.DECLINED, by=by, reason=reason)
    emails.story_declined(offer)


@transaction.atomic
def take_back_story(*, offer: StoryOffer) -> None:
    """Erase the story because its teller wants it, wherever it has come. Once more does nothing.

    Side effects: words, address, questions and the draft's answers and files are erased at once;
    what was published is taken back (library.actions.take_back); history tells that it happened.
    """
    offer = locked(offer)
    if offer.is_taken_back:
        return
    before = offer.state
    if offer.draft_id:
        # Whoever publishes it comes wholly before or after.
        draft = Draft.objects.select_for_update(of=("self",)).get(pk=offer.draft_id)
        if draft.item and not draft.item.taken_back_at:
            take_back(item=draft.item, by=None)
        elif draft.state != Draft.State.PUBLISHED:
            if Draft.objects.open().filter(pk=draft.pk).update(state=Draft.State.DISCARDED):
                AuditEntry.record("kastat", draft, by=None, to_state=Draft.State.DISCARDED)
            _empty(draft)
    StoryOffer.objects.filter(pk=offer.pk).take_back()
    AuditEntry.record("återtagen", offer, by=None, from_state=before, to_state=State.TAKEN_BACK)


@transaction.atomic
def tell_published() -> int:
    """Tell tellers that their stories are published; returns how many. Periodic work.

    Side effect: a letter to each, where there is an address.
    """
    found = StoryOffer.objects.newly_published().select_for_update(of=("self",))
    offers = list(found.select_related("draft__item"))
    for offer in offers:
        StoryOffer.objects.filter(pk=offer.pk).update(published_told_at=timezone.now())
        emails.story_published(offer)
    return len(offers)
