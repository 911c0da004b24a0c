"""One's own data: seen, fetched, and erased at request; accounts nobody uses go by themselves."""

import datetime
import json

import pytest
from django.test import Client
from django.utils import timezone

from core import register
from core.models import AuditEntry, Mail
from core.register import Person
from people import actions, erasure, personal_data, roles
from people.models import ErasureRequest, Invitation, Membership, SiteRole, User
from tests.factories import make_curator, make_district, make_user
from tests.people.test_roles import somebody

pytestmark = pytest.mark.django_db

State = Membership.State
MINE = "/mina-sidor/mina-uppgifter/"


@pytest.fixture
def me() -> User:
    return make_user("jag@example.org", name="Enhetschefen")


@pytest.fixture
def registrar() -> User:
    user = make_user("registrator@example.org")
    actions.give_role(user=user, role="registrator", by=None)
    return User.objects.get(pk=user.pk)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def join(user: User, state: str, *, ended_days_ago: int | None = None) -> Membership:
    ended = ended_days_ago is not None
    return Membership.objects.create(
        user=user,
        organisation=make_district(f"Distrikt {Membership.objects.count()}"),
        role="uppgiftslamnare",
        state=state,
        ended_at=timezone.now() - datetime.timedelta(days=ended_days_ago) if ended else None,
    )


# --- Seeing and fetching ------------------------------------------------------------------------


def test_i_see_what_is_kept_about_me_and_nothing_of_others(me):
    other = make_user("annan@example.org", name="Samordnaren")
    join(me, State.APPROVED)
    join(other, State.APPROVED)
    page = signed_in(me).get(MINE)
    shown = {holding.key: rows for holding, _, rows, _ in page.context["found"]}
    assert list(shown) == ["konto", "medlemskap"]
    assert shown["konto"][0]["E-postadress"] == "jag@example.org"
    assert [row["Enhet"] for row in shown["medlemskap"]] == ["Distrikt 0"]
    text = page.content.decode()
    assert ("Enhetschefen" in text, "Samordnaren" in text) == (True, False)


def test_the_file_holds_the_same(me):
    join(me, State.APPROVED)
    response = signed_in(me).get("/mina-sidor/mina-uppgifter.json")
    assert response["Content-Disposition"] == 'attachment; filename="ksi-mina-uppgifter.json"'
    data = json.loads(response.content)
    assert data["om"] == "jag@example.org"
    assert data["uppgifter"]["medlemskap"]["rader"][0]["Roll"] == "Uppgiftslämnare"
    assert data["uppgifter"]["konto"]["rader"][0]["Namn"] == "Enhetschefen"


def test_more_than_a_screenful_is_in_the_file(me):
    for number in range(23):
        AuditEntry.record("ändrad", me, by=me, reason=str(number))
    browser = signed_in(me)
    history = {row[0].key: row for row in browser.get(MINE).context["found"]}["historik"]
    assert (len(history[2]), history[3]) == (20, 3)
    data = json.loads(browser.get("/mina-sidor/mina-uppgifter.json").content)
    assert len(data["uppgifter"]["historik"]["rader"]) == 23


@pytest.mark.parametrize("address", [MINE, "/mina-sidor/mina-uppgifter.json", f"{MINE}radera/"])
def test_without_a_login_there_is_nothing(client, address):
    response = client.get(address)
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/konto/logga-in/")


# --- Asking to be erased ------------------------------------------------------------------------


def test_asking_erases_what_nobody_needs_to_decide_about(me):
    kept, over = join(me, State.APPROVED), join(me, State.ENDED, ended_days_ago=3)
    Invitation.objects.create(
        email=me.email, token_hash="x", expires_at=timezone.now() + datetime.timedelta(days=1)
    )
    response = signed_in(me).post(f"{MINE}radera/", follow=True)
    assert "2 uppgifter är raderade nu. En människa svarar på resten" in response.content.decode()
    assert list(me.memberships.all()) == [kept]
    assert not Membership.objects.filter(pk=over.pk).exists()
    assert Invitation.objects.count() == 0
    entry = AuditEntry.objects.get(verb="raderat på begäran")
    assert entry.changes == {"medlemskap": ["", "1"], "inbjudningar": ["", "1"]}


def test_those_who_decide_are_told_by_mail(me, registrar):
    administrator = make_curator("administrator@example.org")
    curator = make_user("redaktor@example.org")
    actions.give_role(user=curator, role="redaktor", by=None)
    signed_in(me).post(f"{MINE}radera/")
    told = set(Mail.objects.filter(purpose="radering-begard").values_list("to", flat=True))
    assert told == {registrar.email, administrator.email}


def test_asking_twice_is_one_request(me, registrar):
    browser = signed_in(me)
    browser.post(f"{MINE}radera/")
    browser.post(f"{MINE}radera/")
    assert ErasureRequest.objects.count() == 1
    assert Mail.objects.filter(purpose="radering-begard").count() == 1


def test_a_look_at_the_page_asks_for_nothing(me):
    assert signed_in(me).get(f"{MINE}radera/").status_code == 200
    assert ErasureRequest.objects.count() == 0


def test_i_see_that_it_waits_and_until_when(me):
    erasure.ask(by=me)
    asked = timezone.make_aware(datetime.datetime(2026, 11, 2, 9))
    ErasureRequest.objects.update(asked_at=asked)
    page = signed_in(me).get(MINE).content.decode()
    assert "Du bad om radering den 2 november 2026." in page
    assert "du får svar senast den 2 december 2026" in page
    assert "Be om att få uppgifterna raderade" not in page


# --- Deciding -----------------------------------------------------------------------------------


def ask(user: User) -> ErasureRequest:
    request, _ = erasure.ask(by=user)
    return request


def test_a_granted_request_takes_the_account_with_all_that_hangs_on_it(me, registrar):
    join(me, State.APPROVED)
    AuditEntry.record("bekräftad", me, by=me)
    request = ask(me)
    address = f"/redaktion/radering/{request.pk}/radera/"
    assert signed_in(registrar).post(address)["Location"] == "/redaktion/radering/"
    assert not User.objects.filter(pk=me.pk).exists()
    assert (Membership.objects.count(), ErasureRequest.objects.count()) == (0, 0)
    assert AuditEntry.objects.get(verb="bekräftad").by is None
    assert AuditEntry.objects.get(verb="konto raderat").by == registrar
    assert list(Mail.objects.filter(purpose="radering-beviljad").values_list("to", flat=True)) == [
        "jag@example.org"
    ]


def test_a_declined_request_is_answered_with_its_reason(me, registrar):
    request = ask(me)
    address = f"/redaktion/radering/{request.pk}/avsla/"
    signed_in(registrar).post(address, {"reason": "Ett ärende pågår."})
    request.refresh_from_db()
    assert (request.state, request.reason, request.decided_by) == (
        "avslagen",
        "Ett ärende pågår.",
        registrar,
    )
    mail = Mail.objects.get(purpose="radering-avslagen")
    assert "Ett ärende pågår." in mail.text
    entry = AuditEntry.objects.get(verb="avslagen")
    assert (entry.reason, entry.changes) == ("", {})
    assert "Skälet: Ett ärende pågår." in signed_in(me).get(MINE).content.decode()


def test_without_a_reason_nothing_is_declined(me, registrar):
    request = ask(me)
    response = signed_in(registrar).post(
        f"/redaktion/radering/{request.pk}/avsla/", {"reason": " "}
    )
    assert response.status_code == 422
    assert "Skriv skälet" in response.content.decode()
    request.refresh_from_db()
    assert request.state == "vantar"


@pytest.mark.parametrize("way", ["radera", "avsla"])
def test_nobody_decides_about_her_own(registrar, way):
    request = ask(registrar)
    address = f"/redaktion/radering/{request.pk}/{way}/"
    assert signed_in(registrar).post(address, {"reason": "Nej"}).status_code == 403
    assert ErasureRequest.objects.get().state == "vantar"


def test_a_closed_administrator_can_be_erased(registrar):
    make_curator("administrator@example.org")
    closed = make_curator("avstangd@example.org", is_active=False)
    erasure.grant(request=ask(closed), by=registrar)
    assert not User.objects.filter(pk=closed.pk).exists()


def test_where_nobody_else_may_decide_the_knowledge_centre_is_told(settings):
    settings.CONTACT = "ksi@example.org"
    erasure.ask(by=make_curator("administrator@example.org"))
    told = Mail.objects.filter(purpose="radering-begard").values_list("to", flat=True)
    assert list(told) == ["ksi@example.org"]


def test_what_others_did_with_my_account_is_mine_to_see(me, registrar):
    actions.give_role(user=me, role="forskningsrad", by=registrar)
    found = {holding.key: rows for holding, rows in register.handed_out(Person(me.email, me))}
    assert [row["Händelse"] for row in found["historik"]] == ["roll given"]


def test_the_page_tells_what_goes_and_what_stays(me):
    join(me, State.APPROVED)
    AuditEntry.record("bekräftad", me, by=me)
    page = signed_in(me).get(f"{MINE}radera/").context
    said = [[holding.key for holding in page[name]] for name in ("with_account", "stays")]
    assert said == [["konto", "medlemskap"], ["historik"]]
    at_once = ["medlemskap", "foljer", "mejl", "berattelser-adress", "kunskapsluckor-stod"]
    at_once += ["inbjudningar", "laslistor"]
    assert [holding.key for holding in page["at_once"]] == at_once


@pytest.mark.parametrize("way", ["", "radera/", "avsla/"])
def test_what_is_decided_is_not_decided_again(me, registrar, way):
    request = ask(me)
    erasure.decline(request=request, reason="Nej.", by=registrar)
    browser = signed_in(registrar)
    address = f"/redaktion/radering/{request.pk}/{way}"
    response = browser.post(address, {"reason": "Jo"}) if way else browser.get(address)
    assert response.status_code == 404
    with pytest.raises(erasure.AlreadyDecided):
        erasure.decline(request=request, reason="Igen.", by=registrar)
    with pytest.raises(erasure.AlreadyDecided):
        erasure.grant(request=request, by=registrar)
    assert User.objects.filter(pk=me.pk).exists()


def test_the_last_administrator_stays(registrar):
    administrator = make_curator("administrator@example.org")
    request = ask(administrator)
    response = signed_in(registrar).post(f"/redaktion/radering/{request.pk}/radera/")
    assert response.status_code == 422
    assert "Det är portalens enda administratör." in response.content.decode()
    assert User.objects.filter(pk=administrator.pk).exists()
    assert not Mail.objects.filter(purpose="radering-beviljad").exists()


# --- Who may ------------------------------------------------------------------------------------

ADDRESSES = {
    "/redaktion/personuppgifter/": roles.READ_RETENTION,
    "/redaktion/radering/": roles.DECIDE_ERASURE,
    "/redaktion/radering/{pk}/": roles.DECIDE_ERASURE,
}
BUTTONS = {
    "/redaktion/personuppgifter/utdrag/": 200,
    "/redaktion/radering/{pk}/radera/": 302,
    "/redaktion/radering/{pk}/avsla/": 302,
}


def browser_of(role: type[roles.Role]) -> Client:
    browser = Client()
    user = somebody(role, make_district("Farsta"))
    if user:
        actions.update_access(user=user)
        browser.force_login(User.objects.get(pk=user.pk))
    return browser


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_who_reads_and_who_decides(me, role):
    request = ask(me)
    browser = browser_of(role)
    for address, action in ADDRESSES.items():
        expected = 200 if role in action.roles else 302 if role is roles.Visitor else 404
        assert browser.get(address.format(pk=request.pk)).status_code == expected, address
    data = {"email": "jag@example.org", "reason": "Nej."}
    for address, done in BUTTONS.items():
        allowed = role in roles.DECIDE_ERASURE.roles
        expected = done if allowed else 302 if role is roles.Visitor else 404
        # What was decided by one address is asked for anew before the next.
        waiting = ErasureRequest.objects.filter(user__email="jag@example.org").first()
        pk = waiting.pk if waiting else ask(make_user("jag@example.org")).pk
        assert browser.post(address.format(pk=pk), data).status_code == expected, address
    decided = AuditEntry.objects.filter(verb__in=["konto raderat", "avslagen"]).count()
    assert decided == (2 if role in roles.DECIDE_ERASURE.roles else 0)


# --- Handing out --------------------------------------------------------------------------------


def test_a_registrar_hands_out_what_is_kept_about_an_address(registrar):
    """Somebody without an account has asked what there is."""
    Invitation.objects.create(
        email="utan.konto@example.org",
        token_hash="x",
        expires_at=timezone.now() + datetime.timedelta(days=1),
    )
    response = signed_in(registrar).post(
        "/redaktion/personuppgifter/utdrag/", {"email": "Utan.Konto@example.org"}
    )
    assert response["Content-Disposition"] == 'attachment; filename="ksi-utdrag.json"'
    assert list(json.loads(response.content)["uppgifter"]) == ["inbjudningar"]
    entry = AuditEntry.objects.get(verb="uppgifter utlämnade")
    assert (entry.by, entry.app_model, entry.object_label) == (
        *(registrar, "people.extract"),
        "En adress utan konto",
    )
    assert "utan.konto" not in str(vars(entry))


def test_what_is_handed_out_about_an_account_is_told_about_that_account(me, registrar):
    signed_in(registrar).post("/redaktion/personuppgifter/utdrag/", {"email": me.email})
    assert AuditEntry.about(me).get(verb="uppgifter utlämnade").by == registrar


def test_an_address_that_is_none_is_kept_in_the_form(registrar):
    response = signed_in(registrar).post(
        "/redaktion/personuppgifter/utdrag/", {"email": "utan snabel-a"}
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "Skriv en e-postadress, till exempel namn@example.org" in page
    assert 'value="utan snabel-a"' in page


def test_the_overview_counts_what_is_left_and_until_when(registrar):
    for day in (20, 10):
        ends = timezone.make_aware(datetime.datetime(2026, 11, day, 12))
        Invitation.objects.create(
            email=f"{day}@example.org",
            token_hash=str(day),
            created_at=ends - datetime.timedelta(days=14),
            expires_at=ends,
        )
    join(registrar, State.APPROVED)
    page = signed_in(registrar).get("/redaktion/personuppgifter/")
    rows = {row["holding"].key: (row["count"], row["until"]) for row in page.context["rows"]}
    count, until = rows["inbjudningar"]
    assert (count, timezone.localdate(until)) == (2, datetime.date(2026, 12, 10))
    assert rows["medlemskap"] == (1, None)  # nothing that goes by itself


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_as_much_however_many_wait(registrar, count, django_assert_num_queries):
    for number in range(count):
        ask(make_user(f"fraga{number}@example.org"))
    browser = signed_in(registrar)
    browser.get("/redaktion/radering/")
    with django_assert_num_queries(4):  # edition, session, roles, requests
        browser.get("/redaktion/radering/")


# --- Accounts that nobody uses ------------------------------------------------------------------


def idle(email: str, days: int, **fields: object) -> User:
    user = make_user(email, **fields)
    seen = timezone.now() - datetime.timedelta(days=days)
    User.objects.filter(pk=user.pk).update(last_login=seen, date_joined=seen)
    return user


def emails() -> list[str]:
    return list(User.objects.order_by("email").values_list("email", flat=True))


def warned() -> list[str]:
    found = Mail.objects.filter(purpose="konto-raderas-snart").order_by("to")
    return list(found.values_list("to", flat=True))


def pass_days(days: int) -> None:
    """As if the warnings were sent so many days ago."""
    User.objects.exclude(erasure_warned_at=None).update(
        erasure_warned_at=timezone.now() - datetime.timedelta(days=days)
    )


def test_an_account_nobody_uses_is_warned_once_and_then_erased():
    idle("anvand@example.org", 600)
    idle("glomd@example.org", 740)
    assert (personal_data.warn_idle(), personal_data.warn_idle()) == (1, 0)
    assert warned() == ["glomd@example.org"]

    assert register.erase_due()["konto"] == 0  # not within a month of the warning
    pass_days(31)
    assert register.count_due()["konto"] == 1
    assert register.erase_due()["konto"] == 1
    assert emails() == ["anvand@example.org"]


def test_a_login_after_the_warning_keeps_the_account():
    user = idle("glomd@example.org", 740)
    personal_data.warn_idle()
    pass_days(31)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    assert register.erase_due()["konto"] == 0
    # Two years later she is warned anew.
    User.objects.filter(pk=user.pk).update(
        last_login=timezone.now() - datetime.timedelta(days=740),
        erasure_warned_at=timezone.now() - datetime.timedelta(days=771),
    )
    assert (personal_data.warn_idle(), register.erase_due()["konto"]) == (1, 0)


def test_who_has_a_role_in_the_portal_is_not_erased_by_time():
    user = idle("registrator@example.org", 2000)
    SiteRole.objects.create(user=user, role="registrator")
    assert personal_data.warn_idle() == 0
    assert register.erase_due()["konto"] == 0


def test_a_closed_account_is_erased_without_a_mail():
    idle("avstangd@example.org", 740, is_active=False)
    assert (personal_data.warn_idle(), warned()) == (0, [])
    pass_days(31)
    assert register.erase_due()["konto"] == 1


def test_ended_memberships_go_after_a_year_and_living_ones_stay():
    user = make_user()
    living, new = join(user, State.APPROVED), join(user, State.ENDED, ended_days_ago=364)
    join(user, State.ENDED, ended_days_ago=366)
    assert register.erase_due()["medlemskap"] == 1
    assert set(user.memberships.all()) == {living, new}
