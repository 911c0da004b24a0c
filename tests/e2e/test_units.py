"""Units answer the yearly question, and learn from each other. With and without scripts."""

import re

from playwright.sync_api import Page, expect

from .acting import check, is_free_of_barriers, press
from .conftest import LogsIn, Portal

FARSTA, OTHER = "uppgiftslämnare i Farsta", "användare"
# The first link of the letter that asked Farsta's reporter.
LETTER = """
import django, re; django.setup()
from core.models import Mail
mail = Mail.objects.get(purpose="stammer-det-fortfarande", to="uppgiftslamnare@example.org")
print(re.search("/inventering/stammer/[^/]+/", mail.text)[0])
"""
# A Monday comes, and the letter tells of what was published here: where the letters can be ended.
DIGEST = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from core.models import Mail
from inventory import actions, following
from inventory.models import DigestSetting, Follow
setting = DigestSetting.objects.select_related("user").get(user__email="forskningsrad@example.org")
now, before = timezone.now(), timezone.now() - timedelta(days=1)
Follow.objects.filter(user=setting.user).update(created_at=before)
news = following.news(setting.user, since=before, until=now)
actions.send_digest(setting=setting, sections=news, until=now)
print(Mail.objects.filter(to=setting.user.email).latest("pk").unsubscribe)
"""


def test_the_yearly_question_is_answered_from_the_letter(
    logged_in: LogsIn, portal_to_change: Portal, scripts: bool
):
    way = "med skript" if scripts else "utan skript"
    letter = portal_to_change.runs(LETTER)
    reporter, visitor = logged_in(FARSTA), logged_in("")
    reporter.goto(letter)
    is_free_of_barriers(reporter, scripts)

    # GET shows, POST acts.
    opened(reporter, f"Stämmer {way}", "Stämmer")
    is_free_of_barriers(reporter, scripts)
    visitor.goto("/inventering/?stadsdel=farsta")
    visitor.get_by_role("link", name=f"Stämmer {way}", exact=True).click()
    expect(visitor.locator(".fresh")).to_contain_text("De har inte bekräftats sedan dess.")
    reporter.get_by_role("button", name=re.compile("^Stämmer")).click()
    visitor.reload()
    expect(visitor.locator(".fresh")).to_contain_text("Uppgifterna bekräftades senast")

    reporter.goto(letter)
    entry = entry_of(reporter, f"Ändras {way}")
    entry.get_by_role("link", name=re.compile("^Nytt värde")).click()
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("Värde").fill("sjuttio")
    press(reporter, "Spara")
    expect(reporter.get_by_role("alert").get_by_role("link")).not_to_have_count(0)
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("När", exact=True).fill("2025-11")
    reporter.get_by_label("Värde").fill("70,5")
    press(reporter, "Spara")
    expect(entry_of(reporter, f"Ändras {way}")).to_contain_text("70,5 procent, november 2025")

    opened(reporter, f"Ändras {way}", "Ändra")
    is_free_of_barriers(reporter, scripts)
    press(reporter, "Något ska ändras")
    expect(reporter.get_by_role("heading", level=1)).to_have_text(f"Ändra ”Ändras {way}”")

    reporter.goto(letter)
    opened(reporter, f"Slutar {way}", "Avslutat")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("När tog det slut?").fill("2013")
    press(reporter, "Avsluta")
    expect(reporter.get_by_role("alert")).to_contain_text("före")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("När tog det slut?").fill("2026")
    reporter.get_by_label("Hur många nådde ni?").fill("40")
    reporter.get_by_label("Vad blev resultatet?").fill("Fler sov gott.")
    reporter.get_by_label("Vad fungerade inte?").fill("Schemat.")
    reporter.get_by_label("Vilka råd ger ni nästa?").fill("Börja med schemat.")
    reporter.get_by_label("Vad händer nu?").fill("Det lever vidare.")
    press(reporter, "Avsluta")
    expect(entry_of(reporter, f"Slutar {way}")).to_contain_text("Det här är avslutat.")

    visitor.goto(letter)
    expect(visitor).to_have_url(re.compile("/konto/logga-in/"))
    stranger = logged_in(OTHER)
    assert [stranger.goto(each).status for each in (letter, f"{letter}36/stammer/")] == [404, 404]


def test_another_unit_does_likewise_and_both_pages_tell(logged_in: LogsIn, scripts: bool):
    way = "med skript" if scripts else "utan skript"
    reporter, curator = logged_in(OTHER), logged_in("redaktör")
    reporter.goto("/inventering/?stadsdel=farsta")
    reporter.get_by_role("link", name=f"Görs om {way}", exact=True).click()
    root = reporter.url
    reporter.get_by_role("link", name="Vi vill göra likadant").click()
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_label("Hälsning till dem").fill("Hur många behöver man vara?")
    press(reporter, "Skriv till dem och börja")
    draft = reporter.url
    expect(reporter.locator(".done")).to_contain_text("Vi har skrivit till dem.")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_role("link", name="Fortsätt: Vad").click()
    reporter.get_by_label("Vad heter det?").fill(f"Likadant {way}")
    reporter.get_by_label("Berätta kort").fill("Vi gör som de gör i Farsta.")
    check(reporter, "Pågår")
    reporter.get_by_label("Start", exact=True).fill("2026")
    press(reporter, "Spara och gå till För vem")
    reporter.goto(f"{draft}resultat/")
    check(reporter, "Ingen ännu")
    press(reporter, "Spara och gå till Kontakt")
    reporter.get_by_label("Kontakt (funktion)").fill("Samordnaren")
    press(reporter, "Spara och gå till översikten")
    press(reporter, "Lämna in")

    curator.goto("/redaktion/")
    curator.get_by_role("link", name=f"Likadant {way}").click()
    press(curator, "Publicera")
    reporter.goto(draft)
    reporter.get_by_role("link", name="Så står det publicerat").click()
    related(reporter, f"Inspirerat av Görs om {way}")
    reporter.goto(root)
    related(reporter, f"Har inspirerat Likadant {way}")
    is_free_of_barriers(reporter, scripts)


def test_an_idea_and_those_who_say_we_too(logged_in: LogsIn, scripts: bool):
    title = f"Nattcafé {'med' if scripts else 'utan'} skript"
    reporter, other = logged_in(FARSTA), logged_in(OTHER)
    reporter.goto("/inventering/ideer/")
    is_free_of_barriers(reporter, scripts)
    reporter.get_by_role("link", name="Lägg upp en idé eller ett behov").click()
    press(reporter, "Publicera")
    expect(reporter.get_by_role("alert").get_by_role("link")).not_to_have_count(0)
    is_free_of_barriers(reporter, scripts)
    check(reporter, "Ett behov: något vi saknar")
    reporter.get_by_label("Rubrik").fill(title)
    reporter.get_by_label("Beskriv kort").fill("Någonstans att gå när det är natt.")
    press(reporter, "Publicera")
    if reporter.get_by_role("heading", level=1).inner_text() == "Finns det redan?":
        is_free_of_barriers(reporter, scripts)
        press(reporter, "Publicera")
    expect(reporter.get_by_role("heading", level=1)).to_have_text(title)
    is_free_of_barriers(reporter, scripts)

    other.goto("/inventering/ideer/")
    other.get_by_role("link", name=title).click()
    other.get_by_role("link", name="Vi också").click()
    is_free_of_barriers(other, scripts)
    press(other, "Vi också")
    reporter.reload()
    expect(reporter.locator("#vi-ocksa + ul > li")).to_contain_text(["Skarpnäck"])


def test_who_follows_gets_a_letter_and_ends_it_with_one_click(
    logged_in: LogsIn, portal_to_change: Portal, scripts: bool
):
    follower = logged_in("forskningsråd")
    follower.goto("/mina-sidor/foljer/")
    is_free_of_barriers(follower, scripts)
    for each in follower.get_by_role("button", name=re.compile("^Sluta följa")).all():
        each.click()
    follower.goto("/inventering/?tema=boende")
    follower.get_by_role("link", name=re.compile("^Följ")).click()
    is_free_of_barriers(follower, scripts)
    press(follower, "Följ")
    follower.goto("/mina-sidor/foljer/")
    check(follower, "Varje vecka, på måndagen")
    press(follower, "Spara")
    is_free_of_barriers(follower, scripts)

    anybody = logged_in("")
    anybody.goto(re.sub("^https?://[^/]+", "", portal_to_change.runs(DIGEST)))
    expect(anybody.get_by_role("heading", level=1)).to_have_text("Avsluta mejlen")
    is_free_of_barriers(anybody, scripts)
    press(anybody, "Avsluta mejlen")
    expect(anybody.get_by_role("heading", level=1)).to_have_text("Mejlen är avslutade")
    follower.reload()
    expect(follower.get_by_label("Aldrig")).to_be_checked()


def entry_of(page: Page, title: str):  # type: ignore[no-untyped-def]
    """What the letter's page says of one entry."""
    return page.get_by_role("region", name=title, exact=True)


def opened(page: Page, title: str, answer: str) -> None:
    """One entry, by the letter's link for this answer."""
    number = entry_of(page, title).get_attribute("id") or ""
    path = {"Stämmer": "stammer", "Ändra": "andra", "Avslutat": "avslutat"}[answer]
    letter = re.sub("[?#].*", "", page.url)
    page.goto(f"{letter}{number.removeprefix('post-')}/{path}/")


def related(page: Page, told: str) -> None:
    """What the page tells of its chain."""
    expect(page.locator("main")).to_contain_text(told)
