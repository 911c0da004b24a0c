"""The list follows along while one filters; the keyboard is enough."""

from playwright.sync_api import Page, Route, expect

from .conftest import Opens

EVERYTHING = "33 projekt och verksamheter"
# What stands where the keyboard is: the name, whether its mark shows, whether it is wholly covered.
WHERE = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const land = at.querySelector('.land');
  const marked = land
    ? getComputedStyle(land).strokeWidth === '8px'
    : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const shows = (part, down) => {
    const top = document.elementFromPoint(box.x + box.width * part, box.y + box.height * down);
    return !!top && (at.contains(top) || top.contains(at));
  };
  const free = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].some((at) => shows(...at));
  const name = (at.id || at.getAttribute('aria-label') || at.textContent).trim().slice(0, 40);
  return {tag: at.tagName, name, marked, free};
}"""


def walk(page: Page, most: int = 250) -> list[dict]:
    """Press Tab from the top to the end of the page; every stop."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(WHERE)
        if stop["tag"] == "BODY":
            return stops
        stops.append(stop)
    raise AssertionError(f"inget slut efter {most} tabbar")


def focused(page: Page) -> str:
    """The id of what has focus."""
    return page.evaluate("document.activeElement.id")


def test_a_checked_box_changes_list_counts_address_and_status(opens: Opens):
    page = opens("/inventering/")
    status = page.get_by_role("status")
    expect(status).to_have_text(EVERYTHING)
    page.locator("#facett-tema > summary").click()
    page.locator("#facett-lage > summary").click()
    ongoing = page.locator("#facett-lage label", has_text="Pågår").locator(".n")
    expect(ongoing).to_have_text("17 träffar")

    page.get_by_label("Samverkan", exact=False).first.check()
    expect(page.locator("#antal")).to_have_text("12 projekt och verksamheter")
    expect(status).to_have_text("12 projekt och verksamheter")
    expect(ongoing).to_have_text("5 träffar")
    assert page.locator(".row").count() == 12
    assert page.url.endswith("/inventering/?q=&tema=samverkan&fran=&till=&sortera=nyast")
    assert focused(page) == "f-tema-samverkan"
    for opened in ("tema", "lage"):
        assert page.locator(f"#facett-{opened}").get_attribute("open") is not None

    page.go_back()
    expect(page.locator("#antal")).to_have_text(EVERYTHING)
    expect(status).to_have_text(EVERYTHING)
    assert page.url.endswith("/inventering/")
    assert page.locator("#urval :checked[type=checkbox]").count() == 0

    page.go_forward()
    expect(page.locator("#antal")).to_have_text("12 projekt och verksamheter")
    assert page.locator("#f-tema-samverkan").is_checked()


class Held:
    """Keeps the answers to live updates back until they are let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: list[Route] = []
        self.open = False
        page.route("**/inventering/?*", self.hold)

    def hold(self, route: Route) -> None:
        """Keep one back."""
        if self.open:
            route.continue_()
        else:
            self.routes.append(route)

    def wait(self) -> None:
        """Until an update has been asked for."""
        while not self.routes:
            self.page.wait_for_timeout(20)

    def let_go(self) -> None:
        """Let those that were asked for answer, and the rest as well."""
        self.open = True
        for route in self.routes:
            route.continue_()


def test_a_box_checked_while_an_answer_is_on_its_way_counts(opens: Opens):
    page = opens("/inventering/")
    held = Held(page)
    page.locator("#facett-tema > summary").click()
    page.locator("#f-tema-samverkan").click()
    held.wait()
    page.locator("#f-tema-kompetensutveckling").click()
    held.let_go()
    expect(page.locator(".chips .chip")).to_have_text(
        ["Ta bort filtret Kompetensutveckling", "Ta bort filtret Samverkan"]
    )


def test_what_is_typed_while_an_answer_is_on_its_way_is_not_lost(opens: Opens):
    page = opens("/inventering/")
    held = Held(page)
    page.locator("#facett-tema > summary").click()
    page.locator("#f-tema-samverkan").click()
    held.wait()
    page.locator("#id_q").press_sequentially("boendestöd")
    held.let_go()
    expect(page.locator(".chips .chip")).to_have_text(
        ["Ta bort filtret Samverkan", "Ta bort filtret Sökord: boendestöd"]
    )
    assert page.locator("#id_q").input_value() == "boendestöd"
    assert focused(page) == "id_q"


def test_a_shared_address_gives_the_same_list_without_script(opens: Opens):
    live = opens("/inventering/")
    live.locator("#facett-tema > summary").click()
    live.locator("#f-tema-brukarinflytande").check()
    expect(live.locator("#antal")).to_have_text("5 projekt och verksamheter")
    titles = live.locator(".row h3").all_inner_texts()
    plain = opens(live.url, scripts=False)
    assert plain.locator(".row h3").all_inner_texts() == titles


def test_the_keyboard_alone_filters(opens: Opens):
    page = opens("/inventering/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    page.keyboard.press("Enter")
    assert focused(page) == "innehall"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.parentElement.id") == "facett-tema":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "f-tema-barn-och-foraldraskap"
    page.keyboard.press("Space")
    expect(page.locator("#antal")).to_have_text("4 projekt och verksamheter")
    assert focused(page) == "f-tema-barn-och-foraldraskap"
    page.keyboard.press("Space")
    expect(page.locator("#antal")).to_have_text(EVERYTHING)


def test_enter_in_the_search_field_and_the_button_keep_focus(opens: Opens):
    page = opens("/inventering/")
    page.locator("#id_q").fill("boendestöd")
    page.keyboard.press("Enter")
    expect(page.locator("#antal")).to_have_text("4 projekt och verksamheter")
    assert focused(page) == "id_q"
    page.locator("#f-sort").select_option("namn")
    page.locator("#ordna").press("Enter")
    expect(page.locator(".row h3")).to_have_text(
        [
            *("Patologiskt samlande", "Socialpsykiatriskt kunskapscentrum"),
            *("Task force om samlarsyndrom", "Öppenvård sydost"),
        ]
    )
    assert focused(page) == "ordna"


def test_a_year_that_is_none_is_told_at_once(opens: Opens):
    page = opens("/inventering/")
    page.locator("#facett-period > summary").click()
    page.get_by_label("Från år").fill("i fjol")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert.get_by_role("link")).to_have_text(
        "Skriv ett år med fyra siffror, till exempel 2015."
    )
    assert page.get_by_label("Från år").input_value() == "i fj"
    assert page.get_by_label("Från år").get_attribute("aria-invalid") == "true"
    assert "fran=i" in page.url
    alert.get_by_role("link").click()
    assert focused(page) == "id_fran"


def test_the_keyboard_is_always_visible_and_never_covered(opens: Opens):
    """On the narrowest window and at 400 percent, with the filter open."""
    for path, width, height in (
        ("/", 1280, 900),
        ("/inventering/oversikt/", 320, 640),
        ("/inventering/?tema=samverkan&tema=boende&lage=pagar", 320, 640),
        ("/inventering/?tema=samverkan&lage=pagar", 320, 256),
    ):
        page = opens(path, width=width, height=height, reduced_motion="reduce")
        if page.locator("#filter > summary").is_visible():
            page.locator("#filter > summary").click()
            page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
            page.evaluate("scrollTo(0, 0)")
        stops = walk(page)
        assert len(stops) > 15
        assert [stop for stop in stops if not (stop["marked"] and stop["free"])] == [], path
