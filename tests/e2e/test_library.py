"""Somebody reads, answers and tells; a curator decides; the teller takes it back. With and without
scripts.
"""

from playwright.sync_api import Page, expect

from .acting import check, is_free_of_barriers, press, tab_to
from .conftest import LogsIn


def read_and_cite(page: Page) -> str:
    """From the list to an item, and its reference as a file; the item's address."""
    page.goto("/bibliotek/?publikation=utvardering")
    page.get_by_role("link", name="Initial bedömning – implementering").first.click()
    expect(page.get_by_role("heading", name="Kort på lätt svenska")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="RIS för referensprogram").click()
    assert download.value.path().read_text("utf-8").startswith("TY  - RPRT\n")
    return page.url


def test_a_reader_answers_and_a_curator_lets_it_be_seen(logged_in: LogsIn, scripts: bool):
    words = f"Så är det hos oss, {'med' if scripts else 'utan'} skript."
    reader = logged_in("")
    reader.set_viewport_size({"width": 320, "height": 700})
    item = read_and_cite(reader)
    reader.get_by_role("link", name="Svara på frågan").click()
    press(reader, "Skicka svaret")
    expect(reader.get_by_role("alert")).to_be_visible()
    check(reader, "Stämmer delvis")
    reader.get_by_label("Några ord").fill(words)
    press(reader, "Skicka svaret")
    is_free_of_barriers(reader, scripts)
    reader.goto(item)
    expect(reader.get_by_text(words)).to_have_count(0)

    curator = logged_in("redaktör")
    curator.goto("/redaktion/roster/")
    is_free_of_barriers(curator, scripts)
    row = curator.get_by_role("listitem").filter(has_text=words)
    row.get_by_role("button", name="Godta").press("Enter")

    reader.goto(item)
    expect(reader.get_by_text(words)).to_be_visible()


def test_a_story_is_told_published_and_taken_back(logged_in: LogsIn, scripts: bool):
    title = f"Nyckeln till träffen, {'med' if scripts else 'utan'} skript"
    teller = logged_in("")
    teller.set_viewport_size({"width": 320, "height": 700})
    teller.goto("/beratta/")
    is_free_of_barriers(teller, scripts)
    check(teller, "Något jag har varit med om")
    teller.get_by_label("Berätta med dina egna ord").fill("Jag fick en nyckel till träffen.")
    teller.locator("[name=title]").fill(title)
    press(teller, "Skicka berättelsen")
    expect(teller.locator("[name=text]")).to_have_value("Jag fick en nyckel till träffen.")
    check(teller, "Ja, KSI får publicera det jag berättar, på det sätt som står här.")
    press(teller, "Skicka berättelsen")
    expect(teller.get_by_role("heading", level=1)).to_have_text("Tack för din berättelse")
    is_free_of_barriers(teller, scripts)
    own_page = teller.url

    curator = logged_in("redaktör")
    curator.goto("/redaktion/roster/")
    curator.get_by_role("link", name=title).click()
    tab_to(curator, "Godta och börja på ett utkast")
    curator.keyboard.press("Enter")
    expect(curator.get_by_role("heading", level=1)).to_have_text(title)
    curator.locator("[name=plain_summary]").fill("En person fick en egen nyckel till träffen.")
    curator.locator("[name=key_messages]").fill("Ansvar ger tillit.")
    curator.locator("[name=so_what]").fill("Våga lämna ut nyckeln.")
    curator.locator("[name=publisher_name]").fill("KSI")
    curator.locator("[name=year]").fill("2026")
    curator.locator("[name=review_due]").fill("2029-01-01")
    curator.locator("[name=language]").select_option("sv")
    check(curator, "Brukare och anhöriga", "Personal", "Boende")
    press(curator, "Spara och gå till publicering")
    press(curator, "Publicera")
    published = curator.url
    expect(curator.get_by_role("heading", level=1)).to_have_text(title)

    teller.goto(own_page)
    expect(teller.get_by_text("Din berättelse är publicerad.")).to_be_visible()
    teller.get_by_role("link", name="Ta tillbaka").first.click()
    press(teller, "Radera min berättelse")
    expect(teller.get_by_text("texten är raderad")).to_be_visible()
    gone = teller.goto(published)
    assert gone is not None
    assert gone.status == 410
    expect(teller.get_by_text("nyckel till träffen")).to_have_count(0)
