"""A method is read and taken along; a curator moves it. With and without scripts."""

import re

from playwright.sync_api import expect

from .acting import check, is_free_of_barriers, press
from .conftest import Opens


def test_from_a_project_to_its_method_and_back_to_who_uses_it(opens: Opens):
    page = opens("/metoder/karta/", width=320)
    page.get_by_role("link", name="Motiverande samtal (MI)").first.click()
    expect(page.get_by_role("heading", name="1 projekt eller verksamhet")).to_be_visible()
    page.get_by_role("link", name="Arbete med sjukskrivna klienter").first.click()
    page.get_by_role("link", name="Motiverande samtal (MI)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Motiverande samtal (MI)")
    used = page.get_by_role("region", name="Här används Motiverande samtal")
    way = used.get_by_role("link", name="Skriv till dem")
    expect(way).to_have_attribute("href", re.compile(r"^/inventering/\d+/[\w-]+/kontakt/$"))


def test_a_curator_moves_a_method_and_everybody_reads_why(logged_in, scripts: bool):
    name = "Klarspråk" if scripts else "Metodstödjare"
    curator = logged_in("redaktör")
    curator.set_viewport_size({"width": 320, "height": 900})
    curator.get_by_role("link", name="Metodverkstaden").click()
    is_free_of_barriers(curator, scripts)
    curator.get_by_role("link", name=f"Flytta {name}").focus()
    curator.keyboard.press("Enter")
    press(curator, "Flytta")
    expect(curator.get_by_role("alert")).to_contain_text("Välj ett nytt läge.")
    is_free_of_barriers(curator, scripts)
    check(curator, "Utvärderas")
    curator.get_by_label("Skäl").fill("Nu vill vi veta vad det ger.")
    press(curator, "Flytta")
    evaluated = curator.get_by_role("region", name="Utvärderas")
    expect(evaluated).to_contain_text("Nu vill vi veta vad det ger.")
    evaluated.get_by_role("link", name=name, exact=True).click()
    workshop = curator.get_by_role("region", name="I metodverkstaden")
    expect(workshop).to_contain_text("Nu: Utvärderas.")
    expect(workshop).to_contain_text("Nu vill vi veta vad det ger.")
    is_free_of_barriers(curator, scripts)

    curator.goto("/redaktion/metodverkstad/ny/")
    curator.get_by_label("Namn").fill(f"Ny metod {name}")
    curator.get_by_label("Syfte").fill("Att fler ska trivas.")
    curator.get_by_label("Varför den är intressant").fill("Den togs upp på en konferens.")
    press(curator, "Påbörja utkastet")
    drafts = curator.get_by_role("region", name="Påbörjade utkast")
    expect(drafts).to_contain_text(f"Ny metod {name}")
