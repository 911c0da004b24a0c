"""What people of the stories do with a page, and how the page is looked at meanwhile."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

from .test_pages import AXE, OF_COLOUR, RULES, STICKS_OUT

# The second time only what may come out differently in other colours.
LOOKS: tuple[Any, ...] = (
    ("dark", 320, {"type": "tag", "values": RULES}),
    ("light", 1280, {"type": "rule", "values": OF_COLOUR}),
)


def press(page: Page | Locator, name: str) -> None:
    """A button of this name."""
    page.get_by_role("button", name=name, exact=True).click()


def check(page: Page, *labels: str) -> None:
    """Boxes of these names."""
    for label in labels:
        page.get_by_label(label, exact=True).first.check()


def is_free_of_barriers(page: Page, scripts: bool) -> None:
    """What axe finds, at 320 px in the dark as well; a page without scripts cannot be asked."""
    if not scripts:
        return
    for scheme, width, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        if not page.evaluate("typeof axe !== 'undefined'"):
            page.evaluate(AXE_SCRIPT)
        found = [*page.evaluate(AXE, rules), *page.evaluate(STICKS_OUT)]
        assert not found, f"{page.url}: {found}"


def tab_to(page: Page, name: str, most: int = 150) -> None:
    """Tab until what has focus says this name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(NAMED) == name:
            return
    raise AssertionError(f"{name} nås inte på {most} tabbar, {page.url}")


NAMED = """() => {
  const at = document.activeElement;
  return (at.labels?.[0] ?? at).textContent.trim().replace(/\\s+/g, ' ');
}"""
