"""A unit writes and hands in, a curator returns and publishes. With and without scripts."""

import re

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from .test_pages import AXE, RULES, STICKS_OUT


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def check(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_label(label, exact=True).first.check()


def is_free_of_barriers(page: Page, scripts: bool) -> None:
    """What axe finds, at 320 px in the dark as well; a page without scripts cannot be asked."""
    if not scripts:
        return
    for scheme, width in (("dark", 320), ("light", 1280)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        if not page.evaluate("typeof axe !== 'undefined'"):
            page.evaluate(AXE_SCRIPT)
        assert page.evaluate(AXE, RULES) == [], page.url
        assert page.evaluate(STICKS_OUT) == [], page.url


def test_from_the_first_word_to_what_everybody_reads(logged_in, scripts: bool):
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
    curator.goto(review)
    curator.get_by_label("Några ord till enheten").fill("Skriv hur många som kommer.")
    press(curator, "Återsänd")

    reporter.goto(f"{draft}hur/")
    reporter.get_by_label("Vad gör ni?").fill("Kaffe och smörgås klockan åtta. Tio kommer.")
    press(reporter, "Spara")
    reporter.goto(draft)
    press(reporter, "Lämna in")

    curator.goto(review)
    press(curator, "Publicera")
    reporter.goto(draft)
    reporter.get_by_role("link", name="Så står det publicerat").click()
    expect(reporter.get_by_role("heading", level=1)).to_have_text(title)
    expect(reporter.locator("main")).to_contain_text("Tio kommer.")
