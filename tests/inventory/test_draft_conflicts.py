"""Two colleagues write in the same step; nothing is written over unseen."""

import html
import re

import pytest
from django.test import Client

from core.draft_pages import DraftPage
from inventory.models import Draft
from library.models import Theme
from tests.factories import make_district, make_draft, make_term, make_unit, make_writer
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db


class Browser:
    """Somebody who has a step's page open."""

    def __init__(self, draft: Draft, email: str) -> None:
        self.client = Client()
        self.client.force_login(make_writer(draft.unit, email=email))
        self.address = f"/inventering/lamna-in/{draft.pk}/for-vem/"
        self.open()

    def open(self) -> None:
        self.read(page(self.client, self.address))

    def read(self, markup: str) -> None:
        """The hidden fields and boxes of a page."""
        found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', markup)
        found += re.findall(
            r'<input type="checkbox" name="(\w+)" value="(\d+)"[^>]* checked', markup
        )
        self.sent: dict[str, list[str]] = {}
        for name, value in found:
            if name not in {"csrfmiddlewaretoken", "opened"}:
                self.sent.setdefault(name, []).append(html.unescape(value))
        for name, text in re.findall(
            r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', markup, re.S
        ):
            self.sent[name] = [html.unescape(text)]

    def save(self, **answers):
        response = self.client.post(self.address, self.sent | answers)
        if response.status_code != 302:
            self.read(response.content.decode())
        return response


@pytest.fixture
def draft() -> Draft:
    return make_draft(make_unit("Träffpunkten", make_district("Farsta")))


@pytest.fixture
def two(draft) -> tuple[Browser, Browser]:
    return Browser(draft, "ett@example.org"), Browser(draft, "tva@example.org")


def kept(name: str) -> list[str]:
    return Draft.objects.get().payload.get(name, [])


def test_different_answers_are_joined(two):
    first, second = two
    theme = str(make_term(Theme, "Natt").pk)
    assert first.save(need="Förstas behov.").status_code == 302
    assert second.save(rationale="Andras skäl.", themes=[theme]).status_code == 302
    assert (kept("need"), kept("rationale"), kept("themes")) == (
        *(["Förstas behov."], ["Andras skäl."], [theme]),
    )


def test_the_second_sees_both_answers_and_chooses(two):
    first, second = two
    first.save(need="Förstas behov.")
    response = second.save(need="Andras behov.", rationale="Andras skäl.")
    text = text_of(response.content.decode())
    assert response.status_code == 409
    assert "Ditt svar Andras behov." in text
    assert "Det som är sparat Förstas behov." in text
    assert "ett@example.org sparade medan du skrev." in text
    assert (kept("need"), kept("rationale")) == (["Förstas behov."], ["Andras skäl."])

    # Without a choice nothing is written over.
    response = second.save()
    assert (response.status_code, kept("need")) == (409, ["Förstas behov."])
    assert second.save(**{"val-need": "mitt"}).status_code == 302
    assert (kept("need"), kept("rationale")) == (["Andras behov."], ["Andras skäl."])


def test_the_second_may_keep_what_is_saved(two):
    first, second = two
    first.save(need="Förstas behov.")
    second.save(need="Andras behov.", rationale="Andras skäl.")
    assert second.save(**{"val-need": "deras"}).status_code == 302
    assert (kept("need"), kept("rationale")) == (["Förstas behov."], ["Andras skäl."])


def test_what_is_saved_anew_while_one_chooses_is_seen_too(two):
    first, second = two
    first.save(need="Förstas behov.")
    second.save(need="Andras behov.")
    first.open()
    first.save(need="Förstas nya behov.")
    response = second.save(**{"val-need": "mitt"})
    assert response.status_code == 409
    assert "Det som är sparat Förstas nya behov." in text_of(response.content.decode())
    assert kept("need") == ["Förstas nya behov."]


def test_one_who_chose_one_answer_and_not_the_other_is_asked_again_of_that_alone(two):
    first, second = two
    first.save(need="Förstas behov.", rationale="Förstas skäl.")
    second.save(need="Andras behov.", rationale="Andras skäl.")
    response = second.save(**{"val-need": "deras"})
    assert response.status_code == 409
    assert second.sent["tvist"] == ["rationale"]
    assert second.save(**{"val-rationale": "mitt"}).status_code == 302
    assert (kept("need"), kept("rationale")) == (["Förstas behov."], ["Andras skäl."])


def test_chosen_words_are_shown_and_not_their_numbers(two):
    first, second = two
    for browser, name in ((first, "Natt"), (second, "Dag")):
        browser.save(themes=[str(make_term(Theme, name).pk)])
    assert second.sent["tvist"] == ["themes"]
    response = second.save()
    text = text_of(response.content.decode())
    assert ("Ditt svar Dag" in text, "Det som är sparat Natt" in text) == (True, True)


def test_two_in_the_same_moment_lose_nothing(two, monkeypatch):
    """The second reads, the first saves, the second saves."""
    first, second = two
    write = DraftPage.write

    def slow(*rest):
        monkeypatch.setattr(DraftPage, "write", write)
        first.save(need="Förstas behov.")
        return write(*rest)

    monkeypatch.setattr(DraftPage, "write", slow)
    assert second.save(rationale="Andras skäl.").status_code == 302
    assert (kept("need"), kept("rationale")) == (["Förstas behov."], ["Andras skäl."])


def test_saving_by_itself_never_writes_over_a_colleague(two):
    first, second = two
    first.save(need="Förstas behov.")
    response = second.client.post(
        second.address,
        second.sent | {"autosparar": "1", "need": "Andras behov.", "rationale": "Andras skäl."},
    )
    assert response.status_code == 409
    assert (kept("need"), kept("rationale")) == (["Förstas behov."], ["Andras skäl."])
    # She goes on writing in the other one: that is no quarrel with herself.
    second.sent["bas"] = [response.json()["bas"]]
    response = second.save(need="Andras behov.", rationale="Andras skäl, längre.")
    assert (response.status_code, second.sent["tvist"]) == (409, ["need"])
    assert kept("rationale") == ["Andras skäl, längre."]


def test_the_same_answer_twice_is_no_quarrel(two):
    first, second = two
    first.save(need="Samma.")
    assert second.save(need="Samma.").status_code == 302
    assert Draft.objects.get().version == 2
