"""A member of staff looks for what other districts have tried."""

import pytest
from playwright.sync_api import Page, expect

from .conftest import Opens

WIDTHS = [320, 768, 1280]


def unfold(page: Page) -> None:
    """Open the filter where it is folded away."""
    summary = page.locator("#filter > summary")
    if summary.is_visible() and page.locator("#filter[open]").count() == 0:
        summary.click()


def choose(page: Page, facet: str, label: str) -> None:
    """Check a box in a facet, unfolding what hides it."""
    unfold(page)
    group = page.locator(f"#facett-{facet}")
    if group.get_attribute("open") is None:
        group.locator(":scope > summary").click()
    box = group.get_by_role("checkbox", name=label)
    if not box.is_visible():
        group.locator(".rest > summary").click()
    box.check()


def facts(page: Page, name: str) -> list[str]:
    """What stands under a name among the facts."""
    row = page.locator(".facts > div").filter(has=page.locator("dt", has_text=name))
    return row.locator("dd").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("width", WIDTHS)
def test_within_a_minute_she_knows_who_did_it_and_what_came_of_it(opens: Opens, width, scripts):
    page = opens("/", width=width, scripts=scripts)
    page.get_by_label("Vad vill du veta mer om?").fill("boendestöd")
    page.get_by_role("button", name="Sök").click()
    expect(page).to_have_title("Sök: boendestöd – KSI")

    for facet, label in (("slag", "Projekt och"), ("stadsdel", "Skarpnäck"), ("tema", "Hemlöshet")):
        choose(page, facet, label)
        if not scripts:
            page.get_by_role("button", name="Visa urvalet").click()
        expect(page.get_by_label("Valda filter").get_by_text(label)).to_be_visible()
    expect(page.locator("#antal")).to_have_text("1 träff")
    expect(page.locator(".chips .chip")).to_have_text(
        [
            "Ta bort filtret Projekt och verksamheter",
            "Ta bort filtret Hemlöshet",
            "Ta bort filtret Skarpnäck",
        ]
    )

    page.get_by_role("link", name="Öppenvård sydost").click()
    expect(page).to_have_title("Öppenvård sydost – KSI")
    expect(page.get_by_role("heading", level=1)).to_have_text("Öppenvård sydost")
    assert facts(page, "Ansvarig") == ["Skarpnäck", "Enskede-Årsta-Vantör", "Farsta"]
    assert facts(page, "Period") == ["2014–2015"]
    assert facts(page, "Funktion") == ["Utvecklingsfunktionen, Skarpnäcks stadsdelsförvaltning"]
    results = page.get_by_role("heading", name="Resultat", exact=True)
    expect(results.locator("+ *")).to_contain_text("Den gemensamma enheten finns på plats.")
    expect(page.get_by_role("region", name="Kort på lätt svenska")).to_contain_text("Rågsved")


def test_filters_are_removed_one_by_one_without_script(opens: Opens):
    page = opens("/inventering/?stadsdel=skarpnack&tema=hemloshet&q=boendest%C3%B6d", scripts=False)
    counts = [page.locator("#antal").inner_text()]
    for label in ("boendestöd", "Hemlöshet", "Skarpnäck"):
        page.get_by_label("Valda filter").get_by_role("link", name=label).click()
        counts.append(page.locator("#antal").inner_text())
    assert counts == [
        "1 projekt eller verksamhet",
        "1 projekt eller verksamhet",
        "2 projekt och verksamheter",
        "33 projekt och verksamheter",
    ]
    assert page.url.endswith("/inventering/")


def test_sorting_and_turning_the_page_without_script(opens: Opens):
    page = opens("/inventering/", scripts=False)
    page.get_by_label("Ordna efter").select_option("Namn, A–Ö")
    page.get_by_role("button", name="Ordna").click()
    first = page.locator(".row h3").first
    expect(first).to_have_text("Arbete med sjukskrivna klienter")
    page.get_by_role("link", name="Nästa").click()
    assert page.locator(".row").count() == 8
    # å, ä and ö stand last
    expect(page.locator(".row h3").last).to_have_text("Öppenvård sydost")


@pytest.mark.parametrize("width", WIDTHS)
def test_two_projects_are_compared_and_one_is_taken_away(opens: Opens, width):
    page = opens("/inventering/", width=width, scripts=False)
    for title in ("Barnen i centrum", "Öppenvård sydost", "Hur går det?"):
        page.get_by_role("checkbox", name=f"Jämför {title}").check()
    page.get_by_role("button", name="Jämför valda (2–4)").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Jämför 3 projekt")
    heads = page.locator(".compare thead th")
    assert heads.all_inner_texts() == ["Barnen i centrum", "Öppenvård sydost", "Hur går det?"]
    kinds = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Typ"))
    assert kinds.locator("td").all_inner_texts() == ["Förstudie", "Projekt", "Projekt"]

    page.get_by_role("link", name="Ta bort Öppenvård sydost").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jämför 2 projekt")
    assert heads.all_inner_texts() == ["Barnen i centrum", "Hur går det?"]


@pytest.mark.parametrize(
    ("query", "heading", "said"),
    [
        ("?id=1", "Jämför projekt", "Välj minst ett projekt till att jämföra med."),
        (
            "?id=1&id=2&id=3&id=4&id=5",
            "Jämför 4 projekt",
            "Det går att jämföra högst 4 åt gången. Här visas de första.",
        ),
        ("?id=1&id=9999", "Jämför projekt", "Vi hittar inte projekt nummer 9999."),
    ],
)
def test_too_few_or_too_many_to_compare(opens: Opens, query, heading, said):
    page = opens(f"/inventering/jamfor/{query}", scripts=False)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("alert").locator("p")).to_have_text(said)


def test_a_cell_of_the_matrix_leads_to_its_list(opens: Opens):
    page = opens("/inventering/oversikt/")
    cell = page.get_by_role("link", name="om Samverkan i Enskede-Årsta-Vantör")
    figure = cell.inner_text().split()[0]
    cell.click()
    expect(page.locator("#antal")).to_have_text(f"{figure} projekt och verksamheter")
    assert figure == "3"
    expect(page.locator(".chips .chip")).to_have_text(
        [
            "Ta bort filtret Enskede-Årsta-Vantör",
            "Ta bort filtret Samverkan",
        ]
    )


def test_the_map_is_walked_with_the_keyboard(opens: Opens):
    page = opens("/inventering/oversikt/")
    page.locator("#karta").scroll_into_view_if_needed()
    page.locator(".map a").first.focus()
    names = []
    for _ in range(11):
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("Tab")
    assert len(set(names)) == 11
    assert "Farsta: 2 rapporterade, varav 1 pågår" in names
    assert "Norra innerstaden: 1 rapporterad, varav 1 pågår" in names
    assert "Södermalm: 3 rapporterade, inget pågår" in names
    assert "Bromma: inget rapporterat" in names

    page.get_by_role("link", name="Farsta: 2 rapporterade").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Farsta")


def test_the_table_beside_the_map_says_the_same(opens: Opens):
    page = opens("/inventering/oversikt/", scripts=False)
    table = page.get_by_role("table", name="Rapporterat per stadsdelsområde")
    rows = [row.inner_text().split("\t") for row in table.locator("tbody tr").all()]
    told = {
        name: f"{int(figures[0]) + int(figures[1])}" if len(figures) == 2 else "–"
        for name, *figures in rows
    }
    drawn = {}
    for place in page.locator(".map a").all():
        name = (place.get_attribute("aria-label") or "").split(":")[0]
        drawn[name] = place.locator(".count").text_content()
    assert len(told) == 11
    assert drawn == told


def test_the_timeline_draws_later_years_further_right(opens: Opens):
    page = opens("/inventering/oversikt/")
    bars = page.locator(".timeline li:not(.axis)")
    assert bars.count() == 33

    def left(title: str) -> float:
        bar = bars.filter(has=page.get_by_role("link", name=title, exact=True)).locator("rect")
        box = bar.bounding_box()
        assert box is not None
        return box["x"]

    order = ["Stockholmsenkäten och trygghetsmätningen", "Socialpsykiatriskt kunskapscentrum"]
    order += ["Öppenvård sydost", "Barnen i centrum"]
    places = [left(title) for title in order]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_a_merged_district_leads_on_to_what_it_became(opens: Opens):
    page = opens("/stadsdelar/vantor/", scripts=False)
    assert facts(page, "Upphörde") == ["1 januari 2007"]
    page.get_by_role("definition").get_by_role("link", name="Enskede-Årsta-Vantör").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enskede-Årsta-Vantör")
    assert facts(page, "Före dess") == ["Enskede-Årsta", "Vantör"]
