"""Reading lists: kept by staff, shared by link, published by curators; and who may do it."""

import pytest
from django.test import Client
from django.urls import reverse

from library import actions
from library.models import ReadingList
from people import roles
from people.actions import give_role
from people.models import Organisation, User
from search.models import Entry, Passage
from tests.factories import (
    make_curator,
    make_member,
    make_organisation,
    make_project,
    make_user,
)
from tests.library_factories import make_item
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

MINE = "/mina-sidor/laslistor/"
ADD = f"{MINE}lagg-till/"


@pytest.fixture
def me() -> User:
    return make_user("personal@example.org", is_city_staff=True)


@pytest.fixture
def browser(me) -> Client:
    return signed_in(me)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def make_list(user: User, title: str = "Börja här", key: str = "") -> ReadingList:
    return actions.make_list(title=title, description="", key=key or title, by=user)


def add(reading_list: ReadingList, *items) -> None:
    for item in items:
        kind = "bibliotek" if hasattr(item, "key_messages") else "projekt"
        number = item.pk if kind == "bibliotek" else item.public_id
        actions.add_entry(
            reading_list=reading_list, kind=kind, object_id=number, by=reading_list.owner
        )


def in_list(reading_list: ReadingList) -> list[tuple[str, int]]:
    return list(reading_list.entries.values_list("kind", "object_id"))


# --- Keeping --------------------------------------------------------------------------------------


def test_a_list_is_made_from_the_page_of_what_is_to_be_read(browser, me):
    item = make_item(title="Om boendestöd")
    address = f"{ADD}?slag=bibliotek&nr={item.pk}"
    assert "Om boendestöd" in page(browser, address)

    typed = {"reading_list": "ny", "title": "Nya kollegor", "note": "Kort och bra.", "key": "k"}
    sent = browser.post(address, typed)

    made = ReadingList.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, item.get_absolute_url())
    assert (made.title, made.owner, in_list(made)) == (
        "Nya kollegor",
        me,
        [("bibliotek", item.pk)],
    )
    assert "Kort och bra." in page(browser, f"{MINE}{made.pk}/")


def test_sending_twice_makes_one_list_with_one_thing(browser):
    item = make_item()
    address = f"{ADD}?slag=bibliotek&nr={item.pk}"
    typed = {"reading_list": "ny", "title": "Nya kollegor", "note": "", "key": "k"}

    browser.post(address, typed)
    told = browser.post(address, typed, follow=True)

    assert "Den låg redan i ”Nya kollegor”." in told.content.decode()
    assert in_list(ReadingList.objects.get()) == [("bibliotek", item.pk)]


def test_a_new_list_wants_a_name_and_keeps_what_was_typed(browser):
    address = f"{ADD}?slag=bibliotek&nr={make_item().pk}"
    response = browser.post(address, {"reading_list": "ny", "title": " ", "note": "Bra."})
    assert response.status_code == 422
    told = text_of(response.content.decode())
    assert "Skriv vad den nya listan ska heta." in told
    assert 'value="Bra."' in response.content.decode()
    assert ReadingList.objects.count() == 0


def test_things_change_places_and_go(browser, me):
    made = make_list(me)
    one, two, three = (make_item(title=f"Nummer {number}") for number in "123")
    add(made, one, two, three)
    first, second, third = made.entries.all()

    browser.post(f"{MINE}{made.pk}/{third.pk}/upp/")
    browser.post(f"{MINE}{made.pk}/{first.pk}/upp/")
    browser.post(f"{MINE}{made.pk}/{second.pk}/bort/")

    assert in_list(made) == [("bibliotek", one.pk), ("bibliotek", three.pk)]


def test_a_full_list_says_so_and_takes_nothing(browser, me, monkeypatch):
    monkeypatch.setattr(ReadingList, "MOST_ENTRIES", 1)
    made = make_list(me)
    add(made, make_item())
    address = f"{ADD}?slag=bibliotek&nr={make_item(title='En till').pk}"

    response = browser.post(address, {"reading_list": str(made.pk), "note": "Behåll mig."})

    assert response.status_code == 422
    assert "Listan är full" in response.content.decode()
    assert made.entries.count() == 1


def test_no_more_lists_than_anybody_needs(browser, me, monkeypatch):
    monkeypatch.setattr(ReadingList, "MOST", 1)
    make_list(me)
    response = browser.post(MINE, {"title": "En till", "description": "", "key": "x"})
    assert (response.status_code, ReadingList.objects.count()) == (422, 1)
    assert "Du kan ha högst" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("?slag=bibliotek", 404),
        ("?slag=hemligt&nr=1", 404),
        ("?slag=bibliotek&nr=0", 404),
        ("?slag=bibliotek&nr=1;drop", 404),
        ("?slag=bibliotek&nr=99999999999999999999", 404),
        ("?slag=bibliotek&nr=%C2%B2", 404),
    ],
)
def test_what_is_nowhere_cannot_be_added(browser, query, status):
    assert browser.get(f"{ADD}{query}").status_code == status


def test_a_personnummer_is_refused_where_it_is_written(browser, me):
    made = make_list(me)
    response = browser.post(f"{MINE}{made.pk}/", {"title": "Om 19121212-1212"})
    assert response.status_code == 422
    made.refresh_from_db()
    assert made.title == "Börja här"


# --- Shared and published -------------------------------------------------------------------------


def test_a_shared_list_shows_each_reader_what_she_may_see(browser, me):
    made = make_list(me)
    add(made, make_item(title="Öppen"), make_item(title="Intern", visibility="personal"))
    assert browser.post(f"{MINE}{made.pk}/dela/").status_code == 302
    made.refresh_from_db()
    address = reverse("library:shared-list", args=[made.token])

    stranger = Client().get(address)
    markup = stranger.content.decode()

    assert ("Öppen" in markup, "Intern" in markup) == (True, False)
    assert "1 sak i listan visas inte för dig." in text_of(markup)
    assert "no-store" in stranger["Cache-Control"]
    assert 'content="noindex"' in markup
    assert "Intern" in page(browser, address)


def test_a_link_is_dead_when_sharing_has_stopped(browser, me):
    made = make_list(me)
    browser.post(f"{MINE}{made.pk}/dela/")
    made.refresh_from_db()
    address = reverse("library:shared-list", args=[made.token])

    browser.post(f"{MINE}{made.pk}/sluta-dela/")
    browser.post(f"{MINE}{made.pk}/dela/")

    assert Client().get(address).status_code == 404


def test_a_published_list_is_read_found_and_taken_back(client):
    curator = make_curator()
    made = make_list(curator, "Börja här om du är ny boendestödjare")
    add(made, make_project(title="Kvällsöppet"))
    browser = signed_in(curator)

    browser.post(f"{MINE}{made.pk}/publicera/")
    address = f"/laslistor/{made.pk}/borja-har-om-du-ar-ny-boendestodjare/"
    assert "Kvällsöppet" in page(client, address)
    assert "Börja här om du är ny boendestödjare" in page(client, "/laslistor/")

    browser.post(f"{MINE}{made.pk}/avpublicera/")
    assert client.get(address).status_code == 404
    assert "Börja här om du är ny" not in page(client, "/laslistor/")


def test_what_is_hidden_afterwards_leaves_the_published_list_at_once(client):
    curator = make_curator()
    made = make_list(curator)
    item = make_item(title="Försvinner")
    add(made, item)
    actions.publish_list(reading_list=made, by=curator)
    assert "Försvinner" in page(client, f"/laslistor/{made.pk}/borja-har/")

    item.visibility = "personal"
    item.save()
    actions.record_change(item=item, by=curator, changes={})

    assert "Försvinner" not in page(client, f"/laslistor/{made.pk}/borja-har/")


# --- Who may --------------------------------------------------------------------------------------


def somebody(role: type[roles.Role], unit: Organisation) -> User | None:
    if role is roles.Visitor:
        return None
    if issubclass(role, roles.OrganisationRole):
        return make_member("medlem@annan.example.org", unit, role.key, is_city_staff=False)
    user = make_user(f"{role.key}@annan.example.org", is_city_staff=role is roles.CityStaff)
    if issubclass(role, roles.SiteRole):
        give_role(user=user, role=role.key, by=None)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_each_role_may_do_what_the_matrix_says(role, me):
    unit = make_organisation("Föreningen", kind="brukarorganisation")
    user = somebody(role, unit)
    browser = signed_in(user) if user else Client()
    theirs = make_list(me, "Någon annans")
    add(theirs, make_item())
    entry = theirs.entries.get()
    own = make_list(user or me, "Egen", key="egen")
    add_here = f"{ADD}?slag=bibliotek&nr={entry.object_id}"

    asked = {
        "lists": browser.get(MINE).status_code,
        "make": browser.post(MINE, {"title": "Ny", "key": "ny"}).status_code,
        "add": browser.get(add_here).status_code,
        "own": browser.get(f"{MINE}{own.pk}/").status_code,
        "publish": browser.post(f"{MINE}{own.pk}/publicera/").status_code,
        "withdraw": browser.post(f"{MINE}{own.pk}/avpublicera/").status_code,
    }
    buttons = ("dela", "sluta-dela", "publicera", "avpublicera", "rensa", "ta-bort")
    rows = (f"{entry.pk}/upp", f"{entry.pk}/ner", f"{entry.pk}/bort", f"{entry.pk}/varfor")
    anothers = {browser.get(f"{MINE}{theirs.pk}/").status_code} | {
        browser.post(f"{MINE}{theirs.pk}/{route}/").status_code for route in (*buttons, *rows)
    }

    if role is roles.Visitor:
        assert (set(asked.values()), anothers) == ({302}, {302})
    elif role not in roles.KEEP_READING_LISTS.roles:
        assert (set(asked.values()), anothers) == ({403}, {403})
    else:
        may_publish = role in roles.PUBLISH_READING_LISTS.roles
        assert anothers == {404}
        assert asked == {
            "lists": 200,
            "make": 302,
            "add": 200,
            "own": 200,
            "publish": 302 if may_publish else 403,
            "withdraw": 302 if may_publish else 403,
        }
    theirs.refresh_from_db()
    assert (theirs.token, theirs.published_at, theirs.entries.count()) == ("", None, 1)


def test_buttons_are_no_links(browser, me):
    made = make_list(me)
    for route in ("dela", "sluta-dela", "publicera", "avpublicera", "rensa"):
        assert browser.get(f"{MINE}{made.pk}/{route}/").status_code == 405


# --- Personal data --------------------------------------------------------------------------------


def test_what_only_she_read_goes_with_her_account_and_what_all_read_stays(me):
    curator = make_curator()
    own, public = make_list(curator, "Egen"), make_list(curator, "Allas")
    theirs = make_list(me, "Någon annans")
    actions.publish_list(reading_list=public, by=curator)
    ReadingList.objects.update(created_at="2026-01-01T00:00Z")

    curator.delete()
    from core import register

    register.erase_due()

    assert list(ReadingList.objects.order_by("pk").values_list("title", "owner")) == [
        (public.title, None),
        (theirs.title, me.pk),
    ]
    assert own.pk is not None


def test_a_note_about_something_hidden_cannot_be_searched_for(me):
    reading_list = make_list(me)
    actions.publish_list(reading_list=reading_list, by=make_curator())
    hidden = make_item(visibility="personal")
    actions.add_entry(
        reading_list=reading_list, kind="bibliotek", object_id=hidden.pk, note="Hemligt.", by=me
    )
    assert not Passage.objects.filter(text__contains="Hemligt").exists()
    assert "Hemligt" not in page(Client(), reading_list.get_absolute_url())


def test_what_was_done_in_another_tab_meanwhile_is_no_trouble(me):
    reading_list = make_list(me)
    add(reading_list, make_item(), make_item())
    first, second = reading_list.entries.all()
    actions.remove_entry(entry=reading_list.entries.get(pk=first.pk), by=me)
    actions.move_entry(entry=first, up=False, by=me)
    actions.note_entry(entry=first, note="Läs den först.", by=me)
    assert list(reading_list.entries.all()) == [second]

    stale = ReadingList.objects.get()
    actions.publish_list(reading_list=reading_list, by=make_curator())
    actions.delete_list(reading_list=stale, by=me)
    actions.delete_list(reading_list=stale, by=me)
    assert not Entry.objects.filter(kind="laslista").exclude(audience="").exists()
