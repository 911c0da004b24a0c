"""Every page type: no barrier that axe finds, nothing that sticks out, light on the wire."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Route, expect

from core.errors import error_page

from .conftest import Opens, Portal

PAGES = {
    "start": "/",
    "list": "/inventering/",
    "filtered": "/inventering/?stadsdel=farsta&tema=brukarinflytande&tema=hemloshet&lage=pagar",
    "page-2": "/inventering/?sida=2",
    "empty": "/inventering/?q=zzz&tema=samverkan",
    "error-400": "/inventering/?fran=abc&tema=finns-inte",
    "much-known": "/inventering/2/",
    "little-known": "/inventering/30/",
    "before-after": "FULL",
    "search": "/sok/",
    "search-hits": "/sok/?q=st%C3%B6d+till+barn",
    "search-kinds": "/sok/?q=st%C3%B6d&visa=slag",
    "search-chosen": "/sok/?q=st%C3%B6d&tema=samverkan&slag=projekt&fran=2010&till=2016",
    "search-mended": "/sok/?q=boendst%C3%B6d",
    "search-none": "/sok/?q=kvastskaft",
    "search-some": "/sok/?q=boendest%C3%B6d+kvastskaft",
    "search-error": "/sok/?q=st%C3%B6d&tema=finns-inte&fran=abc",
    "search-too-long": f"/sok/?q={'b' * 201}",
    "library": "/bibliotek/",
    "library-none": "/bibliotek/?q=kvastskaft&fran=2010",
    "library-error": "/bibliotek/?tema=finns-inte&fran=abc",
    "library-item": "ITEM",
    "overview": "/inventering/oversikt/",
    "compare": "/inventering/jamfor/?id=1&id=2&id=5&id=9",
    "compare-none": "/inventering/jamfor/",
    "compare-too-many": "/inventering/jamfor/?id=1&id=2&id=3&id=4&id=5",
    "districts": "/stadsdelar/",
    "district": "/stadsdelar/enskede-arsta-vantor/",
    "merged": "/stadsdelar/vantor/",
    "methods": "/metoder/",
    "methods-chosen": "/metoder/?verkstad=provas&q=st%C3%B6d",
    "methods-error": "/metoder/?tema=finns-inte",
    "method": "/metoder/motiverande-samtal/",
    "method-map": "/metoder/karta/",
    "instruments": "/instrument/",
    "instrument": "/instrument/asi/",
    "about": "/om/",
    "accessibility": "/tillganglighet/",
    "personal-data": "/personuppgifter/",
    "404": "/finns/inte/",
    "410": "GONE",
}
# Pages that cannot be asked for: the template, shown where a page that can be asked for stands.
ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "400": (400, {"list_address": "/inventering/"}),
    "403": (403, {"csrf": True}),
    "405": (405, {}),
    "422": (422, {"count": 99_000, "most": 5_000, "list_address": "/inventering/"}),
    "429": (429, {"seconds": 40}),
    "500": (500, {}),
    "503": (503, {}),
    "503-print": (503, {"print_page": "/inventering/1/"}),
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Which rules may come out differently in the other colours of the same page.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
AXE = """async (only) => {
  const rules = {'target-size': {enabled: true}};
  const found = await axe.run(document, {resultTypes: ['violations'], runOnly: only, ...(
    only.type === 'tag' ? {rules} : {})});
  return found.violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`
  );
}"""
# What sticks out of the window without a scroll bar of its own.
STICKS_OUT = """() => {
  const out = [...document.querySelectorAll('body *')].filter((part) =>
    !part.closest('svg svg, .sr') && (part.matches('.scroll') || !part.closest('.scroll'))
    && part.getBoundingClientRect().right > innerWidth + 1);
  const names = out.map((part) => `${part.tagName}.${part.className} sticker ut`);
  if (document.documentElement.scrollWidth > innerWidth) names.push('sidan rullar i sidled');
  return names;
}"""


def goes(page: Page, portal: Portal, name: str) -> None:
    """Open a page of the table in a window that is there."""
    own = {"FULL": portal.full, "GONE": portal.gone, "ITEM": portal.item}
    page.goto(own.get(PAGES[name], PAGES[name]))


def shows(page: Page, name: str) -> None:
    """Show an error page as the portal would send it, safety headers and all."""
    status, context = ERRORS[name]
    html = error_page(status, **context).content

    def answer(route: Route) -> None:
        headers = route.fetch().headers
        kept = {key: headers[key] for key in ("content-type", "content-security-policy")}
        route.fulfill(status=status, headers=kept, body=html)

    page.route("**/om/", answer)
    page.goto("/om/")
    page.unroute("**/om/")
    expect(page.get_by_text(f"Felkod {status}")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "scheme", "other"), [(320, "light", "dark"), (1280, "dark", "light")]
)
def test_axe_finds_no_barrier_and_nothing_sticks_out(
    opens: Opens, portal: Portal, width, scheme, other
):
    # Tall, so that the filter's buttons, which stick to the window's edge, lie over nothing.
    page = opens("/om/", width=width, height=3000, scheme=scheme, reduced_motion="reduce")
    found = {}
    for name in [*PAGES, *ERRORS]:
        page.emulate_media(color_scheme=scheme)
        if name in PAGES:
            goes(page, portal, name)
        else:
            shows(page, name)
        page.evaluate(AXE_SCRIPT)
        found[name] = page.evaluate(AXE, {"type": "tag", "values": RULES})
        found[name] += page.evaluate(STICKS_OUT)
        page.emulate_media(color_scheme=other)
        found[name] += page.evaluate(AXE, {"type": "rule", "values": OF_COLOUR})
    assert {name: told for name, told in found.items() if told} == {}


def test_nothing_sticks_out_at_four_hundred_percent(opens: Opens, portal: Portal):
    """A window of 1280 × 1024 at 400 percent is 320 × 256; nothing may cover half of it."""
    page = opens("/om/", height=256, width=320)
    found = {}
    for name in PAGES:
        goes(page, portal, name)
        found[name] = page.evaluate(STICKS_OUT)
        found[name] += page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter((part) =>
                 ['fixed', 'sticky'].includes(getComputedStyle(part).position)
                 && !part.closest('.scroll')).map((part) => `${part.className} ligger kvar`)"""
        )
    assert {name: told for name, told in found.items() if told} == {}


def test_text_spacing_loses_nothing(opens: Opens, portal: Portal):
    """WCAG 1.4.12: the visitor's own spacing of lines, paragraphs, letters and words."""
    spaced = """() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
        word-spacing: .16em !important; } p { margin-block-end: 2em !important; }`);
      document.adoptedStyleSheets = [sheet];
    }"""
    clipped = """() => [...document.querySelectorAll('body *')].filter((part) => {
      if (part.closest('svg, .sr, .scroll, input, select')) return false;
      const style = getComputedStyle(part);
      const hides = style.overflowX !== 'visible' || style.overflowY !== 'visible';
      const wide = style.display !== 'inline' && part.scrollWidth > part.clientWidth + 1;
      return part.clientWidth && (hides || wide) && !part.querySelector('.map')
        && (wide || part.scrollHeight > part.clientHeight + 1);
    }).map((part) => `${part.tagName}.${part.className}: ${part.textContent.trim()}`)"""
    page = opens("/om/", width=320)
    found = {}
    for name in PAGES:
        goes(page, portal, name)
        page.evaluate(spaced)
        found[name] = page.evaluate(STICKS_OUT) + page.evaluate(clipped)
    assert {name: told for name, told in found.items() if told} == {}


def test_nothing_moves_for_those_who_want_it_still(opens: Opens, portal: Portal):
    moves = """() => [...document.querySelectorAll('*')].filter((part) => {
      const style = getComputedStyle(part);
      return style.transitionDuration !== '0s' || style.animationName !== 'none'
        || style.scrollBehavior !== 'auto';
    }).map((part) => `${part.tagName}.${part.className}`)"""
    page = opens("/", reduced_motion="reduce")
    for name in ("start", "list", "overview", "much-known"):
        goes(page, portal, name)
        assert page.evaluate(moves) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moves) != []


def test_a_first_visit_is_light(browser: Browser, portal: Portal):
    """At most five requests and 40 kB over the wire, compressed and with headers."""
    heavy = {}
    for name in ("start", "list", "search-hits", "much-known", "overview", "compare", "district"):
        context = browser.new_context(base_url=portal.base)
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        sizes: list[float] = []
        asked: list[str] = []
        wire.on(
            "Network.requestWillBeSent",
            lambda event, asked=asked: asked.append(event["request"]["url"]),
        )
        wire.on(
            "Network.loadingFinished",
            lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]),
        )
        goes(page, portal, name)
        # The tab's icon is the logo, and so is fetched once.
        fetched = {url for url in asked if not url.startswith("data:")}
        if len(fetched) > 5 or sum(sizes) > 40_000:
            heavy[name] = (sum(sizes), *fetched)
        context.close()
    assert heavy == {}
