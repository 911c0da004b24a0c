"""The one search: suggestions with the keyboard alone, without script, and filters that follow."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from .conftest import Opens
from .test_pages import AXE, RULES, STICKS_OUT


def type_in(page: Page, typed: str, label: str = "Sök i portalen") -> None:
    """Write in the search field as somebody does, and wait for what is suggested."""
    page.get_by_label(label, exact=True).press_sequentially(typed, delay=20)
    expect(page.get_by_role("option").first).to_be_visible()


def test_the_keyboard_alone_goes_to_what_is_suggested(opens: Opens):
    page = opens("/om/")
    field = page.get_by_label("Sök i portalen")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "find-q":
            break
    page.keyboard.type("patologiskt")
    options = page.get_by_role("option")
    expect(options.last).to_have_text("Sök efter ”patologiskt”")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".find").get_by_role("status")).to_have_text(
        f"{options.count() - 1} förslag"
    )

    page.keyboard.press("ArrowDown")
    first = options.first
    expect(first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    title = first.evaluate("one => one.firstChild.textContent")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_escape_puts_the_suggestions_away_and_enter_searches(opens: Opens):
    page = opens("/om/")
    type_in(page, "boende")
    page.keyboard.press("Escape")
    field = page.get_by_label("Sök i portalen")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("boende")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/sok/\?q=boende$"))
    expect(page.get_by_label("Vad söker du efter?")).to_have_value("boende")


def test_the_last_line_searches_for_what_is_typed(opens: Opens):
    page = opens("/om/")
    type_in(page, "boende")
    page.get_by_role("option").last.click()
    expect(page).to_have_url(re.compile(r"/sok/\?q=boende$"))


def test_nothing_to_suggest_is_said_and_shows_no_list(opens: Opens):
    page = opens("/om/")
    page.get_by_label("Sök i portalen").press_sequentially("kvastskaft")
    expect(page.locator(".find").get_by_role("status")).to_have_text("Inga förslag")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_an_older_answer_never_shows(opens: Opens):
    """What was asked for "bo" arrives last, and is not waited for."""
    page = opens("/om/")
    slow = []
    page.route("**/sok.json?q=bo&*", lambda route: slow.append(route))
    field = page.get_by_label("Sök i portalen")
    field.press_sequentially("bo")
    while not slow:
        page.wait_for_timeout(20)
    field.press_sequentially("endestöd")
    expect(page.get_by_role("option").last).to_have_text("Sök efter ”boendestöd”")
    slow[0].abort()
    page.wait_for_timeout(100)
    expect(page.get_by_role("option").last).to_have_text("Sök efter ”boendestöd”")


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/", "Vad vill du veta mer om?"),
        ("/inventering/", "Sök i portalen"),
        ("/sok/", "Vad söker du efter?"),
        ("/sok/?q=barn", "Vad söker du efter?"),
        ("/finns/inte/", "Sök i portalen"),
    ],
)
def test_every_search_field_suggests(opens: Opens, address, label):
    page = opens(address)
    page.get_by_label(label, exact=True).fill("")
    type_in(page, "boende", label)


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "dark"), (320, "light"), (1280, "dark"), (1280, "light")]
)
def test_axe_finds_no_barrier_among_open_suggestions(opens: Opens, width, scheme):
    page = opens("/om/", width=width, scheme=scheme, reduced_motion="reduce")
    type_in(page, "boende")
    page.keyboard.press("ArrowDown")
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE, {"type": "tag", "values": RULES}) == []
    assert page.evaluate(STICKS_OUT) == []


def test_without_script_the_field_searches(opens: Opens):
    page = opens("/om/", scripts=False)
    page.get_by_label("Sök i portalen").fill("boendstöd")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Visar träffar för boendestöd.")).to_be_visible()
    hits = page.locator("#antal").inner_text()
    page.get_by_role("link", name="Sök i stället efter boendstöd").click()
    expect(page.locator("#antal")).to_have_text("Inga träffar på ”boendstöd”")
    page.go_back()
    assert page.locator("#antal").inner_text() == hits


def test_a_checked_box_changes_hits_counts_address_and_status(opens: Opens):
    page = opens("/sok/?q=st%C3%B6d")
    before = page.locator("#antal").inner_text()
    page.locator("#facett-slag > summary").click()
    methods = page.locator("#facett-slag label", has_text="Metoder")
    count = methods.locator(".n").inner_text().split()[0]
    methods.locator("input").check()
    told = f"{count} träffar"
    expect(page.locator("#antal")).to_have_text(told)
    expect(page.locator("#besked")).to_have_text(told)
    assert "slag=metod" in page.url
    assert page.evaluate("document.activeElement.id") == "f-slag-metod"
    page.go_back()
    expect(page.locator("#antal")).to_have_text(before)
