"""A unit writes and hands in, a curator returns and publishes. With and without scripts."""

import io
import re

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from .acting import check, is_free_of_barriers, press, tab_to
from .conftest import LogsIn


def test_from_the_first_word_to_what_everybody_reads(logged_in: LogsIn, scripts: bool):
    title = f"Frukost på träffen {'med' if scripts else 'utan'} skript"
    reporter = logged_in("uppgiftslämnare i Farsta")
    reporter.goto("/inventering/lamna-in/ny/")
    check(reporter, "Verksamhet")
    reporter.get_by_label("Vad heter det?").fill(title)
    reporter.get_by_label("Berätta kort").fill("Vi äter frukost ihop på träffen varje tisdag.")
    reporter.locator("main form button.btn").first.click()
    expect(reporter.get_by_role("heading", level=1)).to_have_text("Finns det redan?")
    is_free_of_barriers(reporter, scripts)
    check(reporter, "Vi gör något nytt")
    reporter.get_by_label("Varför gör ni något nytt?").fill("Ingen annan har frukost.")
    press(reporter, "Spara svaret")
    draft = re.sub(r"^.*?(/inventering/.*)$", r"\1", reporter.url)

    reporter.goto(f"{draft}for-vem/")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("Vilket behov möter det?").fill("Många hoppar över frukosten.")
    if scripts:
        expect(reporter.locator("[data-saved]")).to_contain_text("Sparat kl.")
        reporter.reload()
        expect(reporter.get_by_label("Vilket behov möter det?")).to_have_value(
            "Många hoppar över frukosten."
        )
    check(reporter, "Personal", "Boende", "Socialpsykiatri", "Träfflokal")
    press(reporter, "Spara och gå till Hur")
    reporter.get_by_label("Vad gör ni?").fill("Kaffe och smörgås klockan åtta.")
    check(reporter, "Samråd")
    press(reporter, "Spara och gå till Resultat")
    is_free_of_barriers(reporter, scripts)
    check(reporter, "Ingen ännu")
    press(reporter, "Spara och gå till Kontakt")
    reporter.get_by_label("Kontakt (funktion)").fill("Samordnaren på träffen")
    press(reporter, "Spara och gå till översikten")
    reporter.get_by_role("link", name="Visa vad som saknas").click()
    is_free_of_barriers(reporter, scripts)
    expect(reporter.get_by_role("alert").get_by_role("link")).to_have_count(2)
    reporter.goto(f"{draft}vad/")
    check(reporter, "Pågår")
    reporter.get_by_label("Start", exact=True).fill("2026")
    press(reporter, "Spara")
    reporter.goto(draft)
    press(reporter, "Lämna in")

    curator = logged_in("redaktör")
    curator.goto("/redaktion/")
    is_free_of_barriers(curator, scripts)
    curator.get_by_role("link", name=title).first.click()
    is_free_of_barriers(curator, scripts)
    review = curator.url
    press(curator, "Ta för granskning")
    for about, text in (("Vad gör ni?", "Hur många kommer?"), ("Var?", "Vilken lokal?")):
        if about == "Var?":  # nobody answered, so it is folded away
            curator.locator("summary", has_text="frivilliga frågor utan svar").nth(2).click()
        talk = curator.get_by_role("region", name=about, exact=True)
        talk.locator("summary").click()
        talk.get_by_label("Kommentar").fill(text)
        press(talk, "Spara kommentaren")
        expect(talk).to_contain_text(text)
    is_free_of_barriers(curator, scripts)
    press(curator, "Återsänd")

    reporter.goto(draft)
    is_free_of_barriers(reporter, scripts)
    expect(reporter.locator(".lead")).to_have_text(
        "Redaktionen har kommentarer. Läs dem, rätta och lämna in igen."
    )
    reporter.get_by_role("link", name="Svara på kommentaren om Var?").click()
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("Ert svar").fill("På träffen.")
    press(reporter, "Spara svaret")
    expect(reporter.locator("blockquote")).to_have_text("På träffen.")
    reporter.goto(f"{draft}hur/")
    reporter.get_by_label("Vad gör ni?").fill("Kaffe och smörgås klockan åtta. Tio kommer.")
    press(reporter, "Spara")
    reporter.goto(draft)
    press(reporter, "Lämna in")

    curator.goto(review)
    expect(curator.get_by_role("region", name="Var?", exact=True)).to_contain_text("På träffen.")
    press(curator, "Publicera")
    reporter.goto(draft)
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_role("link", name="Så står det publicerat").click()
    expect(reporter.get_by_role("heading", level=1)).to_have_text(title)
    expect(reporter.locator("main")).to_contain_text("Tio kommer.")


def test_what_is_published_stays_while_its_revision_is_reviewed_by_keyboard_alone(
    logged_in: LogsIn, scripts: bool
):
    title = f"Görs om {'med' if scripts else 'utan'} skript"
    reporter = logged_in("uppgiftslämnare i Farsta")
    reporter.goto("/inventering/lamna-in/")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_role("link", name=title, exact=True).click()
    permalink = reporter.url
    reporter.goto(f"{permalink}andra/")
    is_free_of_barriers(reporter, scripts)
    press(reporter, "Börja ändra")
    draft = reporter.url
    reporter.goto(f"{draft}hur/")
    reporter.get_by_label("Vad gör ni?").fill("Boendestöd till midnatt.")
    press(reporter, "Spara")
    reporter.goto(draft)
    press(reporter, "Lämna in")
    expect(reporter.locator(".lead")).to_contain_text("Redaktionen läser och hör av sig.")

    visitor = logged_in("")
    visitor.goto(permalink)
    expect(visitor.locator("main")).to_contain_text("Boendestöd till klockan 22.")
    expect(visitor.locator("main")).not_to_contain_text("midnatt")

    curator = logged_in("redaktör")
    keys = curator.keyboard
    curator.goto("/redaktion/")
    tab_to(curator, title)
    keys.press("Enter")
    expect(curator.locator("main")).to_contain_text("Ett svar är ändrat")
    is_free_of_barriers(curator, scripts)
    tab_to(curator, "Ta för granskning")
    keys.press("Enter")
    expect(curator.locator(".done")).to_contain_text("Du granskar nu utkastet.")
    tab_to(curator, "Kommentera: Vad gör ni?")
    keys.press("Enter")
    tab_to(curator, "Din kommentar")
    keys.type("Bra att det står till när.")
    tab_to(curator, "Spara kommentaren")
    keys.press("Enter")
    expect(curator.get_by_role("region", name="Vad gör ni?")).to_contain_text("Bra att det står")
    tab_to(curator, "Publicera")
    keys.press("Enter")
    expect(curator.get_by_role("heading", level=1)).to_have_text("Att granska")

    visitor.goto(permalink)
    expect(visitor).to_have_url(permalink)
    expect(visitor.locator("main")).to_contain_text("Boendestöd till midnatt.")


@pytest.mark.parametrize("scripts", [False], ids=["no-script"], indirect=True)
def test_a_colleague_who_saves_second_sees_both_answers_and_chooses(logged_in: LogsIn):
    """Without scripts: the page with both answers is made by the portal."""
    first, second = logged_in("uppgiftslämnare i Farsta"), logged_in("enhetschef i Farsta")
    step = f"{begun(first, 'Två skriver samtidigt')}for-vem/"
    for writer in (first, second):
        writer.goto(step)
    for writer, text in ((first, "Många är ensamma."), (second, "Kvällarna är långa.")):
        writer.get_by_label("Vilket behov möter det?").fill(text)
        press(writer, "Spara")
    expect(second.get_by_role("heading", level=1)).to_have_text("Två har ändrat samma svar")
    expect(second.locator(".card")).to_contain_text(["Kvällarna är långa.", "Många är ensamma."])
    second.set_viewport_size({"width": 320, "height": 900})
    assert second.evaluate("document.documentElement.scrollWidth") == 320
    check(second, "Behåll mitt")
    press(second, "Spara valen")
    first.goto(step)
    expect(first.get_by_label("Vilket behov möter det?")).to_have_value("Kvällarna är långa.")


def test_a_messy_list_from_excel_becomes_drafts(logged_in: LogsIn, scripts: bool):
    reporter = logged_in("uppgiftslämnare i Farsta")
    reporter.goto("/inventering/lamna-in/lista/")
    is_free_of_barriers(reporter, scripts)
    press(reporter, "Visa hur den blir läst")
    expect(reporter.get_by_role("alert").get_by_role("link")).to_have_text("Välj en Excel-fil.")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("Er lista").set_input_files(
        {"name": "lista.xlsx", "mimeType": "application/octet-stream", "buffer": messy()}
    )
    press(reporter, "Visa hur den blir läst")
    expect(reporter.locator(".lead")).to_have_text("3 rader lästa, 1 utan fel. Inget är sparat än.")
    is_free_of_barriers(reporter, scripts)
    expect(reporter.locator(".row li")).to_have_text(
        [re.compile("Läge: ”Pågor” finns inte bland orden. Menar ni ”Pågår”?"), re.compile("Namn")]
    )
    expect(reporter.get_by_label("Kvällsfika")).to_be_checked()
    check(reporter, "Promenader")
    press(reporter, "Spara de valda som utkast")
    expect(reporter.locator(".done")).to_contain_text("2 utkast är sparade.")
    reporter.get_by_role("link", name="Kvällsfika").first.click()
    reporter.get_by_role("link", name="Vad", exact=True).click()
    expect(reporter.get_by_label("Start", exact=True)).to_have_value("2024-05")


def begun(page: Page, title: str) -> str:
    """The address of a draft that was just begun."""
    page.goto("/inventering/lamna-in/ny/")
    check(page, "Verksamhet")
    page.get_by_label("Vad heter det?").fill(title)
    press(page, "Fortsätt")
    return page.url.removesuffix("finns-redan/")


def messy() -> bytes:
    """A list with a title above, a merged cell, empty rows, air, dates as text and a slip."""
    book = Workbook()
    sheet = book.worksheets[0]
    rows: tuple[tuple[str, ...], ...] = (
        ("Våra verksamheter 2026",),
        (),
        (" NAMN ", "läge", "Start"),
        ("  Kvällsfika ", "Pågår", "maj 2024"),
        (),
        ("Promenader", "Pågor", "2023"),
        ("", "Pågår", "2023"),
    )
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
