""" "Berätta om din erfarenhet": offered, asked about, accepted, declined and taken back."""

import datetime
import re
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from core import register
from core.models import AuditEntry, Mail
from library import actions, story_views
from library.models import Draft, Item, ItemFile, StoryOffer, Theme
from people import roles
from search import indexing
from search.models import Entry, Passage, Word
from tests.factories import make_term, make_user
from tests.ksi.test_erased_bytes import places_with
from tests.library_factories import (
    make_accepted_voice,
    make_draft_file,
    make_file,
    make_gap,
    make_story,
    moderator,
    publish_story,
)
from tests.reading import page, text_of

from .sending import NUMBER, STORY, browser_of, limitless, somebody

pytestmark = pytest.mark.django_db

FORM = "/beratta/"
RARE = "xqzberattelsestop"


def mine(offer: StoryOffer, more: str = "") -> str:
    return f"/beratta/min/{offer.token}/{more}"


def told(client: Client, offer: StoryOffer) -> str:
    """The sentence that says where it stands."""
    (lead,) = re.findall(r'<p class="lead">(.*?)</p>', page(client, mine(offer)), re.S)
    return text_of(lead)


def letters() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("purpose", "to"))


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_anybody_may_tell_and_whoever_has_the_link_is_the_teller(role, monkeypatch):
    limitless(monkeypatch, "library.story_views.story_limit")
    browser, other = browser_of(somebody(role)), make_story()
    question = actions.ask_teller(offer=other, text="Får vi korta?", key="f", by=moderator())
    asked = {
        "form": browser.get(FORM),
        "told": browser.post(FORM, STORY),
        "own": browser.get(mine(other)),
        "answer": browser.post(mine(other, f"svar/{question.pk}/"), {"text": "Ja."}),
        "sure?": browser.get(mine(other, "ta-tillbaka/")),
        "gone": browser.post(mine(other, "ta-tillbaka/")),
        "wrong": browser.get("/beratta/min/x/"),
        "wrong answer": browser.post(f"/beratta/min/x/svar/{question.pk}/", {"text": "Ja."}),
        "wrong gone": browser.post("/beratta/min/x/ta-tillbaka/"),
    }
    assert {name: each.status_code for name, each in asked.items()} == {
        **dict.fromkeys(("form", "own", "sure?"), 200),
        **dict.fromkeys(("told", "answer", "gone"), 302),
        **dict.fromkeys(("wrong", "wrong answer", "wrong gone"), 404),
    }


def test_a_question_is_answered_by_its_own_teller_alone(client):
    offer, other = make_story(), make_story()
    question = actions.ask_teller(offer=other, text="Får vi korta?", key="f", by=moderator())
    assert client.post(mine(offer, f"svar/{question.pk}/"), {"text": "Ja."}).status_code == 404


def test_a_link_is_read_and_buttons_are_pressed(client):
    offer = make_story()
    for address, allowed in (
        (mine(offer), "GET, HEAD"),
        (mine(offer, "ta-tillbaka/"), "GET, HEAD, POST"),
        (FORM, "GET, HEAD, POST"),
    ):
        response = client.put(address)
        assert (response.status_code, response["Allow"]) == (405, allowed)
    assert client.post(mine(offer)).status_code == 405
    assert client.get(mine(offer, "svar/1/")).status_code == 405


# --- Offered ------------------------------------------------------------------------------------


def test_the_answer_is_a_page_with_the_link_and_the_database_cannot_make_it(client):
    client.force_login(make_user("eva@example.org", name="Eva Ek"))
    make_term(Theme, "Boende")
    more = {"title": "En nyckel", "theme": "boende", "signature": "Eva", "learning": "Våga."}
    response = client.post(FORM, STORY | more)
    offer = StoryOffer.objects.get()
    assert response["Location"] == mine(offer)
    assert (offer.title, offer.theme.name, offer.signature, offer.email, offer.state) == (
        *("En nyckel", "Boende", "Eva", "", "vantar"),
    )
    markup = page(client, mine(offer))
    assert f"http://testserver{mine(offer)}" in markup
    assert told(client, offer) == "Redaktionen har fått din berättelse och läser den."
    row = StoryOffer.objects.filter(pk=offer.pk).values().get()
    assert offer.token not in [str(value) for value in row.values()]
    line = AuditEntry.about(offer).get()
    assert (line.verb, line.by, line.changes) == ("mottagen", None, {})
    assert (line.object_label, letters()) == (f"Erbjuden berättelse {offer.pk}", [])


def test_whoever_gives_an_address_gets_the_link_and_no_word_of_the_story(client):
    client.post(FORM, STORY | {"email": "eva@example.org", "title": "En nyckel"})
    mail, offer = Mail.objects.get(), StoryOffer.objects.get()
    assert (mail.to, mail.purpose) == ("eva@example.org", "berattelse-received")
    assert mine(offer) in mail.text
    assert ("nyckel" in mail.text, "nyckel" in mail.html, "nyckel" in mail.subject) == (False,) * 3


def test_a_double_click_is_one_story(client):
    places = {client.post(FORM, STORY)["Location"] for _ in range(2)}
    assert (len(places), StoryOffer.objects.count()) == (1, 1)
    client.post(FORM, STORY | {"text": "En annan."})
    assert StoryOffer.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("kind", "", "Välj vad du vill berätta."),
        ("kind", "bok", "Välj vad du vill berätta."),
        ("text", " ", "Skriv något. Några meningar räcker."),
        ("text", "x" * 20_001, "Texten är för lång: 20001 tecken. Korta den till högst 20000."),
        ("text", NUMBER, "personnummer"),
        ("signature", NUMBER, "personnummer"),
        ("signature", "x" * 81, "Texten är för lång: 81 tecken. Korta den till högst 80."),
        ("title", "x" * 151, "Texten är för lång: 151 tecken. Korta den till högst 150."),
        ("theme", "okant", "Ämnet finns inte längre. Välj ett annat."),
        ("email", "eva", "Skriv en e-postadress, till exempel namn@example.org, eller lämna tomt."),
        ("consent", "", "Kryssa i att KSI får publicera det."),
    ],
)
def test_bad_input_is_told_and_nothing_typed_is_lost(client, field, typed, says):
    response = client.post(FORM, STORY | {"learning": "Våga fråga."} | {field: typed})
    assert (response.status_code, StoryOffer.objects.count()) == (422, 0)
    markup = response.content.decode()
    assert says in text_of(markup)
    assert ("Våga fråga." in markup, (typed if field == "text" else STORY["text"]) in markup) == (
        *(True, True),
    )


def test_a_long_story_is_kept_whole(client):
    text = "Å så långt. " * 1600
    client.post(FORM, STORY | {"text": text})
    assert StoryOffer.objects.get().text == text.strip()


def test_too_many_are_told_when_to_try_again_and_lose_nothing(client, monkeypatch):
    monkeypatch.setattr(story_views, "story_limit", replace(story_views.story_limit, times=1))
    client.post(FORM, STORY)
    late = client.post(FORM, STORY | {"text": "En till."})
    assert (late.status_code, StoryOffer.objects.count()) == (429, 1)
    assert "En till." in late.content.decode()
    assert "Det du skrev står kvar." in text_of(late.content.decode())


# --- Asked, accepted, declined ------------------------------------------------------------------


def test_a_question_is_answered_once(client):
    offer = make_story(email="eva@example.org")
    for _ in range(2):
        question = actions.ask_teller(offer=offer, text="Får vi korta?", key="f", by=moderator())
    assert letters()[1:] == [("berattelse-question", "eva@example.org")]
    assert told(client, offer) == "Redaktionen har en fråga till dig."
    answer = mine(offer, f"svar/{question.pk}/")
    assert client.post(answer, {"text": ""}).status_code == 422
    codes = [client.post(answer, {"text": text}).status_code for text in ("Ja.", "Ja.", "Nej.")]
    question.refresh_from_db()
    assert (codes, question.answer) == ([302, 302, 409], "Ja.")
    verbs = AuditEntry.about(offer).values_list("verb", "by__email", "reason")
    assert list(verbs)[:2] == [
        ("fråga besvarad", None, ""),
        ("fråga ställd", moderator().email, ""),
    ]


def test_an_accepted_story_becomes_a_draft_with_the_tellers_words(client):
    theme = make_term(Theme, "Boende")
    offer = make_story(title="En nyckel", signature="Eva", learning="Våga.", theme=theme)
    draft = actions.accept_story(offer=offer, by=moderator())
    year = str(timezone.localdate().year)
    assert draft.payload == {
        "kind": ["erfarenhet"],
        "title": ["En nyckel"],
        "full_text": [offer.text],
        "so_what": ["Våga."],
        "authors": ["Eva"],
        "year": [year],
        "language": ["sv"],
        "themes": [str(theme.pk)],
    }
    offer.refresh_from_db()
    assert (offer.state, offer.draft, draft.subject) == ("godtagen", draft, "post")
    expected = "Redaktionen vill publicera din berättelse och arbetar med den."
    assert told(client, offer) == expected
    with pytest.raises(actions.AlreadyDecided):
        actions.accept_story(offer=offer, by=moderator())


def test_a_story_whose_draft_was_thrown_away_waits_again():
    offer = make_story()
    first = actions.accept_story(offer=offer, by=moderator())
    assert list(StoryOffer.objects.waiting()) == []
    Draft.objects.update(state=Draft.State.DISCARDED)
    assert list(StoryOffer.objects.waiting()) == [offer]
    second = actions.accept_story(offer=offer, by=moderator())
    assert (second.pk != first.pk, Draft.objects.open().get()) == (True, second)


def test_a_declined_story_is_told_why_and_not_the_history(client):
    offer = make_story(email="eva@example.org")
    actions.decline_story(offer=offer, reason="Den pekar ut din chef.", by=moderator())
    assert told(client, offer) == "Redaktionen har läst din berättelse, och den publiceras inte."
    assert "Den pekar ut din chef." in page(client, mine(offer))
    mail = Mail.objects.latest("pk")
    assert (mail.purpose, "Den pekar ut din chef." in mail.text) == ("berattelse-declined", True)
    assert not AuditEntry.objects.filter(reason__contains="chef").exists()
    with pytest.raises(ValueError, match="reason"):
        actions.decline_story(offer=make_story(), reason="", by=moderator())


def test_a_teller_is_told_once_that_it_is_published(client):
    offer = make_story(email="eva@example.org")
    item = publish_story(offer, title="En nyckel till träffen")
    assert (actions.tell_published(), actions.tell_published()) == (1, 0)
    mail = Mail.objects.latest("pk")
    assert (mail.purpose, f"/bibliotek/{item.pk}/\n" in f"{mail.text}\n") == (
        *("berattelse-published", True),
    )
    assert ("nyckel" in mail.text, mine(offer) in mail.text) == (False, True)
    assert told(client, offer) == "Din berättelse är publicerad."


# --- Taken back ---------------------------------------------------------------------------------


def full_of_it() -> StoryOffer:
    """A story with the rare word in all that a teller writes, asked about and answered."""
    words = dict.fromkeys(("title", "text", "learning", "signature"), RARE)
    offer = make_story(**words, email=f"{RARE}@example.org")
    question = actions.ask_teller(offer=offer, text=f"Vad är {RARE}?", key="f", by=moderator())
    actions.answer_question(question=question, text=RARE)
    Mail.objects.all().delete()  # sent and erased in its own time (core.personal_data)
    return offer


@pytest.mark.parametrize("accepted", [False, True])
def test_a_story_that_is_not_published_is_erased_at_once(client, accepted):
    offer = full_of_it()
    if accepted:
        actions.accept_story(offer=offer, by=moderator())
    assert client.get(mine(offer, "ta-tillbaka/")).status_code == 200
    assert StoryOffer.objects.get().text == RARE
    for _ in range(2):
        assert client.post(mine(offer, "ta-tillbaka/"))["Location"] == mine(offer)
    gone = StoryOffer.objects.get()
    assert (gone.state, gone.text, gone.email, Draft.objects.open().count()) == (
        *("atertagen", "", "", 0),
    )
    expected = "Du har tagit tillbaka din berättelse, och texten är raderad."
    assert told(client, offer) == expected
    assert client.get(mine(offer, "ta-tillbaka/"))["Location"] == mine(offer)
    last = AuditEntry.about(offer).first()
    assert (last.verb, last.by, last.to_state) == ("återtagen", None, "atertagen")
    with pytest.raises(actions.AlreadyDecided):
        actions.accept_story(offer=offer, by=moderator())
    with pytest.raises(actions.AlreadyDecided):
        actions.ask_teller(offer=offer, text="Varför?", key="g", by=moderator())


@pytest.mark.parametrize("kind", StoryOffer.Kind.values)
def test_a_published_story_that_is_taken_back_is_gone_from_everywhere(client, kind):
    offer = full_of_it()
    StoryOffer.objects.update(kind=kind)
    item = publish_story(StoryOffer.objects.get(), plain_summary=RARE, authors=RARE)
    indexing.index()
    address = item.get_absolute_url()
    assert (client.get(address).status_code, RARE in page(client, "/bibliotek/")) == (200, True)
    client.post(mine(offer, "ta-tillbaka/"))
    answers = [client.get(each) for each in (address, f"/bibliotek/{item.pk}/")]
    assert [each.status_code for each in answers] == [410, 410]
    for where in ("/bibliotek/", "/", f"/sok/?q={RARE}&ordagrant=ja", "/sitemap-poster.xml"):
        assert f"/bibliotek/{item.pk}/" not in page(client, where)
    assert RARE not in page(client, "/bibliotek/")
    assert not Passage.objects.filter(entry__object_id=item.pk, entry__kind="bibliotek").exists()
    assert Entry.objects.get(kind="bibliotek", object_id=item.pk).title == ""
    lines = AuditEntry.objects.values_list("object_label", "reason", "changes")
    assert RARE not in repr(list(lines))
    assert StoryOffer.objects.get().item is None


@pytest.mark.django_db(transaction=True)
def test_not_a_byte_is_left_of_a_story_that_is_taken_back():
    offer = full_of_it()
    item = publish_story(offer, plain_summary=RARE, authors=RARE, kind="erfarenhet")
    make_file(item, title=RARE, content=RARE.encode(), name=f"{RARE}.txt")
    make_accepted_voice(item, text=f"Om {RARE}.")
    indexing.index()
    assert Word.objects.filter(form=RARE).exists()
    assert list(places_with(RARE)) != []
    actions.take_back_story(offer=offer)
    indexing.recount()
    register.scrub()
    assert list(places_with(RARE)) == []


def test_a_story_that_was_written_twice_leaves_neither_words_nor_files(
    django_capture_on_commit_callbacks,
):
    offer, curator = full_of_it(), moderator()
    for _ in range(2):
        draft = actions.accept_story(offer=offer, by=curator)
        file = make_draft_file(draft, title=RARE)
        draft.refresh_from_db()
        actions.discard_draft(draft=draft, by=curator)
    with django_capture_on_commit_callbacks(execute=True):
        actions.take_back_story(offer=offer)
    assert [found.payload for found in Draft.objects.all()] == [{}, {}]
    assert (ItemFile.objects.count(), file.file.storage.exists(file.file.name)) == (0, False)


def test_a_told_story_keeps_its_words_out_of_history_whatever_it_is_called():
    offer, curator = full_of_it(), moderator()
    item = publish_story(offer)
    for kind in (Item.Kind.PROJECT_REPORT, Item.Kind.BOOK):
        before, item.kind = item.kind, kind
        item.save()
        changes = {"kind": (before, kind), "full_text": (RARE, "Annat")}
        actions.record_change(item=item, by=curator, changes=changes)
    actions.withdraw(item=item, reason=f"Om {RARE}.", by=curator)
    actions.take_back_story(offer=offer)
    lines = AuditEntry.objects.values_list("object_label", "reason", "changes")
    assert RARE not in repr(list(lines))
    item.refresh_from_db()
    assert (item.withdrawn_at, item.withdrawn_reason, item.publisher_name) == (None, "", "")


def test_a_gap_that_a_story_answered_opens_again_when_it_is_taken_back(client):
    offer, curator = make_story(), moderator()
    item = publish_story(offer)
    gaps = [make_gap(), make_gap()]
    for gap, url in zip(gaps, ("", "https://example.org/"), strict=True):
        actions.answer_gap(gap=gap, text=RARE, item=item, address=url, by=curator)
    actions.take_back_story(offer=offer)
    for gap in gaps:
        gap.refresh_from_db()
        assert RARE not in page(client, gap.get_absolute_url())
    assert [(gap.state, gap.answer_item, gap.answer_text) for gap in gaps] == [
        ("oppen", None, ""),
        ("besvarad", None, ""),
    ]
    assert not Passage.objects.filter(text__contains=RARE).exists()


def test_an_accepted_story_whose_draft_has_been_erased_waits_again():
    offer, curator = make_story(), moderator()
    actions.discard_draft(draft=actions.accept_story(offer=offer, by=curator), by=curator)
    Draft.objects.all().delete()
    assert list(StoryOffer.objects.waiting()) == [offer]
    actions.decline_story(offer=offer, reason="Den pekar ut någon.", by=curator)
    assert StoryOffer.objects.get().state == "avbojd"


def test_a_curator_who_takes_an_item_back_erases_what_was_handed_in():
    offer = full_of_it()
    actions.take_back(item=publish_story(offer), by=moderator())
    gone = StoryOffer.objects.get()
    assert (gone.state, gone.text, gone.title, gone.draft) == ("atertagen", "", "", None)


# --- Erased by time -----------------------------------------------------------------------------


def test_the_address_goes_after_a_month_and_the_words_after_a_year():
    now = timezone.now()
    found = []
    for days in (29, 31, 366):
        offer = make_story(email="eva@example.org")
        actions.decline_story(offer=offer, reason="Pekar ut någon.", by=moderator())
        decided = now - datetime.timedelta(days=days)
        StoryOffer.objects.filter(pk=offer.pk).update(decided_at=decided)
    waiting = make_story(email="eva@example.org")
    StoryOffer.objects.filter(pk=waiting.pk).update(received_at=now - datetime.timedelta(days=999))
    register.erase_due()
    for offer in StoryOffer.objects.order_by("pk"):
        found.append((bool(offer.email), bool(offer.text), bool(offer.decided_reason)))
    assert found == [
        (True, True, True),
        (False, True, True),
        (False, False, False),
        (True, True, False),
    ]


def test_what_is_kept_is_handed_out_to_her_address():
    offer = make_story(email="Eva@example.org", title="En nyckel")
    actions.ask_teller(offer=offer, text="Får vi korta?", key="f", by=moderator())
    person = register.Person("eva@example.org")
    rows = {each.key: found for each, found in register.handed_out(person)}["berattelser"]
    assert (rows[0]["Rubrik"], rows[1]["Fråga"]) == ("En nyckel", "Får vi korta?")
    register.erase_at_request(person, by=None, about=moderator())
    offer.refresh_from_db()
    assert (offer.email, offer.title) == ("", "En nyckel")


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "godtagen"}, "story_decided_some_time"),
        ({"state": "atertagen"}, "story_decided_some_time"),
        ({"text": ""}, "story_whole_or_erased_wholly"),
        ({"erased_at": timezone.now()}, "story_whole_or_erased_wholly"),
    ],
)
def test_the_database_refuses_what_cannot_be(fields, constraint):
    offer = make_story()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StoryOffer.objects.filter(pk=offer.pk).update(**fields)
