"""The moderation desk: who decides, what waits, and what a second click does."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from library import actions
from library.models import Draft, Gap, StoryOffer, Voice
from people import records, roles
from people.records import Errand
from tests.factories import make_curator
from tests.library_factories import (
    make_accepted_voice,
    make_gap,
    make_item,
    make_story,
    make_voice,
    moderator,
)
from tests.reading import page, text_of

from .sending import NUMBER, browser_of, somebody

pytestmark = pytest.mark.django_db

DESK = "/redaktion/roster/"


@pytest.fixture
def desk(client) -> Client:
    client.force_login(make_curator())
    return client


def everything() -> dict[str, str]:
    """Name → address of each page and button, of things that wait."""
    voice, story, gap = make_voice(make_item()), make_story(), make_gap(proposed=True)
    public = make_gap(title="Öppen?")
    rows = {"rost": voice.pk, "berattelse": story.pk, "lucka": gap.pk}
    pages = {place: f"{DESK}{place}/{pk}/" for place, pk in rows.items()}
    buttons = {
        "rost": ("godta", "avboj"),
        "berattelse": ("fraga", "godta", "avboj"),
        "lucka": ("publicera", "avboj"),
    }
    found = {"desk": DESK} | pages
    for place, names in buttons.items():
        found |= {f"{place} {name}": f"{pages[place]}{name}/" for name in names}
    for name in ("besvara", "samma-som"):
        found[f"lucka {name}"] = f"{DESK}lucka/{public.pk}/{name}/"
    return found


BUTTONS = re.compile(r"/(godta|avboj|fraga|publicera|besvara|samma-som)/$")


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_every_page_and_button_over_every_role(role):
    found = everything()
    browser = browser_of(somebody(role))
    asked = {
        name: (browser.post if BUTTONS.search(where) else browser.get)(where).status_code
        for name, where in found.items()
    }
    may = role in roles.MODERATE.roles
    if role is roles.Visitor:
        assert asked == dict.fromkeys(found, 302)
    elif not may:
        assert asked == dict.fromkeys(found, 404)
    else:
        # Forms without an answer are told so; what needs none is done, and too late afterwards.
        assert asked == {
            **dict.fromkeys(("desk", "rost", "berattelse", "lucka"), 200),
            **dict.fromkeys(("rost godta", "berattelse godta"), 302),
            **dict.fromkeys(("rost avboj", "berattelse avboj", "berattelse fraga"), 422),
            **dict.fromkeys(("lucka publicera", "lucka avboj", "lucka besvara"), 422),
            "lucka samma-som": 422,
        }
    decided = Voice.objects.filter(state="godtagen").count(), Draft.objects.count()
    assert decided == ((1, 1) if may else (0, 0))


def test_buttons_are_pressed_and_pages_read(desk):
    for where in everything().values():
        is_button = BUTTONS.search(where)
        wrong = desk.get(where) if is_button else desk.post(where)
        assert (wrong.status_code, wrong["Allow"]) == (405, "POST" if is_button else "GET, HEAD")


@pytest.mark.parametrize("place", ["rost", "berattelse", "lucka"])
def test_a_number_that_nothing_has_is_a_404(desk, place):
    for number in ("4711", "0", "9999999999", "abc"):
        assert desk.get(f"{DESK}{place}/{number}/").status_code == 404


def test_the_oldest_stands_first_with_its_age(desk):
    now = timezone.now()
    for days, made in (
        (1, make_gap(proposed=True)),
        (3, make_voice(make_item())),
        (2, make_story()),
    ):
        moment = now - datetime.timedelta(days=days)
        type(made).objects.filter(pk=made.pk).update(received_at=moment)
    make_accepted_voice(make_item(title="En annan"))
    text = text_of(page(desk, DESK))
    ages = re.findall(r"(Röst|Erfarenhet|Kunskapslucka) · [^·]* · har väntat (\d) dag", text)
    assert ages == [("Röst", "3"), ("Erfarenhet", "2"), ("Kunskapslucka", "1")]
    assert "3 väntar" in text


def test_the_desk_asks_as_little_with_three_as_with_one(desk, django_assert_num_queries):
    for count in (1, 3):
        for number in range(count):
            make_voice(make_item(title=f"Post {count} {number}"))
            make_story()
            make_gap(title=f"Lucka {count} {number}?", proposed=True)
        page(desk, DESK)
        with django_assert_num_queries(11):
            page(desk, DESK)


def test_many_are_parted_in_pages(desk):
    item = make_item()
    for number in range(26):
        make_voice(item, text=f"Nummer {number}.")
    assert "Nummer 25." not in page(desk, DESK)
    assert "Nummer 25." in page(desk, f"{DESK}?sida=2")
    assert desk.get(f"{DESK}?sida=3").status_code == 404


def test_accepted_voices_are_listed_to_be_taken_away(desk):
    voice = make_accepted_voice(make_item(), text="En skopa sand")
    assert "En skopa sand" not in page(desk, DESK)
    assert "En skopa sand" in page(desk, f"{DESK}?visa=godtagna")
    response = desk.post(f"{DESK}rost/{voice.pk}/avboj/", {"reason": "Pekar ut någon."})
    assert response["Location"] == DESK
    assert "En skopa sand" not in page(desk, f"{DESK}?visa=godtagna")


def test_a_second_click_goes_on_as_the_first_and_who_is_late_is_told(desk):
    voice, story, gap = make_voice(make_item()), make_story(), make_gap(proposed=True)
    facts = {"title": "Tydligare?", "text": "Därför."}
    for place, made, do, typed in (
        ("rost", voice, "godta", {}),
        ("berattelse", story, "godta", {}),
        ("lucka", gap, "publicera", facts),
    ):
        where = f"{DESK}{place}/{made.pk}/"
        codes = [desk.post(f"{where}{do}/", typed).status_code for _ in range(2)]
        other = Client()
        other.force_login(moderator())
        late = other.post(f"{where}{do}/", typed)
        assert (codes, late.status_code) == ([302, 302], 409), place
        assert "redaktor@example.org" in late.content.decode() or "hann före" in text_of(
            late.content.decode()
        )
    assert (Draft.objects.count(), Gap.objects.get().title) == (1, "Tydligare?")


@pytest.mark.parametrize("place", ["rost", "berattelse", "lucka"])
def test_a_reason_is_needed_and_a_bad_one_stays(desk, place):
    made = {
        "rost": lambda: make_voice(make_item()),
        "berattelse": make_story,
        "lucka": lambda: make_gap(proposed=True),
    }[place]()
    where = f"{DESK}{place}/{made.pk}/avboj/"
    for typed, told in (("", "Skriv varför."), (f"Se {NUMBER}.", "personnummer")):
        response = desk.post(where, {"reason": typed})
        markup = response.content.decode()
        assert (response.status_code, told in text_of(markup), typed in markup) == (422, True, True)
    made.refresh_from_db()
    assert made.decided_at is None
    assert desk.post(where, {"reason": "Handlar om något annat."}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.decided_reason) == ("avbojd", "Handlar om något annat.")


def test_an_accepted_story_goes_on_to_its_draft(desk):
    story = make_story()
    where = f"{DESK}berattelse/{story.pk}/godta/"
    went = [desk.post(where)["Location"] for _ in range(2)]
    story.refresh_from_db()
    assert went == [reverse("library:draft", args=[story.draft_id])] * 2


def test_what_was_taken_back_meanwhile_cannot_be_decided(desk):
    story = make_story(title="En skopa sand")
    actions.take_back_story(offer=story)
    where = f"{DESK}berattelse/{story.pk}/"
    for do, typed in (("godta", {}), ("avboj", {"reason": "Nej."}), ("fraga", {"text": "Vad?"})):
        response = desk.post(f"{where}{do}/", typed)
        assert response.status_code == 409
    text = text_of(page(desk, where))
    assert ("En skopa sand" in text, "Texten är raderad." in text) == (False, True)


def test_a_question_is_asked_once(desk):
    story = make_story()
    typed = {"text": "Får vi korta?", "opened": "a"}
    for _ in range(2):
        assert desk.post(f"{DESK}berattelse/{story.pk}/fraga/", typed).status_code == 302
    assert [each.text for each in story.questions.all()] == ["Får vi korta?"]


def test_a_gap_is_answered_by_an_item_or_an_address(desk):
    gap, item = make_gap(), make_item()
    where = f"{DESK}lucka/{gap.pk}/besvara/"
    for typed in ({"number": "4711"}, {"number": "x"}, {"address": "inget"}, {}):
        assert desk.post(where, {"text": "Ja."} | typed).status_code == 422
    assert desk.post(where, {"text": "Ja.", "number": f"{item.pk}"}).status_code == 302
    # What was wrong can be put right.
    assert desk.post(where, {"text": "Nej.", "address": "https://example.org/"}).status_code == 302
    gap.refresh_from_db()
    assert (gap.answer_text, gap.answer_item, gap.answer_url) == (
        *("Nej.", None, "https://example.org/"),
    )


def test_gaps_are_joined_by_number(desk):
    gap, into, waiting = make_gap(), make_gap(title="En annan?"), make_gap(proposed=True)
    where = f"{DESK}lucka/{gap.pk}/samma-som/"
    for number in (gap.pk, waiting.pk, "4711", "x", ""):
        assert desk.post(where, {"number": number}).status_code == 422
    for _ in range(2):
        assert desk.post(where, {"number": into.pk})["Location"] == into.get_absolute_url()
    assert desk.post(
        f"{DESK}lucka/{gap.pk}/besvara/", {"text": "Ja.", "number": "1"}
    ).status_code in {
        *(409, 422),
    }


def test_the_desk_is_found_from_ones_own_pages(desk):
    assert f'href="{DESK}"' in page(desk, "/mina-sidor/")


# --- For the registrar --------------------------------------------------------------------------


def handed_out(key: str) -> list[dict[str, str]]:
    errand = Errand(records.all_series[key], "KSI 2026/7")
    return list(records.Counted(errand).rows())


def test_what_was_sent_in_is_handed_out_by_the_registrar():
    make_voice(make_item(title="Boendestöd"), text="Så är det.")
    kept, gone = make_story(title="En nyckel"), make_story(title="En skopa sand")
    actions.take_back_story(offer=gone)
    declined = make_gap(title="Varför?", proposed=True)
    actions.decline_gap(gap=declined, reason="Finns redan.", by=moderator())
    (voice,) = handed_out("roster")
    first, second = handed_out("berattelser")
    (gap,) = handed_out("kunskapsluckor")
    assert (voice["om"], voice["ord"], voice["lage"]) == ("Boendestöd", "Så är det.", "Väntar")
    assert (first["rubrik"], first["text"], first["lage"]) == (kept.title, kept.text, "Väntar")
    assert (second["rubrik"], second["text"], second["lage"]) == ("", "", "Återtagen")
    assert second["mottagen"] <= second["atertagen"]
    assert (gap["som_det_lamnades_in"].splitlines()[0], gap["skal"]) == ("Varför?", "Finns redan.")


def test_gaps_from_a_source_were_never_sent_in():
    Gap.objects.create(title="Ur en källa?", text="Sagt 2005.", key="kalla-1")
    assert handed_out("kunskapsluckor") == []
    assert StoryOffer.objects.count() == 0
