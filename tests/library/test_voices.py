""" "Stämmer det här hos er?": who may answer, what is kept, and what readers see of it."""

import datetime
from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry, Edition
from library import actions, voice_views
from library.models import Item, Voice
from library.voice_panels import voice_address
from people import roles
from tests.factories import make_district, make_instrument, make_user
from tests.library_factories import (
    make_accepted_voice,
    make_item,
    make_method,
    make_voice,
    moderator,
)
from tests.reading import page, text_of

from .sending import NUMBER, VOICE, browser_of, limitless, somebody

pytestmark = pytest.mark.django_db


def things():
    return [make_item(), make_method(), make_instrument()]


def answer(client, thing, **fields):
    return client.post(voice_address(thing), VOICE | fields)


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_whoever_may_see_a_thing_may_answer_about_it(role, monkeypatch):
    limitless(monkeypatch, "library.voice_views.voice_limit")
    user = somebody(role)
    browser = browser_of(user)
    reads_staff = roles.may(user or AnonymousUser(), roles.READ_STAFF)
    taken_back = make_item(kind=Item.Kind.STORY)
    actions.take_back(item=taken_back, by=None)
    found = {
        "item": make_item(title="Öppen"),
        "method": make_method(),
        "instrument": make_instrument(),
        "staff": make_item(title="Intern", visibility="personal"),
        "staff method": make_method("Intern metod", visibility="personal"),
        "taken back": taken_back,
    }
    asked = {
        name: (
            browser.get(voice_address(thing)).status_code,
            answer(browser, thing).status_code,
            browser.get(f"{voice_address(thing)}tack/").status_code,
        )
        for name, thing in found.items()
    }
    hidden = (200, 302, 200) if reads_staff else (404, 404, 404)
    assert asked == {
        **dict.fromkeys(("item", "method", "instrument"), (200, 302, 200)),
        **dict.fromkeys(("staff", "staff method"), hidden),
        "taken back": (410, 410, 410),
    }
    assert Voice.objects.count() == (5 if reads_staff else 3)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_the_form_takes_nothing_else(client, method):
    for thing in things():
        response = getattr(client, method)(voice_address(thing))
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "address",
    [
        "/bibliotek/4711/x/stammer-det/",
        "/bibliotek/abc/x/stammer-det/",
        "/metoder/finns-inte/stammer-det/",
        "/instrument/finns-inte/stammer-det/",
    ],
)
def test_what_is_not_there_is_not_asked_about(client, address):
    codes = [client.get(address), client.post(address, VOICE), client.get(f"{address}tack/")]
    assert [each.status_code for each in codes] == [404, 404, 404]


def test_a_wrong_name_in_the_address_leads_right_and_loses_nothing_that_was_sent(client):
    item = make_item()
    wrong = f"/bibliotek/{item.pk}/fel/stammer-det/"
    response = client.get(wrong)
    assert (response.status_code, response["Location"]) == (301, voice_address(item))
    assert client.post(wrong, VOICE).status_code == 302
    assert Voice.objects.count() == 1


# --- What is kept -------------------------------------------------------------------------------


def test_what_is_kept_names_nobody(client):
    client.force_login(make_user("eva@example.org", name="Eva"))
    district, item = make_district("Farsta"), make_item()
    response = answer(client, item, role="arbetar", district="farsta")
    assert response["Location"] == f"{voice_address(item)}tack/"
    voice = Voice.objects.get()
    assert (voice.item, voice.answer, voice.role, voice.text, voice.district) == (
        *(item, "delvis", "arbetar", VOICE["text"], district),
    )
    assert (voice.state, voice.decided_by, voice.decided_at) == ("vantar", None, None)
    line = AuditEntry.about(voice).get()
    assert (line.verb, line.by, line.reason, line.changes) == ("mottagen", None, "", {})
    assert line.object_label == f"Röst {voice.pk}"


def test_an_answer_without_words_or_role_is_an_answer(client):
    item = make_item()
    client.post(voice_address(item), {"answer": "stammer"})
    voice = Voice.objects.get()
    assert (voice.text, voice.role, voice.district) == ("", "", None)


def test_a_double_click_is_one_answer_and_a_rewritten_one_another(client):
    item, method = make_item(), make_method()
    for _ in range(2):
        assert answer(client, item).status_code == 302
    answer(client, item, text="Hos oss är det annorlunda.")
    answer(client, method)
    assert Voice.objects.count() == 3


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("answer", "", "Välj om det stämmer, stämmer delvis eller inte stämmer."),
        ("answer", "kanske", "Välj om det stämmer, stämmer delvis eller inte stämmer."),
        ("role", "chef", "Välj i listan, eller ”Vill inte säga”."),
        ("district", "atlantis", "Stadsdelsområdet finns inte i listan. Välj ett annat."),
        ("text", "x" * 601, "Texten är för lång: 601 tecken. Korta den till högst 600."),
    ],
)
def test_bad_input_is_told_and_nothing_typed_is_lost(client, field, typed, told):
    item = make_item()
    response = answer(client, item, **{field: typed})
    markup = response.content.decode()
    assert (response.status_code, Voice.objects.count()) == (422, 0)
    assert told in text_of(markup)
    assert (typed if field == "text" else VOICE["text"]) in markup


def test_a_personnummer_is_refused(client):
    response = answer(client, make_item(), text=f"Fråga {NUMBER}.")
    assert (response.status_code, Voice.objects.count()) == (422, 0)
    assert "personnummer" in text_of(response.content.decode())


def test_too_many_are_told_when_to_try_again_and_lose_nothing(client, monkeypatch):
    monkeypatch.setattr(voice_views, "voice_limit", replace(voice_views.voice_limit, times=2))
    item = make_item()
    codes = [answer(client, item, text=f"Nummer {number}").status_code for number in range(2)]
    late = answer(client, item, text="Nummer tre")
    assert ([*codes, late.status_code], Voice.objects.count()) == ([302, 302, 429], 2)
    assert int(late["Retry-After"]) > 0
    assert "Nummer tre" in late.content.decode()
    # What was sent already is not counted again.
    assert answer(client, item, text="Nummer 1").status_code == 302


def test_earlier_districts_are_not_offered(client):
    make_district("Farsta")
    make_district("Maria-Gamla stan", valid_to="2007-01-01")
    markup = page(client, voice_address(make_item()))
    assert ("Farsta" in markup, "Maria-Gamla stan" in markup) == (True, False)


# --- What readers see ---------------------------------------------------------------------------


def test_nothing_is_shown_before_a_curator_has_accepted_it(client):
    for thing in things():
        before = page(client, thing.get_absolute_url())
        voice = make_voice(thing, text="En skopa sand")
        assert page(client, thing.get_absolute_url()) == before
        actions.accept_voice(voice=voice, by=moderator())
        # The page was kept: accepting it raises the edition.
        assert "En skopa sand" in page(client, thing.get_absolute_url())
        actions.decline_voice(voice=voice, reason="Pekar ut någon.", by=moderator())
        assert "En skopa sand" not in page(client, thing.get_absolute_url())


def test_accepted_voices_are_counted_and_the_newest_quoted(client):
    item = make_item()
    farsta = make_district("Farsta")
    start = timezone.now() - datetime.timedelta(days=50)
    for number in range(12):
        voice = make_accepted_voice(item, text=f"Rad {number}.", role="arbetar", district=farsta)
        received = start + datetime.timedelta(days=number)
        Voice.objects.filter(pk=voice.pk).update(received_at=received)
    make_accepted_voice(item, answer="delvis", text="")
    make_voice(item, answer="inte")
    text = text_of(page(client, item.get_absolute_url()))
    assert "Så har 13 läsare svarat: Stämmer 12 Stämmer delvis 1" in text
    assert "Stämmer inte" not in text
    quoted = [number for number in range(12) if f"Rad {number}." in text]
    assert quoted == list(range(2, 12))
    year = timezone.localdate(start + datetime.timedelta(days=11)).year
    assert f"Rad 11. Stämmer · Arbetar med det här · Farsta · {year}" in text
    assert text.index("Rad 11.") < text.index("Rad 10.")


def test_a_page_without_voices_invites(client):
    item = make_item()
    markup = page(client, item.get_absolute_url())
    assert "Ingen har svarat än." in text_of(markup)
    assert f'href="{voice_address(item)}"' in markup


def test_voices_of_one_thing_are_not_shown_at_another(client):
    item, other = make_item(), make_item(title="En annan")
    make_accepted_voice(item, text="En skopa sand")
    assert "En skopa sand" not in page(client, other.get_absolute_url())


# --- Decided ------------------------------------------------------------------------------------


def test_a_decision_is_made_once():
    voice, by = make_voice(make_item()), moderator()
    other = Voice.objects.get(pk=voice.pk)
    actions.accept_voice(voice=voice, by=by)
    number = Edition.current()
    with pytest.raises(actions.AlreadyDecided):
        actions.accept_voice(voice=other, by=by)
    actions.decline_voice(voice=voice, reason="Pekar ut någon.", by=by)
    with pytest.raises(actions.AlreadyDecided):
        actions.accept_voice(voice=voice, by=by)
    assert Edition.current() == number + 1
    lines = AuditEntry.about(voice).values_list("verb", "from_state", "to_state", "reason")
    assert list(lines) == [
        ("avböjd", "godtagen", "avbojd", ""),
        ("godtagen", "vantar", "godtagen", ""),
        ("mottagen", "", "vantar", ""),
    ]


def test_no_voice_is_declined_without_a_reason():
    with pytest.raises(ValueError, match="reason"):
        actions.decline_voice(voice=make_voice(make_item()), reason=" ", by=moderator())


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"item": None}, "voice_about_one_thing"),
        ({"state": "godtagen"}, "voice_decided_some_time"),
        ({"erased_at": timezone.now()}, "voice_erased_wholly"),
    ],
)
def test_the_database_refuses_what_cannot_be(fields, constraint):
    voice = make_voice(make_item())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Voice.objects.filter(pk=voice.pk).update(**fields)


def test_a_voice_is_about_one_thing():
    voice = make_voice(make_item())
    with pytest.raises(IntegrityError, match="voice_about_one_thing"), transaction.atomic():
        Voice.objects.filter(pk=voice.pk).update(method=make_method())


def test_the_form_is_for_one_visitor_and_the_page_holds_none(client):
    item = make_item()
    form = Client().get(voice_address(item))
    assert (bool(form.cookies), "no-store" in form["Cache-Control"]) == (True, True)
    shown = Client().get(item.get_absolute_url())
    assert (bool(shown.cookies), b'method="post"' in shown.content) == (False, False)
