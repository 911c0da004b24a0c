"""Accounts in a browser: passkeys, no barriers, without scripts, at 320 px, in the dark.

The portal runs in this process (live_server), so that mail can be read from memory.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.core import mail
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from inventory.actions import record_change
from people import erasure
from people.actions import give_role, rebuild_lineage
from people.demo import make_demo_users
from people.models import Membership, User
from tests.factories import make_curator, make_district, make_project, make_user
from tests.people.provider import running_provider
from tests.people.walking import SECRET, add_app, app_code, code_in, last_mail

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop is in this thread
CHROMIUM = shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
AXE = """async (rules) => {
  const found = await axe.run(document, {
    resultTypes: ['violations'], runOnly: {type: 'tag', values: rules},
    rules: {'target-size': {enabled: true}},
  });
  return found.violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`
  );
}"""
STICKS_OUT = """() => document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll('body *')].filter(
      (part) => part.getBoundingClientRect().right > innerWidth + 1
    ).map((part) => `${part.tagName}.${part.className}`)
  : []"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, which as root wants no sandbox and is to call nobody."""
    if not CHROMIUM:
        pytest.skip("chromium är inte installerat")
    flags = "no-sandbox disable-gpu disable-background-networking disable-component-update"
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [f"--{flag}" for flag in (*flags.split(), "disable-sync", "no-first-run")],
    }


Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser, live_server: Any) -> Iterator[Opens]:
    """`opens("/konto/logga-in/")`: a new window; at the end none may have complained."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        answered = "the server responded with a status of" in message.text
        if message.type in {"error", "warning"} and not answered:
            complaints.append(message.text)

    def _opens(path: str, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            java_script_enabled=scripts,
            locale="sv-SE",
        )
        context.set_default_timeout(8000)
        context.on("console", note)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield _opens
    for context in contexts:
        context.close()
    assert complaints == []


def add_authenticator(page: Page, *, asks_who: bool = True) -> Any:
    """A telephone or a stick that the browser can ask; it says yes at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal" if asks_who else "usb",
        "hasResidentKey": asks_who,
        "hasUserVerification": asks_who,
        "isUserVerified": asks_who,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def log_in(page: Page, user: User) -> None:
    """By a code, as most do."""
    page.goto("/konto/logga-in/")
    page.get_by_label("E-postadress i arbetet").fill(user.email)
    page.get_by_role("button", name="Skicka koden").click()
    page.get_by_label("Kod", exact=True).fill(code_in(last_mail()))
    page.get_by_role("button", name="Fortsätt").click()


def heading(page: Page, name: str) -> None:
    """Wait for the page with this heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_passkey_is_added_and_then_logs_in_by_itself(opens):
    user = make_user(name="Anna")
    page = opens("/konto/logga-in/")
    devtools, key = add_authenticator(page)
    log_in(page, user)
    heading(page, "Mina sidor")
    page.get_by_role("link", name="Nycklar och andra faktor").click()
    page.get_by_role("link", name="Lägg till en nyckel").click()
    page.get_by_label("Namn på nyckeln").fill("Mobilen")
    page.get_by_role("button", name="Lägg till nyckeln").click()
    heading(page, "Reservkoder")
    assert (
        len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]) == 1
    )
    assert last_mail().subject == "En nyckel är tillagd på ditt konto i KSI"
    page.goto("/konto/sakerhet/")
    expect(page.get_by_role("heading", name="Mobilen")).to_be_visible()
    expect(page.get_by_text("Loggar in utan kod.")).to_be_visible()

    page.goto("/konto/logga-ut/")
    page.get_by_role("button", name="Logga ut").click()
    heading(page, "Logga in")
    expect(page.get_by_text("Du är utloggad.")).to_be_visible()
    sent = len(mail.outbox)
    page.get_by_role("button", name="Logga in med en nyckel").click()
    heading(page, "Mina sidor")
    assert len(mail.outbox) == sent


def test_a_passkey_leads_on_to_where_one_was_going(opens):
    user = make_user()
    page = opens("/konto/logga-in/")
    add_authenticator(page)
    log_in(page, user)
    page.goto("/konto/sakerhet/nycklar/ny/")
    page.get_by_role("button", name="Lägg till nyckeln").click()
    heading(page, "Reservkoder")
    page.context.clear_cookies()
    page.goto("/konto/namn/")
    page.get_by_role("button", name="Logga in med en nyckel").click()
    heading(page, "Ändra namn")


def test_a_stick_without_pin_is_a_second_factor_for_a_curator(opens, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    curator = make_curator()
    page = opens("/konto/logga-in/")
    add_authenticator(page, asks_who=False)
    log_in(page, curator)
    heading(page, "Nycklar och andra faktor")
    expect(page.get_by_role("heading", name="Lägg till en andra faktor först")).to_be_visible()
    page.get_by_role("link", name="Lägg till en nyckel").click()
    page.get_by_label("Använd nyckeln också i stället för kod").uncheck()
    page.get_by_role("button", name="Lägg till nyckeln").click()
    heading(page, "Reservkoder")
    page.goto("/admin/")
    expect(page.locator("#site-name")).to_be_visible()

    page.context.clear_cookies()
    log_in(page, curator)
    heading(page, "Ett steg till")
    page.get_by_role("button", name="Använd en nyckel").click()
    heading(page, "Mina sidor")
    page.goto("/konto/sakerhet/reservkoder/nya/")
    heading(page, "Visa att det är du")
    page.get_by_role("link", name="Använd en nyckel").click()
    page.get_by_role("button", name="Använd nyckeln").click()
    heading(page, "Vill du få nya reservkoder?")


def test_who_has_no_passkey_is_told_what_to_do(opens):
    page = opens("/konto/logga-in/")
    add_authenticator(page)
    page.get_by_role("button", name="Logga in med en nyckel").click()
    expect(page.locator("[data-passkey-error]")).to_contain_text(
        "Det gick inte att använda nyckeln."
    )
    heading(page, "Logga in")


def test_without_scripts_codes_do_and_passkeys_say_what_they_need(opens):
    user = make_user()
    page = opens("/konto/logga-in/", scripts=False)
    expect(page.get_by_text("Nycklar behöver JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Logga in med en nyckel")).to_be_hidden()
    log_in(page, user)
    heading(page, "Mina sidor")
    page.goto("/konto/sakerhet/app/")
    secret = page.locator("code").inner_text()
    page.get_by_label("Kod från appen").fill(app_code(secret))
    page.get_by_role("button", name="Lägg till appen").click()
    heading(page, "Reservkoder")
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta som fil").click()
    assert re.findall(r"^\d{8}$", download.value.path().read_text(), re.M) != []
    page.goto("/konto/inloggningar/")
    page.get_by_role("button", name="Logga ut överallt").click()
    heading(page, "Logga in")


def test_a_role_of_the_demonstration_with_one_click(opens):
    make_demo_users()
    page = opens("/konto/logga-in/", scripts=False)
    page.get_by_role("button", name="Demo: redaktör").click()
    heading(page, "Mina sidor")
    page.get_by_role("link", name="Redaktörernas verktyg").click()
    expect(page.locator("#site-name")).to_be_visible()


def test_the_button_of_single_sign_on_gets_through_the_browsers_own_rules(opens, settings):
    with running_provider() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = provider.settings()
        rules = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        allowed = {**rules, "form-action": ["'self'", provider.issuer]}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": allowed}
        page = opens("/konto/logga-in/?next=/konto/namn/")
        page.get_by_role("button", name="Logga in med Stadens konto").click()
        heading(page, "Ändra namn")
        expect(page.get_by_label("Ditt namn")).to_have_value("Anna Exempel")


# --- Barriers -----------------------------------------------------------------------------------


def is_free_of_barriers(page: Page, name: str) -> None:
    """No barrier in light or dark, nothing that sticks out at 320 px."""
    schemes: list[tuple[Literal["light", "dark"], int]] = [("light", 1280), ("dark", 320)]
    for scheme, width in schemes:
        # Without motion: colours that fade over are measured halfway.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(AXE, RULES) == [], (name, scheme)
        assert page.evaluate(STICKS_OUT) == [], name


def test_the_way_in_has_no_barriers(opens):
    make_demo_users()
    user = make_user("anna@example.org", name="Anna")
    add_app(user)
    page = opens("/konto/logga-in/")
    add_authenticator(page)
    for path in ("logga-in/", "logga-in/losenord/", "ny/", "avstangt/", "sso/fel/"):
        page.goto(f"/konto/{path}")
        is_free_of_barriers(page, path)
        if (button := page.locator("form.form .btn")).count():
            button.first.click()
            expect(page.locator(".error-summary")).to_be_visible()
            is_free_of_barriers(page, f"{path} med fel")
    log_in(page, user)
    heading(page, "Ett steg till")
    is_free_of_barriers(page, "andra faktorn")
    page.get_by_role("button", name="Börja om").click()
    page.get_by_label("E-postadress i arbetet").fill(user.email)
    page.get_by_role("button", name="Skicka koden").click()
    is_free_of_barriers(page, "koden")
    page.goto("/demo/post/")
    is_free_of_barriers(page, "post")


def test_ones_own_pages_have_no_barriers(opens):
    user = make_user(name="Anna Exempel")
    page = opens("/konto/logga-in/")
    add_authenticator(page)
    log_in(page, user)
    heading(page, "Mina sidor")
    for path in (
        *("mina-sidor/", "konto/namn/", "konto/losenord/", "konto/logga-ut/"),
        *("konto/inloggningar/", "konto/sakerhet/", "konto/sakerhet/app/"),
    ):
        page.goto(f"/{path}")
        is_free_of_barriers(page, path)
    page.goto("/konto/sakerhet/nycklar/ny/")
    is_free_of_barriers(page, "ny nyckel")
    page.get_by_role("button", name="Lägg till nyckeln").click()
    heading(page, "Reservkoder")
    is_free_of_barriers(page, "reservkoder")
    page.goto("/konto/sakerhet/")
    is_free_of_barriers(page, "en nyckel")
    page.get_by_role("link", name="Ta bort Nyckel 1").click()
    is_free_of_barriers(page, "ta bort nyckeln")
    page.get_by_role("button", name="Ta bort nyckeln").click()
    heading(page, "Nycklar och andra faktor")
    expect(page.get_by_text("Nyckeln är borttagen.")).to_be_visible()
    is_free_of_barriers(page, "borttagen")
    assert SECRET


def test_the_history_and_the_registrars_page_have_no_barriers(opens):
    user = make_curator(name="Anna Exempel")
    project = make_project(title="Kvällsöppet boendestöd")
    changes = {"title": ("Kvällsöppet", "Kvällsöppet boendestöd"), "contact_phone": ("1", "2")}
    for _ in range(26):
        record_change(project=project, by=user, changes=changes, reason="Rättat.")
    page = opens("/konto/logga-in/")
    log_in(page, user)
    heading(page, "Mina sidor")
    is_free_of_barriers(page, "redaktion")
    page.get_by_role("link", name="Historik").click()
    for path in ("", "?slag=x&konto=x&fran=x", "?q=finnsinte"):
        page.goto(f"/redaktion/historik/{path}")
        is_free_of_barriers(page, f"historik{path}")
    page.goto("/redaktion/historik/")
    page.get_by_role("link", name="Kvällsöppet boendestöd").first.click()
    heading(page, "Kvällsöppet boendestöd")
    for summary in page.get_by_text("2 ändrade uppgifter").all():
        summary.click()
    is_free_of_barriers(page, "ett projekts historik")
    page.goto("/registrator/")
    page.get_by_role("button", name="Hämta filen").click()
    expect(page.get_by_role("link", name="Skriv ärendets diarienummer.")).to_be_visible()
    is_free_of_barriers(page, "utlämnande med fel")
    page.get_by_label("Diarienummer").fill("SF 2026/123")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hämta filen").click()
    assert download.value.suggested_filename == "historik-sf-2026-123.csv"
    page.goto("/registrator/")
    page.get_by_text("3 uppgifter").click()
    is_free_of_barriers(page, "utlämnat")


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_joins_a_unit_and_its_manager_lets_her_in(opens, scripts):
    farsta = make_district("Farsta")
    rebuild_lineage()
    manager, asking = make_user("chef@example.org"), make_user("ny@example.org")
    Membership.objects.create(
        user=manager, organisation=farsta, role="enhetschef", state=Membership.State.APPROVED
    )
    hers = opens("/konto/logga-in/", scripts=scripts)
    log_in(hers, asking)
    hers.get_by_role("link", name="Gå med i en enhet").click()
    hers.get_by_label("Enhet eller organisation").select_option("Farsta")
    hers.get_by_label("Uppgiftslämnare").check()
    hers.get_by_role("button", name="Skicka ansökan").click()
    expect(hers.locator("main").get_by_role("status")).to_have_text(
        "Din ansökan till Farsta är skickad."
    )

    his = opens("/konto/logga-in/", scripts=scripts)
    log_in(his, manager)
    expect(his.get_by_text("En ansökan väntar på ditt svar.")).to_be_visible()
    his.get_by_role("link", name="Medarbetare i Farsta").click()
    his.get_by_role("button", name="Godkänn ny@example.org").click()
    expect(his.locator("main").get_by_role("status")).to_have_text("ny@example.org: godkänd.")

    hers.reload()
    expect(hers.get_by_role("button", name="Lämna Farsta")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_sees_fetches_and_erases_what_is_kept_about_her(opens, scripts):
    user, registrar = make_user("jag@example.org"), make_user("registrator@example.org")
    give_role(user=registrar, role="registrator", by=None)
    hers = opens("/konto/logga-in/", scripts=scripts)
    log_in(hers, user)
    hers.get_by_role("link", name="Mina uppgifter").click()
    expect(hers.get_by_role("heading", name="Konto")).to_be_visible()
    with hers.expect_download() as download:
        hers.get_by_role("link", name="Hämta allt som en fil").click()
    assert download.value.suggested_filename == "ksi-mina-uppgifter.json"
    hers.get_by_role("link", name="Be om att få uppgifterna raderade").click()
    hers.get_by_role("button", name="Be om radering").click()
    expect(hers.get_by_text("En människa svarar på resten, inom en månad.")).to_be_visible()

    his = opens("/konto/logga-in/", scripts=scripts)
    log_in(his, registrar)
    his.get_by_role("link", name="Begäran om radering").click()
    his.get_by_role("link", name="jag@example.org").click()
    his.get_by_role("button", name="Radera kontot").click()
    expect(his.locator("main").get_by_role("status")).to_contain_text("Kontot är raderat.")

    hers.goto("/mina-sidor/")
    heading(hers, "Logga in")
    assert not User.objects.filter(pk=user.pk).exists()


def test_the_pages_about_personal_data_have_no_barriers(opens):
    user = make_curator(name="Administratören")
    asked, _ = erasure.ask(by=make_user("jag@example.org"))
    page = opens("/konto/logga-in/")
    log_in(page, user)
    heading(page, "Mina sidor")
    for path in (
        *("mina-sidor/mina-uppgifter/", "mina-sidor/mina-uppgifter/radera/", "personuppgifter/"),
        *("redaktion/personuppgifter/", "redaktion/radering/", f"redaktion/radering/{asked.pk}/"),
    ):
        page.goto(f"/{path}")
        is_free_of_barriers(page, path)
    page.get_by_role("button", name="Avslå begäran").click()
    expect(page.get_by_role("link", name="Skriv skälet")).to_be_visible()
    is_free_of_barriers(page, "avslag utan skäl")
    page.goto("/redaktion/personuppgifter/")
    page.get_by_role("button", name="Hämta som fil").click()
    expect(page.get_by_role("link", name="Skriv en e-postadress")).to_be_visible()
    is_free_of_barriers(page, "utdrag utan adress")


def test_signing_out_everywhere_ends_the_other_browser_too(opens):
    user = make_user("jag@example.org")
    telephone, computer = opens("/konto/logga-in/"), opens("/konto/logga-in/", scripts=False)
    for page in (telephone, computer):
        log_in(page, user)
        heading(page, "Mina sidor")
    telephone.get_by_role("link", name="Se och avsluta inloggningar").click()
    telephone.get_by_role("button", name="Logga ut överallt").click()
    heading(telephone, "Logga in")
    computer.reload()
    heading(computer, "Logga in")
