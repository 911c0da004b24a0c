"""Ideas and needs: told by units, shown to those they are for, shared, changed and ended."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry
from core.register import Person
from inventory import actions
from inventory.models import Echo, Idea
from inventory.personal_data import IDEAS
from library.models import Theme
from people import roles
from people.actions import give_role
from people.models import Membership, Organisation, User
from search.models import Entry
from tests.factories import (
    make_curator,
    make_district,
    make_idea,
    make_organisation,
    make_project,
    make_succession,
    make_term,
    make_unit,
    make_user,
)
from tests.reading import body, csv_rows, everything_in, page, text_of, xlsx_rows

from .writing import NUMBER

pytestmark = pytest.mark.django_db

LIST = "/inventering/ideer/"
NEW = f"{LIST}ny/"


@pytest.fixture
def city() -> Organisation:
    kind = Organisation.Kind.MUNICIPALITY
    return make_organisation("Stockholms stad", kind=kind)


@pytest.fixture
def farsta(city) -> Organisation:
    return make_district(
        "Farsta", parent=city, contact_function="Registraturen", contact_email="farsta@example.org"
    )


@pytest.fixture
def bromma(city) -> Organisation:
    return make_district(
        "Bromma", parent=city, contact_function="Växeln", contact_email="bromma@example.org"
    )


def member(
    organisation: Organisation,
    role: str = "uppgiftslamnare",
    email: str = "",
    *,
    staff: bool = True,
) -> User:
    """Somebody with that role there; of the city's staff unless told otherwise."""
    user = make_user(f"{role}-{organisation.slug}@example.org", is_city_staff=staff)
    Membership.objects.create(
        user=user, organisation=organisation, role=role, state=Membership.State.APPROVED
    )
    return user


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def typed(organisation: Organisation, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "behov",
        "organisation": organisation.pk,
        "title": "Någonstans att sova",
        "text": "Unga utan bostad saknar ett akutboende.",
        "contact_function": "Enhetschefen",
        "contact_email": "enheten@example.org",
        "visibility": "personal",
        "opened": "a1",
    } | fields


def titles(browser: Client, query: str = "") -> list[str]:
    return re.findall(r'<h3><a href="[^"]*">(.*?)</a></h3>', page(browser, LIST + query))


def told(idea: Idea) -> list[tuple[str, str]]:
    """The idea's history, oldest first."""
    return list(AuditEntry.about(idea).order_by("pk").values_list("verb", "reason"))


# --- Told -----------------------------------------------------------------------------------------


def test_a_reporter_tells_a_need_and_colleagues_in_the_city_read_it(client, farsta):
    browser = signed_in(member(farsta))
    make_term(Theme, "Boende")
    make_term(Theme, "Fritid")
    response = browser.post(NEW, typed(farsta, themes=["boende"]))
    idea = Idea.objects.get()
    assert [theme.name for theme in idea.themes.all()] == ["Boende"]
    assert (response.status_code, response["Location"]) == (
        302,
        f"/inventering/ideer/{idea.pk}/nagonstans-att-sova/",
    )
    assert (idea.kind, idea.organisation, idea.state, idea.created_by.email) == (
        *("behov", farsta, "oppen", "uppgiftslamnare-farsta@example.org"),
    )
    assert told(idea) == [("upplagd", "")]
    text = text_of(page(browser, response["Location"]))
    assert "Nu kan andra läsa behovet." in text
    assert "Ingen annan enhet än. Säg ”vi också” om ni vill samma sak." in text

    other = signed_in(make_user("handlaggare@example.org"))
    assert titles(other) == ["Någonstans att sova"]
    assert "enheten@example.org" in page(other, idea.get_absolute_url())
    assert titles(client) == []


def test_who_speaks_for_one_unit_has_it_and_its_function_filled_in(farsta):
    markup = page(signed_in(member(farsta)), NEW)
    assert f'<option value="{farsta.pk}" selected>Farsta</option>' in markup
    assert ('value="Registraturen"' in markup, 'value="farsta@example.org"' in markup) == (
        True,
        True,
    )


def test_a_role_in_a_district_covers_its_units_of_today_and_no_others(farsta, bromma):
    unit = make_unit("Boendestöd Farsta", farsta)
    make_district("Gamla Farsta", parent=farsta, valid_to="2007-01-01")
    browser = signed_in(member(farsta))
    offered = re.findall(r'<option value="(\d+)"', page(browser, NEW))
    assert offered == [str(unit.pk), str(farsta.pk)]
    assert browser.post(NEW, typed(unit)).status_code == 302
    response = browser.post(NEW, typed(bromma, title="Annat"))
    assert response.status_code == 422
    assert "Du kan inte välja den enheten." in response.content.decode()
    assert Idea.objects.get().organisation == unit


def test_a_double_click_or_a_reload_tells_one(farsta):
    browser = signed_in(member(farsta))
    first, second = browser.post(NEW, typed(farsta)), browser.post(NEW, typed(farsta))
    assert first["Location"] == second["Location"]
    assert (Idea.objects.count(), len(told(Idea.objects.get()))) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_very_same_time_tell_and_share_one():
    city = make_organisation("Stockholms stad", kind=Organisation.Kind.MUNICIPALITY)
    farsta, bromma = (make_district(name, parent=city) for name in ("Farsta", "Bromma"))
    by = make_user()
    facts = actions.IdeaFacts(
        kind="ide",
        organisation=farsta,
        title="Rubrik",
        text="Text",
        contact_function="Chefen",
        contact_email="enheten@example.org",
    )
    start = threading.Barrier(2)

    def tell() -> Echo:
        try:
            start.wait(timeout=20)
            idea = actions.post_idea(facts=facts, key="k", by=by)
            return actions.echo_idea(idea=idea, organisation=bromma, by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        made = [each.result() for each in [threads.submit(tell) for _ in range(2)]]
    assert made[0] == made[1]
    assert told(Idea.objects.get()) == [("upplagd", ""), ("vi också", "Bromma")]


WRONG = {
    "kind": ({"kind": "annat"}, "Välj om det är en idé eller ett behov."),
    "no-unit": ({"organisation": ""}, "Välj en enhet i listan."),
    "odd-unit": ({"organisation": "x"}, "Du kan inte välja den enheten."),
    "no-title": ({"title": " \u200b "}, "Skriv en rubrik."),
    "long-title": ({"title": "x" * 121}, "Texten är för lång: 121 tecken."),
    "no-text": ({"text": ""}, "Beskriv idén eller behovet med några meningar."),
    "long-text": ({"text": "x" * 1501}, "Texten är för lång: 1501 tecken."),
    "number": ({"text": f"Född {NUMBER}"}, "personnummer"),
    "number-in-title": ({"title": NUMBER}, "personnummer"),
    "function": ({"contact_function": ""}, "Skriv vilken funktion andra kan kontakta."),
    "address": ({"contact_email": "bo"}, "Skriv en e-postadress, till exempel enheten@example"),
    "own": ({"contact_email": "Uppgiftslamnare-farsta@example.org"}, "Det är din egen adress."),
    "audience": ({"visibility": "ingen"}, "Välj vem som får läsa."),
    "theme": ({"themes": ["x"]}, "Ett av valen finns inte längre."),
}


@pytest.mark.parametrize(("wrong", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(farsta, wrong, sentence):
    response = signed_in(member(farsta)).post(NEW, typed(farsta) | wrong)
    markup = response.content.decode()
    assert (response.status_code, Idea.objects.count()) == (422, 0)
    assert sentence in text_of(markup)
    if "text" not in wrong:
        assert "Unga utan bostad saknar ett akutboende.</textarea>" in markup
    if "title" not in wrong:
        assert 'value="Någonstans att sova"' in markup


AWKWARD = ["9" * 30, "-1", "\0", "a\0b", "٣", "1e9", "x" * 3000, "<script>", "\u202eabc", "😀"]


@pytest.mark.parametrize("awkward", AWKWARD, ids=range(len(AWKWARD)))
def test_whatever_is_sent_is_answered_with_a_page(farsta, bromma, awkward):
    browser = signed_in(member(farsta))
    here = make_idea(farsta).get_absolute_url()
    there = make_idea(bromma).get_absolute_url()
    whole = typed(farsta, themes=[awkward], service_areas=[awkward], compared=awkward)
    sent = [(NEW, {**whole, name: awkward}) for name in whole]
    sent += [(f"{here}andra/", {**whole, name: awkward}) for name in whole]
    sent += [(f"{there}vi-ocksa/", {"organisation": awkward})]
    sent += [(f"{here}avsluta/", {"ended": "projekt", "number": awkward, "reason": awkward})]
    answers = {browser.post(address, fields).status_code for address, fields in sent}
    answers |= {
        browser.get(f"{LIST}{rest}", {name: awkward}).status_code
        for rest in ("", "export.csv")
        for name in ("slag", "stadsdel", "tema", "sortera", "sida", "ar")
    }
    assert answers <= {200, 400, 404, 422}


def test_an_association_tells_only_what_all_may_read(city):
    association = make_organisation("En förening", kind=Organisation.Kind.USERS)
    browser = signed_in(member(association, staff=False))
    assert 'value="personal"' not in page(browser, NEW)
    assert browser.post(NEW, typed(association)).status_code == 422
    response = browser.post(NEW, typed(association, visibility="alla"), follow=True)
    assert response.status_code == 200
    assert titles(Client()) == ["Någonstans att sova"]


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_the_forms_take_nothing_else(farsta, method):
    browser = signed_in(member(farsta))
    here = make_idea(farsta).get_absolute_url()
    for address in (NEW, f"{here}andra/", f"{here}avsluta/", f"{here}vi-ocksa/"):
        response = getattr(browser, method)(address)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_looking_changes_nothing(farsta, bromma):
    idea = make_idea(farsta)
    browser = signed_in(make_curator())
    before = AuditEntry.objects.count()
    here = idea.get_absolute_url()
    echo = actions.echo_idea(idea=idea, organisation=bromma, by=make_user())
    for address in (NEW, here, f"{here}andra/", f"{here}avsluta/", f"{here}vi-ocksa/"):
        assert browser.get(address).status_code == 200
    assert browser.get(f"{here}vi-ocksa/{echo.pk}/angra/").status_code == 405
    assert AuditEntry.objects.count() == before + 1


# --- Who may --------------------------------------------------------------------------------------


def somebody(role: type[roles.Role], organisation: Organisation) -> User | None:
    """Somebody with that role alone, in that organisation where the role is of one."""
    if role is roles.Visitor:
        return None
    if issubclass(role, roles.OrganisationRole):
        return member(organisation, role.key, staff=False)
    user = make_user(f"{role.key}@annan.example.org", is_city_staff=role is roles.CityStaff)
    if issubclass(role, roles.SiteRole):
        give_role(user=user, role=role.key, by=None)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_each_role_may_do_with_an_open_idea_what_the_matrix_says(role, farsta, bromma):
    own = make_idea(farsta, title="Egen", visibility="alla")
    other = make_idea(bromma, title="Annans", visibility="alla")
    echo = actions.echo_idea(idea=other, organisation=farsta, by=make_user())
    user = somebody(role, farsta)
    browser = signed_in(user) if user else Client()
    everywhere = role in {roles.Curator, roles.Administrator}
    here, there = own.get_absolute_url(), other.get_absolute_url()

    asked = {
        "read": browser.get(here).status_code,
        "new": browser.get(NEW).status_code,
        "post": browser.post(NEW, typed(farsta, visibility="alla")).status_code,
        "change": browser.get(f"{here}andra/").status_code,
        "close": browser.get(f"{here}avsluta/").status_code,
        "echo": browser.get(f"{there}vi-ocksa/").status_code,
        "undo": browser.post(f"{there}vi-ocksa/{echo.pk}/angra/").status_code,
        "change another's": browser.get(f"{there}andra/").status_code,
        "close another's": browser.post(f"{there}avsluta/", {}).status_code,
    }

    if role is roles.Visitor:
        expected = dict.fromkeys(asked, 302) | {"read": 200}
    elif role in roles.POST_IDEA.roles:
        expected = dict.fromkeys(asked, 200) | {
            "post": 302,
            "undo": 302,
            "change another's": 200 if everywhere else 403,
            "close another's": 422 if everywhere else 403,
        }
    else:
        expected = dict.fromkeys(asked, 403) | {"read": 200}
    assert asked == expected
    assert Idea.objects.count() == (3 if role in roles.POST_IDEA.roles else 2)
    assert Echo.objects.count() == (0 if role in roles.POST_IDEA.roles else 1)


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_what_is_for_staff_is_nowhere_for_others(role, farsta):
    make_idea(farsta, title="Öppen", text="Kvastskaft.", visibility="alla")
    idea = make_idea(farsta, title="Intern", kind="behov")
    user = somebody(role, farsta)
    browser = signed_in(user) if user else Client()
    here = idea.get_absolute_url()
    reads = role in roles.READ_STAFF.roles

    assert titles(browser) == (["Intern", "Öppen"] if reads else ["Öppen"])
    assert browser.get(here).status_code == (200 if reads else 404)
    assert ("enheten@example.org" in page(browser, LIST)) is False
    for form in ("csv", "xlsx"):
        response = browser.get(f"{LIST}export.{form}")
        assert ("Intern" in everything_in(body(response))) is reads
        assert response.status_code == (200 if reads else 404)
    if not reads and user:
        for rest in ("x/", "x/andra/", "x/avsluta/", "x/vi-ocksa/"):
            assert browser.get(f"{LIST}{idea.pk}/{rest}").status_code == 404
        undo = browser.post(f"{here}vi-ocksa/1/angra/")
        assert undo.status_code == 404


def test_the_mailbox_is_for_those_who_read_what_is_for_staff(client, farsta, bromma):
    idea = make_idea(farsta, visibility="alla")
    actions.echo_idea(idea=idea, organisation=bromma, by=make_user())
    for browser, seen in ((client, False), (signed_in(make_user("a@example.org")), True)):
        markup = page(browser, idea.get_absolute_url())
        mailboxes = ("mailto:enheten@example.org", "mailto:bromma@example.org")
        assert [each in markup for each in mailboxes] == [seen, seen]
        assert "Bromma: Växeln" in markup


@pytest.mark.parametrize("number", ["4711", "0", "abc", "9999999999"])
def test_a_number_that_nothing_has_is_a_404(farsta, number):
    browser = signed_in(member(farsta))
    for rest in ("", "andra/", "avsluta/", "vi-ocksa/"):
        assert browser.get(f"{LIST}{number}/x/{rest}").status_code == 404


def test_a_wrong_name_in_the_address_leads_right(client, farsta):
    idea = make_idea(farsta, visibility="alla")
    response = client.get(f"{LIST}{idea.pk}/fel/")
    assert (response.status_code, response["Location"]) == (301, idea.get_absolute_url())


# --- Shared ---------------------------------------------------------------------------------------


def test_a_unit_says_vi_ocksa_once_and_takes_it_back(farsta, bromma):
    idea = make_idea(farsta)
    browser = signed_in(member(bromma))
    address = f"{idea.get_absolute_url()}vi-ocksa/"
    assert f'<option value="{bromma.pk}" selected>' in page(browser, address)
    for _ in range(2):  # a double click
        assert browser.post(address, {"organisation": bromma.pk}).status_code == 302
    echo = Echo.objects.get()
    assert told(idea) == [("upplagd", ""), ("vi också", "Bromma")]
    shown = text_of(page(browser, idea.get_absolute_url()))
    assert "Bromma säger ”vi också” om idén." in shown
    assert "Vi också 1 enhet" in text_of(page(browser, LIST))
    assert "Har sagt ”vi också” Bromma" in text_of(page(browser, address))

    undo = f"{address}{echo.pk}/angra/"
    for _ in range(2):
        assert browser.post(undo).status_code == 302
    assert Echo.objects.count() == 0
    assert told(idea)[2:] == [("vi också återtaget", "Bromma")]
    assert "Vi också 1 enhet" not in text_of(page(browser, LIST))


def test_nobody_shares_its_own_idea_or_for_somebody_else(farsta, bromma):
    idea = make_idea(farsta)
    address = f"{idea.get_absolute_url()}vi-ocksa/"
    own = signed_in(member(farsta))
    assert "Du lämnar bara uppgifter för enheter som inte kan" in text_of(page(own, address))
    for browser, unit in ((own, farsta), (signed_in(member(bromma)), farsta), (own, bromma)):
        response = browser.post(address, {"organisation": unit.pk})
        assert response.status_code == 422
        assert "Du kan inte välja den enheten." in response.content.decode()
    with pytest.raises(ValueError, match="cannot share"):
        actions.echo_idea(idea=idea, organisation=farsta, by=make_user())
    assert Echo.objects.count() == 0


def test_an_association_shares_what_all_may_read_and_nothing_for_staff(farsta):
    association = make_organisation("En förening", kind=Organisation.Kind.USERS)
    browser = signed_in(member(association))  # works in the city as well
    statuses = []
    for visibility in ("personal", "alla"):
        idea = make_idea(farsta, title=visibility, visibility=visibility)
        address = f"{idea.get_absolute_url()}vi-ocksa/"
        statuses.append(browser.post(address, {"organisation": association.pk}).status_code)
    assert statuses == [422, 302]


def test_another_units_vi_ocksa_is_not_mine_to_take_back(farsta, bromma):
    idea = make_idea(farsta)
    echo = actions.echo_idea(idea=idea, organisation=bromma, by=make_user())
    address = f"{idea.get_absolute_url()}vi-ocksa/{echo.pk}/angra/"
    assert signed_in(member(farsta)).post(address).status_code == 403
    assert Echo.objects.count() == 1


# --- Changed and ended ----------------------------------------------------------------------------


def test_a_change_is_told_without_values_of_the_contact(farsta):
    idea = make_idea(farsta, themes=["Boende"])
    browser = signed_in(member(farsta))
    address = f"{idea.get_absolute_url()}andra/"
    markup = page(browser, address)
    assert 'value="Kvällsöppen träffpunkt"' in markup
    assert re.findall(r'value="([^"]*)"[^>]* checked', markup) == ["ide", "boende", "personal"]
    assert f'<option value="{farsta.pk}" selected>' in markup
    change = typed(farsta, kind="ide", title="Kvällsöppet", contact_function="Föreståndaren")
    change["text"] = idea.text
    assert browser.post(address, {"title": ""}).status_code == 422
    for _ in range(2):
        assert browser.post(address, change).status_code == 302
    entry = AuditEntry.about(idea).get(verb="ändrad")
    assert entry.changes == {
        "title": ["Kvällsöppen träffpunkt", "Kvällsöppet"],
        "contact_function": None,
        "themes": ["Boende", ""],
    }
    assert titles(browser) == ["Kvällsöppet"]
    assert Entry.objects.get(kind="ide").title == "Kvällsöppet"


def test_an_idea_that_became_a_project_leads_to_it(client, farsta):
    idea = make_idea(farsta, visibility="alla")
    project = make_project(title="Kvällsstödet", visibility="personal")
    browser = signed_in(member(farsta))
    address = f"{idea.get_absolute_url()}avsluta/"
    response = browser.post(address, {"ended": "projekt", "number": project.public_id})
    assert response.status_code == 302
    idea.refresh_from_db()
    assert (idea.state, idea.project, idea.is_open) == ("blev-projekt", project, False)
    assert told(idea)[1:] == [("blev projekt", f"Projekt {project.public_id}")]
    assert "Idén blev ett projekt: Kvällsstödet" in text_of(page(browser, idea.get_absolute_url()))
    text = text_of(page(client, idea.get_absolute_url()))
    assert "Idén blev ett projekt, som inte är öppet för dig." in text
    assert titles(client) == ["Kvällsöppen träffpunkt"]
    assert Entry.objects.get(kind="ide").audience == "alla"


def test_an_idea_closed_without_a_project_is_out_of_list_and_catalogue(client, farsta, bromma):
    idea = make_idea(farsta, visibility="alla", kind="behov")
    browser = signed_in(member(farsta))
    here = idea.get_absolute_url()
    closed = {"ended": "utan", "reason": "Det löste sig."}
    assert [browser.post(f"{here}avsluta/", closed).status_code for _ in range(2)] == [302, 302]
    assert told(idea)[1:] == [("avslutad", "Det löste sig.")]
    assert titles(client) == []
    assert Entry.objects.get(kind="ide").audience == ""
    text = text_of(page(client, here))
    assert "Så blev det Det löste sig." in text
    assert f"{here}vi-ocksa/" not in page(client, here)

    for rest in ("andra/", "avsluta/", "vi-ocksa/"):
        response = browser.get(here + rest, follow=True)
        assert response.redirect_chain == [(here, 302)]
        assert "Den är avslutad och kan inte ändras längre." in response.content.decode()
    with pytest.raises(actions.IdeaIsClosed):
        actions.echo_idea(idea=idea, organisation=bromma, by=make_user())
    with pytest.raises(actions.IdeaIsClosed):
        actions.close_idea(idea=idea, reason="Igen.", by=make_user("b@example.org"))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Välj hur det slutade."),
        ({"ended": "x"}, "Välj hur det slutade."),
        ({"ended": "utan", "reason": " "}, "Skriv varför."),
        ({"ended": "utan", "reason": NUMBER}, "personnummer"),
        ({"ended": "utan", "reason": "x" * 501}, "Texten är för lång: 501 tecken."),
        ({"ended": "projekt"}, "Skriv projektets löpnummer."),
        ({"ended": "projekt", "number": "tre"}, "Ett löpnummer är bara siffror"),
        ({"ended": "projekt", "number": "9" * 30}, "Ett löpnummer är bara siffror"),
        ({"ended": "projekt", "number": "4711"}, "Vi hittar inget projekt med nummer 4711."),
    ],
)
def test_an_end_that_is_not_understood_is_told(farsta, sent, sentence):
    idea = make_idea(farsta)
    response = signed_in(member(farsta)).post(f"{idea.get_absolute_url()}avsluta/", sent)
    assert response.status_code == 422
    assert sentence in text_of(response.content.decode())
    assert Idea.objects.get().is_open


def test_the_database_holds_no_half_ended_and_no_double_things(farsta, bromma):
    idea = make_idea(farsta)
    now = timezone.now()
    for wrong in (
        {"state": "avslutad"},
        {"state": "avslutad", "closed_at": now},
        {"state": "blev-projekt", "closed_at": now},
        {"closed_at": now},
        {"closed_reason": "x"},
        {"contact_email": ""},
        {"title": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Idea.objects.filter(pk=idea.pk).update(**wrong)
    Echo.objects.create(idea=idea, organisation=bromma)
    with pytest.raises(IntegrityError), transaction.atomic():
        Echo.objects.create(idea=idea, organisation=bromma)


# --- The list -------------------------------------------------------------------------------------


def test_the_list_is_narrowed_and_ordered_by_its_address(client, farsta, bromma):
    unit = make_unit("Boendestöd Farsta", farsta)
    old = make_district("Gamla Farsta", valid_to="2007-01-01")
    make_succession(old, farsta)
    first = make_idea(unit, title="Ett", kind="behov", themes=["Boende"], visibility="alla")
    make_idea(bromma, title="Två", visibility="alla")
    make_idea(old, title="Tre", themes=["Boende"], visibility="alla")
    actions.echo_idea(idea=first, organisation=bromma, by=make_user())
    found = {
        query: titles(client, query)
        for query in ("", "?slag=behov", "?stadsdel=farsta", "?tema=boende", "?sortera=vi-ocksa")
    }
    assert found == {
        "": ["Tre", "Två", "Ett"],
        "?slag=behov": ["Ett"],
        "?stadsdel=farsta": ["Tre", "Ett"],
        "?tema=boende": ["Tre", "Ett"],
        "?sortera=vi-ocksa": ["Ett", "Tre", "Två"],
    }
    assert "Inga träffar" in page(client, f"{LIST}?slag=behov&stadsdel=bromma")


def test_what_is_not_understood_is_told_and_the_rest_is_shown(client, farsta):
    make_idea(farsta, title="Ett", visibility="alla")
    for query in ("?slag=x", "?stadsdel=x", "?tema=x", "?sortera=x"):
        response = client.get(LIST + query)
        assert response.status_code == 400
        assert "Vi förstod inte hela urvalet." in response.content.decode()
        assert titles(client, query) == ["Ett"]
    assert client.get(f"{LIST}?sida=2").status_code == 404


def test_a_long_list_has_pages_that_keep_what_is_asked(client, farsta):
    for number in range(26):
        make_idea(farsta, title=f"Nr {number}", visibility="alla")
    assert titles(client, "?sida=2") == ["Nr 0"]
    assert 'href="/inventering/ideer/?slag=ide&amp;sida=2"' in page(client, f"{LIST}?slag=ide")


def test_an_empty_list_says_what_it_is_for(client):
    text = text_of(page(client, LIST))
    assert "Här är det tomt än" in text
    assert "Andra kan säga ”vi också”, och de som tänker lika får veta om varandra." in text
    assert "De flesta idéer är för stadens personal." in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_of_list_and_page(farsta, bromma, count, django_assert_num_queries):
    for number in range(count):
        idea = make_idea(farsta, title=f"Nr {number}", themes=["Boende"], visibility="alla")
        for other in range(count):
            unit = make_unit(f"Enhet {other}", bromma)
            actions.echo_idea(idea=idea, organisation=unit, by=make_user(f"{number}{other}@x.se"))
    with django_assert_num_queries(6):
        assert len(titles(Client())) == count
    # With the words that curators have taught, which this process has not read before.
    with django_assert_num_queries(19):
        page(Client(), idea.get_absolute_url())


# --- The research unit's file ---------------------------------------------------------------------


def test_the_research_unit_fetches_the_needs_of_each_district_and_year(farsta, bromma):
    unit = make_unit("Boendestöd Farsta", farsta)
    need = make_idea(
        unit, kind="behov", title="=1+1", themes=["Boende"], service_areas=["Socialpsykiatri"]
    )
    actions.echo_idea(idea=need, organisation=bromma, by=make_user())
    closed = make_idea(bromma, kind="behov", title="Slut")
    actions.close_idea(idea=closed, reason="Klart.", by=make_user("b@example.org"))
    old = make_idea(make_organisation("Socialförvaltningen"), kind="behov", title="Äldre")
    Idea.objects.filter(pk=old.pk).update(created_at="2024-12-31T23:30:00Z")  # 2025 in Stockholm
    make_idea(farsta, title="En idé")

    browser = signed_in(make_user("fou@example.org"))
    rows = csv_rows(browser.get(f"{LIST}export.csv"))
    today = timezone.localdate()
    kept = ("ar", "stadsdelsomrade", "rubrik", "lage", "skal", "antal_vi_ocksa")
    assert [tuple(row[name] for name in kept) for row in rows] == [
        ("2025", "", "Äldre", "Öppen", "", "0"),
        (str(today.year), "Bromma", "Slut", "Avslutad", "Klart.", "0"),
        (str(today.year), "Farsta", "'=1+1", "Öppen", "", "1"),
    ]
    assert rows[2] | {"nummer": ""} == {
        "ar": str(today.year),
        "stadsdelsomrade": "Farsta",
        "nummer": "",
        "rubrik": "'=1+1",
        "beskrivning": "Vi vill ha öppet på kvällen.",
        "enhet": "Boendestöd Farsta",
        "kontakt": "Enhetschefen",
        "verksamhetsomraden": "Socialpsykiatri",
        "teman": "Boende",
        "antal_vi_ocksa": "1",
        "enheter_vi_ocksa": "Bromma",
        "lage": "Öppen",
        "skal": "",
        "projektets_lopnummer": "",
        "upplagd": str(today),
        "avslutad": "",
    }
    excel = xlsx_rows(browser.get(f"{LIST}export.xlsx?stadsdel=farsta&ar={today.year}"))
    assert [row["rubrik"] for row in excel] == ["=1+1"]
    assert [row["rubrik"] for row in csv_rows(browser.get(f"{LIST}export.csv?ar=2025"))] == [
        "Äldre"
    ]
    for wrong in ("?ar=x", "?ar=99999", "?stadsdel=x"):
        assert browser.get(f"{LIST}export.csv{wrong}").status_code == 400


# --- What is kept of people -----------------------------------------------------------------------


def test_i_see_what_i_have_told_and_it_stays_without_me(farsta, bromma):
    me = make_user("jag@example.org")
    idea = make_idea(farsta, by=me)
    echo = actions.echo_idea(idea=idea, organisation=bromma, by=me)
    mine = list(IDEAS.of_person(Person("jag@example.org", me)))
    assert [list(row.values())[:2] for row in mine] == [
        ["Farsta", "Kvällsöppen träffpunkt"],
        ["Bromma", "Kvällsöppen träffpunkt"],
    ]
    assert (list(IDEAS.of_person(Person("annan@example.org"))), IDEAS.left()) == ([], (2, None))
    me.delete()
    idea.refresh_from_db()
    echo.refresh_from_db()
    assert (idea.created_by, echo.by, IDEAS.left()) == (None, None, (0, None))


# --- The curators' desk ---------------------------------------------------------------------------


def test_curators_read_and_correct_at_the_desk_and_nothing_is_deleted(farsta):
    idea = make_idea(farsta)
    desk = signed_in(make_curator())
    address = f"/admin/inventory/idea/{idea.pk}/change/"
    assert f"{idea.get_absolute_url()}avsluta/" in page(desk, address)
    sent = typed(farsta, kind="ide", title="Rättad", text=idea.text, contact_email="ny@example.org")
    assert desk.post(address, sent).status_code == 302
    assert AuditEntry.about(idea).get(verb="ändrad").changes == {
        "title": ["Kvällsöppen träffpunkt", "Rättad"],
        "contact_email": None,
    }
    assert Entry.objects.get(kind="ide").title == "Rättad"
    for way in ("/admin/inventory/idea/add/", f"/admin/inventory/idea/{idea.pk}/delete/"):
        assert desk.get(way).status_code == 403


@pytest.mark.parametrize(("role", "status"), [("redaktor", 200), ("registrator", 403)])
def test_the_desk_is_for_curators(role, status):
    user = make_user()
    give_role(user=user, role=role, by=None)
    browser = signed_in(User.objects.get(pk=user.pk))
    assert browser.get("/admin/inventory/idea/").status_code == status


def test_my_pages_lead_to_the_form_for_those_who_may(farsta):
    asked = [signed_in(user) for user in (member(farsta), make_user("utan@example.org"))]
    markups = [page(browser, "/mina-sidor/") for browser in asked]
    assert [(LIST in markup, NEW in markup) for markup in markups] == [(True, True), (True, False)]
