"""What the pictures mean, and how the pages look on paper and in colours that are forced."""

import io

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from core import sheets

from .conftest import Opens

# Per district of the map: its figure, its class and how it is painted.
PAINTED = """() => [...document.querySelectorAll('.map a')].map((place) => {
  const land = getComputedStyle(place.querySelector('.land'));
  return [place.className.baseVal, land.fill, land.strokeWidth, land.strokeDasharray];
})"""
# Names and figures that do not lie inside their district.
OUTSIDE = """() => [...document.querySelectorAll('.map a')].flatMap((place) => {
  const land = place.querySelector('.land'), svg = land.ownerSVGElement;
  return [...place.querySelectorAll('text')].filter((text) => {
    const box = text.getBBox(), y = box.y + box.height / 2;
    return [box.x, box.x + box.width].some((x) => {
      const point = svg.createSVGPoint();
      point.x = x; point.y = y;
      return !land.isPointInFill(point);
    });
  }).map((text) => text.textContent);
})"""
SHADES = """() => [...document.querySelectorAll('.key i')].slice(0, 5).map((cell) => {
  const style = getComputedStyle(cell);
  return [style.backgroundColor, style.outlineStyle, style.outlineWidth].join(' ');
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_tells_nothing_reported_from_nothing_going_on(opens: Opens, scheme):
    page = opens("/inventering/oversikt/", scheme=scheme)
    assert page.evaluate(OUTSIDE) == []
    paint = {shade: (fill, dashes) for shade, fill, _, dashes in page.evaluate(PAINTED)}
    assert set(paint) == {"", "n0", "n1", "n2", "n3"}
    assert len({fill for fill, _ in paint.values()}) == 5
    assert {shade for shade, (_, dashes) in paint.items() if dashes != "none"} == {""}
    assert len(set(page.evaluate(SHADES))) == 5


def test_the_map_stays_legible_in_the_narrowest_window(opens: Opens):
    page = opens("/stadsdelar/", width=320)
    assert page.evaluate(OUTSIDE) == []
    sizes = """() => [...document.querySelectorAll('.map text')].map((text) =>
      parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""
    assert min(page.evaluate(sizes)) >= 11


def test_forced_colours_leave_the_states_apart(opens: Opens):
    page = opens("/inventering/oversikt/", forced_colors="active")
    paint = {shade: (width, dashes) for shade, _, width, dashes in page.evaluate(PAINTED)}
    assert len(paint) == len(set(paint.values())) == 5
    most, some, one, *others = page.evaluate(SHADES)
    assert len({most, some, one}) == 3
    assert not {most, some, one} & set(others)
    page.goto("/inventering/")
    badges = page.locator(".badge.pagar, .badge.avslutades, .badge.lades-ned, .badge.planeras")
    assert badges.count() > 20


def visible(page: Page, selector: str) -> list[str]:
    """What a selector finds that shows."""
    return [part.inner_text() for part in page.locator(selector).all() if part.is_visible()]


@pytest.mark.parametrize(
    ("path", "sheets_of_paper"),
    [
        ("/", 4),
        ("/inventering/?tema=samverkan&stadsdel=farsta", 1),
        ("/inventering/2/", 2),
        ("/inventering/oversikt/", 6),
        ("/inventering/jamfor/?id=1&id=2&id=5&id=9", 3),
        ("/stadsdelar/farsta/", 2),
    ],
)
def test_on_paper_only_what_is_read_remains(opens: Opens, path, sheets_of_paper):
    page = opens(path)
    page.emulate_media(media="print")
    assert visible(page, "nav, form.find, #urval, .filter, .foot, .skip, .pager, .export") == []
    assert visible(page, "button, select, input, .actions, .clear") == []
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    paper = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(paper) <= sheets_of_paper


def test_a_printed_list_says_which_selection_it_is(opens: Opens):
    page = opens("/inventering/?tema=samverkan&stadsdel=farsta")
    page.emulate_media(media="print")
    expect(page.locator(".chip").nth(0)).to_be_visible()
    expect(page.locator(".chip").nth(1)).to_be_visible()


def test_the_fact_sheet_is_a_pdf(opens: Opens):
    page = opens("/inventering/2/")
    link = page.get_by_role("link", name="Faktablad (PDF)")
    answer = page.request.get(link.get_attribute("href") or "")
    try:
        sheets.pdf("<!DOCTYPE html><html lang=sv><title>Prov</title><p>Prov</p>")
    except sheets.NoPrinter:
        assert answer.status == 503
        return
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    paper = pypdfium2.PdfDocument(answer.body())
    assert len(paper) <= 2
    assert "Kasam – en bedömnings" in paper[0].get_textpage().get_text_range()
