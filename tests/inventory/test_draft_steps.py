"""Writing in a step: saved by itself and by button, kept whatever goes wrong."""

import datetime
import html
import json
import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from core.draft_pages import TOO_MUCH, DraftPage
from inventory.draft_forms import Answers
from inventory.models import Draft
from inventory.questions import STEPS
from people.models import Organisation, User
from tests.factories import (
    complete_payload,
    make_curator,
    make_district,
    make_draft,
    make_unit,
    make_writer,
)
from tests.people.walking import log_in
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Organisation:
    return make_unit("Träffpunkten", make_district("Farsta"))


@pytest.fixture
def reporter(client, unit):
    user = make_writer(unit)
    client.force_login(user)
    return user


@pytest.fixture
def draft(unit, reporter) -> Draft:
    return make_draft(unit)


def address(draft: Draft, step: str = "for-vem") -> str:
    return f"/inventering/lamna-in/{draft.pk}/{step}/"


def bas(client: Client, draft: Draft, step: str = "for-vem") -> str:
    found = re.search(r'name="bas" value="([^"]*)"', page(client, address(draft, step)))
    return html.unescape(found[1]) if found else ""


def send(client: Client, draft: Draft, step: str = "for-vem", **answers) -> object:
    """Send the step's page as it stands, with these answers."""
    sent = {"bas": bas(client, draft, step)} | answers
    return client.post(address(draft, step), sent)


FORM = "application/x-www-form-urlencoded"
SCRIPT = {"accept": "application/json"}


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def held_in(markup: str) -> dict[str, list[str]]:
    """What the page's form carries: hidden or in fields."""
    found: dict[str, list[str]] = {}
    for name, text in [
        *re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', markup),
        *re.findall(r'<textarea name="(\w+)"[^>]*>\n(.*?)</textarea>', markup, re.S),
    ]:
        found.setdefault(name, []).append(html.unescape(text))
    return {name: texts for name, texts in found.items() if name != "csrfmiddlewaretoken"}


def kept(name: str) -> list[str]:
    return Draft.objects.get().payload.get(name, [])


# --- Saved ----------------------------------------------------------------------------------------


def test_saved_by_button_and_said_so(client, draft, reporter):
    now = timezone.localtime()
    response = send(client, draft, need="Natten\r\när\x00 lång.", knapp="spara")
    assert (response.status_code, response.url) == (302, address(draft))
    assert kept("need") == ["Natten\när lång."]
    assert re.search(r"Sparat kl\. \d\d\.\d\d\.", page(client, response.url))
    saved = Draft.objects.get()
    assert (saved.version, saved.changed_by) == (2, reporter)
    assert saved.changed_at - now < datetime.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("step", "button", "leads"),
    [
        ("vad", "vidare", "for-vem/"),
        ("kontakt", "vidare", ""),
        ("resultat", "measures", "resultat/#fraga-measures"),
        ("vad", "measures", "vad/"),
        ("vad", "<b>", "vad/"),
    ],
)
def test_each_button_leads_where_it_says(client, draft, step, button, leads):
    response = send(client, draft, step, knapp=button)
    assert response.url == f"/inventering/lamna-in/{draft.pk}/{leads}"


def test_a_part_of_the_page_changes_nothing_else(client, draft):
    before = draft.payload
    client.post(address(draft), {"need": "Nytt."})  # neither boxes nor sums
    after = Draft.objects.get().payload
    assert before["need"] == after["need"]  # without sums nobody's answer is written over
    assert after == before


def test_boxes_can_be_emptied(client, draft):
    everything = {name: draft.payload[name] for name in ("need", "target_groups", "interventions")}
    send(client, draft, **everything)
    assert (kept("themes"), kept("target_groups")) == ([], draft.payload["target_groups"])


def test_names_that_are_not_of_the_step_are_not_kept(client, draft):
    slipped = {
        "title": "X",
        "lead": "1",
        "measures-0-goal": "X",
        "links-0-x": "X",
        "state": "publicerat",
    }
    send(client, draft, need="Nytt.", **slipped)
    payload = Draft.objects.get().payload
    assert (payload["title"], payload["need"]) == (draft.payload["title"], ["Nytt."])
    assert not {"lead", "measures-0-goal", "links-0-x", "state"} & set(payload)


def test_rows_are_written_and_an_empty_one_follows(client, draft):
    rows = {"measures-0-goal": "Färre samtal", "measures-0-indicator": "Samtal"}
    rows |= {"measures-0-unit": "per vecka", "measures-0-point-0-date": "2026"}
    rows |= {"measures-0-point-0-value": "7", "links-0-kind": "lank", "links-0-url": ""}
    response = send(client, draft, "resultat", evaluation="egen", knapp="measures", **rows)
    markup = page(client, response.url)
    assert 'value="Färre samtal"' in markup
    assert 'name="measures-1-goal"' in markup
    assert 'name="measures-0-point-1-date"' in markup
    assert 'name="links-1-url"' not in markup
    send(client, draft, "resultat", evaluation="egen", **dict.fromkeys(rows, ""))
    assert not [
        name for name in Draft.objects.get().payload if name.startswith(("measures", "links"))
    ]


# --- Malformed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "name", "typed", "told"),
    [
        ("vad", "start_date", "1899", "Året måste ligga mellan 1900 och 2100."),
        ("vad", "end_date", "2001", "Slutet ligger före starten."),
        ("vad", "title", "x" * 300, "200 tecken"),
        ("for-vem", "reach_planned", "-3", "Antalet kan inte vara mindre än 0."),
        ("for-vem", "need", "y" * 12_000, "Texten är för lång: 12000 tecken."),
        ("for-vem", "themes", "99999999999999999999", "Välj ett giltigt alternativ."),
        ("resultat", "cost_total", "1e5 kronor", "Skriv ett helt antal med siffror"),
        ("resultat", "measures-0-id", "drop table", ""),
        ("kontakt", "contact_email", "ring mig", "e-postadress"),
    ],
)
def test_what_cannot_be_understood_is_saved_and_told_at_the_field(
    client, draft, step, name, typed, told
):
    response = send(client, draft, step, **(draft.payload | {name: typed}))
    assert kept(name) == [typed]
    if not told:
        assert response.status_code == 302
        return
    markup = response.content.decode()
    assert response.status_code == 422
    assert "Sparat, men det här går inte att förstå" in markup
    assert told in text_of(markup) or told in markup
    assert typed in markup or name == "themes"


@pytest.mark.parametrize("count", [200, 10_000])
def test_thousands_of_measures_are_told_of_and_none_is_lost(client, draft, count):
    rows = {f"measures-{number}-indicator": f"Mått {number}" for number in range(count)}
    rows |= {f"measures-{number}-unit": "st" for number in range(count)}
    response = client.post(address(draft, "resultat"), urlencode(rows), FORM)
    told = f"Högst 50 rader får plats, och det är {count}. Allt är sparat, och de första visas."
    assert response.status_code == 422
    assert told in text_of(response.content.decode())
    assert 'value="Mått 49"' in response.content.decode()
    assert 'value="Mått 50"' not in response.content.decode()
    sent = {"measures-0-indicator": "Mått 0", "measures-0-unit": "st"}
    send(client, draft, "resultat", **sent)
    assert kept(f"measures-{count - 1}-indicator") == [f"Mått {count - 1}"]


def test_more_fields_than_anything_holds_are_answered_in_words(client, draft):
    fields = urlencode({f"links-{number}-x": "" for number in range(100_001)})
    response = client.post(address(draft, "resultat"), fields, FORM)
    assert response.status_code == 413
    assert "Gå tillbaka i webbläsaren: det du skrev står kvar där." in response.content.decode()
    response = client.post(address(draft, "resultat"), fields, FORM, headers=SCRIPT)
    assert (response.status_code, response.json()) == (413, {"fel": TOO_MUCH})
    assert Draft.objects.get().payload == draft.payload


def test_more_bytes_than_a_form_may_send_are_answered_in_words(client, draft):
    sent = urlencode({"need": "z" * 5_300_000})
    response = client.post(address(draft), sent, FORM)
    assert response.status_code == 413
    assert "Ett formulär får ha högst fem miljoner tecken" in response.content.decode()
    response = client.post(address(draft), sent, FORM, headers=SCRIPT)
    assert (response.status_code, response.json()) == (413, {"fel": TOO_MUCH})
    assert Draft.objects.get().payload == draft.payload


def test_more_text_than_can_be_kept_stays_on_the_page(client, draft):
    response = send(client, draft, need="z" * 1_000_001)
    assert response.status_code == 422
    assert "det är för mycket text" in response.content.decode()
    assert "z" * 1_000_001 in response.content.decode()
    assert kept("need") == draft.payload["need"]


def test_a_draft_does_not_grow_without_end_page_by_page(client, draft):
    assert send(client, draft, need="z" * 600_000).status_code == 422
    response = send(client, draft, "hur", activities="y" * 600_000)
    assert response.status_code == 422
    assert "mer än en miljon tecken i hela utkastet" in response.content.decode()
    assert "y" * 600_000 in response.content.decode()
    assert kept("need") == ["z" * 600_000]
    assert kept("activities") == draft.payload["activities"]


@pytest.mark.parametrize("sums", ["", "x", "[]", "[" * 5000, '{"need": 7}', '{"need": null}'])
def test_sums_that_were_tampered_with_write_nothing_over(client, draft, sums):
    response = client.post(address(draft), {"bas": sums, "need": "Mitt."})
    assert response.status_code == 409
    assert kept("need") == draft.payload["need"]


# --- By itself ------------------------------------------------------------------------------------


def test_saved_by_itself_with_four_queries_at_most(client, draft, django_assert_max_num_queries):
    sent = {"bas": bas(client, draft), "need": "Första.", "autosparar": "1", "reach_planned": "x"}
    sent |= {name: draft.payload[name] for name in ("themes", "target_groups")}
    sent |= {name: draft.payload[name] for name in ("interventions", "service_areas")}
    with django_assert_max_num_queries(4):
        response = client.post(address(draft), sent)
    answer = response.json()
    assert response.status_code == 200
    assert re.fullmatch(r"Sparat kl\. \d\d\.\d\d\.", answer["sparat"])
    assert (kept("need"), kept("reach_planned")) == (["Första."], ["x"])
    again = client.post(address(draft), sent | {"bas": answer["bas"], "need": "Andra."})
    assert (again.status_code, kept("need")) == (200, ["Andra."])


def test_by_itself_every_refusal_is_told_to_the_script(client, draft, unit):
    sent = {"autosparar": "1", "need": "x"}
    assert client.post(f"/inventering/lamna-in/{draft.pk + 1}/vad/", sent).status_code == 404
    assert Client().post(address(draft), sent).status_code == 403
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(Draft.objects.get().unit.memberships.get().user)
    assert careful.post(address(draft), sent).status_code == 403
    assert client.post(address(draft), sent | {"need": "x" * 1_000_001}).status_code == 422
    Draft.objects.update(state="inlamnat", submitted_at=timezone.now())
    response = client.post(address(draft), sent)
    assert (response.status_code, list(response.json())) == (409, ["fel"])
    assert kept("need") == draft.payload["need"]


# --- Not writable, not signed in ------------------------------------------------------------------


def test_what_is_typed_when_it_was_handed_in_meanwhile_stays_on_the_page(client, draft):
    sums = bas(client, draft)
    Draft.objects.update(state="inlamnat", submitted_at=timezone.now())
    response = client.post(address(draft), {"bas": sums, "need": "För sent."})
    markup = response.content.decode()
    assert (response.status_code, kept("need")) == (409, draft.payload["need"])
    assert "För sent.</textarea>" in markup
    assert 'name="knapp"' not in markup
    assert client.get(address(draft)).url == f"/inventering/lamna-in/{draft.pk}/"


def test_it_is_not_written_when_it_moves_between_reading_and_saving(client, draft, monkeypatch):
    merge = DraftPage.write

    def slow(*rest):
        Draft.objects.update(state="inlamnat", submitted_at=timezone.now(), version=7)
        return merge(*rest)

    monkeypatch.setattr(DraftPage, "write", slow)
    assert send(client, draft, need="För sent.").status_code == 409
    assert kept("need") == draft.payload["need"]


def test_a_session_that_ended_loses_nothing(draft, reporter):
    browser = Client()
    browser.force_login(reporter)
    sums = bas(browser, draft)
    browser.logout()
    sent = {"bas": sums, "need": "Skrivet utloggad.", "themes": draft.payload["themes"]}
    response = browser.post(address(draft), sent)
    assert (response.status_code, response.url) == (302, f"/konto/logga-in/?next={address(draft)}")
    assert kept("need") == draft.payload["need"]

    assert log_in(browser, reporter, next=address(draft)).url == address(draft)
    markup = page(browser, address(draft))
    assert "Det här skrev du när du var utloggad. Det är inte sparat än." in markup
    assert "Skrivet utloggad.</textarea>" in markup
    assert kept("need") == draft.payload["need"]

    response = send(browser, draft, need="Skrivet utloggad.", themes=draft.payload["themes"])
    assert (response.status_code, kept("need")) == (302, ["Skrivet utloggad."])
    assert "när du var utloggad" not in page(browser, address(draft))


def test_others_do_not_see_what_somebody_typed_before_they_logged_in(draft):
    browser = Client()
    browser.post(address(draft), {"need": "Skrivet utloggad."})
    browser.force_login(make_writer(make_district("Bromma")))
    assert browser.get(address(draft)).status_code == 404


def test_what_is_too_much_to_wait_for_a_login_is_held_by_the_page_itself(draft, reporter):
    browser, text = Client(), "x" * 300_001
    sums = bas(signed_in(reporter), draft)
    sent = {"bas": sums, "need": text, "reach_planned": "25", "themes": draft.payload["themes"]}

    response = browser.post(address(draft), sent)

    markup = response.content.decode()
    assert response.status_code == 413
    assert "och högst 300 000 får plats. Det du skrev står kvar" in text_of(markup)
    held = held_in(markup)
    assert held == {name: ["".join(value)] for name, value in sent.items()}
    assert "skrivet-utan-inloggning" not in browser.session
    # She logs in beside it, and sends the page as it stands.
    browser.force_login(reporter)
    browser.post(address(draft), held)
    assert (kept("need"), kept("reach_planned")) == ([text], ["25"])


def test_what_waits_for_a_login_is_not_put_out_by_more(draft):
    browser = Client()
    assert browser.post(address(draft), {"need": "x" * 200_000}).status_code == 302
    response = browser.post(address(draft, "hur"), {"activities": "y" * 200_000})
    assert response.status_code == 413
    assert "y" * 200_000 in response.content.decode()
    assert list(browser.session["skrivet-utan-inloggning"]) == [f"{draft.pk}/for-vem"]


def test_whoever_sends_too_often_without_a_login_keeps_what_was_typed(draft):
    browser = Client()
    answers = [browser.post(address(draft), {"need": "Kort."}) for _ in range(40)]
    assert {response.status_code for response in answers} == {302, 429}
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    assert held_in(answers[-1].content.decode())["need"] == ["Kort."]


def test_a_page_from_before_the_login_keeps_what_was_typed(draft, reporter):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reporter)
    response = browser.post(
        address(draft), {"need": "Gammal sida.", "csrfmiddlewaretoken": "x" * 64}
    )
    markup = response.content.decode()
    assert (response.status_code, kept("need")) == (403, draft.payload["need"])
    assert "Gammal sida.</textarea>" in markup
    assert "Tryck på Spara igen." in markup


def test_a_curator_may_correct_what_was_handed_in(client, draft):
    Draft.objects.update(state="inlamnat", submitted_at=timezone.now())
    client.force_login(make_curator())
    assert send(client, draft, need="Rättat.").status_code == 302
    assert kept("need") == ["Rättat."]


# --- The pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_every_field_has_a_label_and_every_question_its_place(client, draft, step):
    markup = page(client, address(draft, step.key))
    fields = re.findall(
        r'<(?:input|select|textarea)\b(?![^>]*type="hidden")[^>]*?\bid="([^"]+)"', markup
    )
    labels = set(re.findall(r'for="([^"]+)"', markup))
    assert [each for each in fields if each not in labels and each != "find-q"] == []
    ids = re.findall(r'\bid="([^"]+)"', markup)
    assert len(ids) == len(set(ids))
    places = re.findall(r'id="fraga-([^"]+)"', markup)
    assert sorted(places) == sorted(question.key for question in step.questions)
    assert "Skriv inget som pekar ut en person" in markup or step.key == "kontakt"


def test_what_has_ended_is_asked_for_its_lessons_in_front(client, unit, reporter):
    draft = make_draft(unit, payload=complete_payload(status=["avslutades"]))
    before, after = page(client, address(draft, "resultat")).split("<summary>Lägg till mer")
    assert 'id="fraga-what_failed"' in before
    assert 'id="fraga-measures"' in after


def test_a_step_that_is_none_is_a_404(client, draft):
    assert client.get(address(draft, "nagot")).status_code == 404


def test_the_script_gets_what_it_needs(client, draft):
    markup = page(client, address(draft))
    assert "data-autosave" in markup
    assert 'src="/static/js/autosave.js"' in markup
    assert json.loads(bas(client, draft))


def test_an_untouched_row_for_one_more_is_no_answer(client, unit, reporter):
    """A browser posts what each list of the empty row begins with."""
    draft = make_draft(unit)
    rows = {}
    for step in ("hur", "resultat"):
        markup = page(client, f"/inventering/lamna-in/{draft.pk}/{step}/")
        for name, options in re.findall(
            r'<select name="((?:partners|links)-0-\w+)"[^>]*>(.*?)</select>', markup, re.S
        ):
            shown = re.search(r'value="([^"]*)" selected', options) or re.search(
                r'value="([^"]*)"', options
            )
            rows[name] = [shown[1]]
    assert sorted(rows) == ["links-0-kind", "partners-0-organisation", "partners-0-role"]
    answers = Answers(draft.payload | rows)
    assert (answers.partners.filled, answers.links.filled) == ([], [])
