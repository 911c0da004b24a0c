"""Somebody asks the function of a project how they began; with and without scripts."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from .conftest import PATIENCE, Portal, Witness
from .test_pages import AXE, RULES, STICKS_OUT

SCHEMES: list[tuple[Literal["light", "dark"], int]] = [
    *(("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)),
]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request, browser: Browser, portal: Portal) -> Iterator[Page]:
    """A window at the project with all that a page can show; only the form's cookie is left."""
    context = browser.new_context(
        base_url=portal.base, java_script_enabled=request.param, locale="sv-SE"
    )
    context.set_default_timeout(PATIENCE)
    witness = Witness(context, portal.base)
    page = context.new_page()
    page.goto(portal.full)
    assert witness.ask() == []
    yield page
    told = witness.ask()
    context.close()
    assert told == ["kaka ksi_csrf"]


def test_a_message_is_written_put_right_and_sent_with_the_keyboard(page: Page):
    page.get_by_role("link", name="Skriv till funktionen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Skriv till funktionen")
    expect(
        page.get_by_role("heading", name="Behöver du hjälp nu?", exact=True).last
    ).to_be_visible()

    page.get_by_label("Ditt meddelande").focus()
    page.keyboard.type("Hur började ni? Bo heter han, 811218-9876.")
    page.keyboard.press("Tab")
    page.keyboard.type("bo")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("link")).to_have_count(2)
    expect(page.get_by_label("Ditt meddelande")).to_have_value(
        "Hur började ni? Bo heter han, 811218-9876."
    )
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Ditt meddelande")).to_be_focused()

    page.get_by_label("Ditt meddelande").fill("Hur började ni?")
    page.get_by_label("Din e-postadress").fill("bo@example.org")
    page.get_by_role("button", name="Skicka").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack för ditt meddelande")
    page.reload()
    expect(page.get_by_text("KSI har tagit emot det")).to_be_visible()
    page.get_by_role("link", name="Tillbaka till").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Före och efter")


def is_free_of_barriers(page: Page, name: str) -> None:
    """No barrier and nothing that sticks out, in each colour and width."""
    for scheme, width in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(AXE, {"type": "tag", "values": RULES})
        assert found + page.evaluate(STICKS_OUT) == [], (name, scheme, width)


def test_form_mistakes_and_thanks_have_no_barriers(browser: Browser, portal: Portal):
    context = browser.new_context(base_url=portal.base)
    page = context.new_page()
    page.goto(f"{portal.full}kontakt/")
    is_free_of_barriers(page, "formulär")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_be_visible()
    is_free_of_barriers(page, "fel")
    page.get_by_label("Ditt meddelande").fill("Hur gick det sedan?")
    page.get_by_label("Din e-postadress").fill("eva@example.org")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack för ditt meddelande")
    is_free_of_barriers(page, "tack")
    context.close()
