"""A curator writes an item with a file, sees it before, and publishes. With and without scripts."""

import re

from playwright.sync_api import Page, expect

from tests import files

from .acting import check, is_free_of_barriers, press

REPORT = {
    "name": "rapport.pdf",
    "mimeType": "application/pdf",
    "buffer": files.pdf_of("Rapport", "Tack"),
}


def fill(page: Page, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        page.locator(f"[name={name}]").fill(text)


def test_from_the_first_word_to_what_everybody_reads(logged_in, scripts: bool):
    title = f"Kvällsstöd {'med' if scripts else 'utan'} skript"
    curator = logged_in("redaktör")
    curator.goto("/redaktion/bibliotek/")
    curator.get_by_role("link", name="Skriv något nytt").click()
    is_free_of_barriers(curator, scripts)
    curator.get_by_label("Vad heter det?").fill(title)
    check(curator, "Utvärdering")
    press(curator, "Fortsätt")
    draft = re.sub(r"^.*?(/redaktion/.*)$", r"\1", curator.url)

    fill(curator, {"plain_summary": "Stödet kom på kvällen. Då sov fler av oss bättre hemma."})
    if scripts:
        expect(curator.locator("[data-saved]")).to_contain_text("Sparat kl.")
        curator.reload()
    else:
        press(curator, "Spara")
    expect(curator.get_by_text("Läsbarhet: LIX")).to_have_count(1)
    curator.goto(f"{draft}?saknas=1")
    is_free_of_barriers(curator, scripts)
    fill(
        curator,
        {
            "authors": "Berg, Anna",
            "publisher_name": "Förlaget",
            "year": "2024",
            "key_messages": "Fler sov bättre.",
            "so_what": "Fråga när på dygnet stödet behövs.",
            "review_due": "2029-01-01",
        },
    )
    curator.locator("[name=language]").select_option("sv")
    check(curator, "Forskning", "Personal", "Boende")
    press(curator, "Spara och gå till filerna")
    curator.get_by_label("Rubrik").fill("Hela rapporten")
    curator.locator("[name=file]").set_input_files(REPORT)
    press(curator, "Ladda upp")
    expect(curator.get_by_role("link", name="Hela rapporten", exact=True)).to_have_count(1)
    is_free_of_barriers(curator, scripts)

    curator.goto(f"{draft}forhandsvisning/")
    expect(curator.get_by_text("Förhandsvisning: så här blir sidan.")).to_be_visible()
    is_free_of_barriers(curator, scripts)
    curator.goto(f"{draft}publicera/")
    is_free_of_barriers(curator, scripts)
    press(curator, "Publicera")
    expect(curator.get_by_role("heading", level=1)).to_have_text(title)
    expect(curator.get_by_role("link", name="Hela rapporten")).to_have_count(1)
    curator.get_by_role("link", name="Ändra", exact=True).click()
    press(curator, "Börja ändra")
    expect(curator.locator("[name=so_what]")).to_have_value("Fråga när på dygnet stödet behövs.")
    curator.goto("/redaktion/bibliotek/att-gora/")
    is_free_of_barriers(curator, scripts)


def test_references_are_read_in(logged_in, scripts: bool):
    curator = logged_in("redaktör")
    curator.goto("/redaktion/bibliotek/import/")
    is_free_of_barriers(curator, scripts)
    title = f"Läst {'med' if scripts else 'utan'} skript"
    text = f"@book{{a, title={{{title}}}, year={{2001}}}}"
    curator.get_by_label("Eller klistra in").fill(text)
    press(curator, "Visa hur den blir läst")
    is_free_of_barriers(curator, scripts)
    press(curator, "Spara de valda som utkast")
    expect(curator.get_by_role("link", name=title, exact=True)).to_have_count(1)
