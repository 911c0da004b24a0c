"""Following a project or a choice in the inventory: who may, what it shows, how often."""

import dataclasses
import datetime
import re

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from core import register
from core.models import AuditEntry
from core.register import Person
from inventory import actions, following
from inventory.models import DigestSetting, Follow, Frequency, Project, next_day
from people import roles
from people.models import User
from tests.factories import (
    make_curator,
    make_district,
    make_follow,
    make_project,
    make_succession,
    make_user,
)
from tests.people.test_roles import somebody
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

MINE, NEW = "/mina-sidor/foljer/", "/foljer/ny/"
WEDNESDAY = datetime.datetime(2026, 12, 2, 10, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def me(client) -> User:
    user = make_user("jag@example.org", is_city_staff=False)
    client.force_login(user)
    return user


@pytest.fixture
def project() -> Project:
    return make_project(title="Kvällsstöd", themes=["Boende"])


def followed(user: User) -> list[tuple[str, int | None]]:
    return list(Follow.objects.filter(user=user).values_list("query", "project__public_id"))


# --- Who may --------------------------------------------------------------------------------------


def every_kind() -> dict[str, Project]:
    """A project of each visibility; the last three are hidden from most or all."""
    withdrawn = make_project(title="Borttaget")
    actions.withdraw(project=withdrawn, reason="Dubblett.", by=make_curator())
    return {
        "public": make_project(title="Öppet"),
        "staff": make_project(title="Internt", visibility="personal"),
        "withdrawn": withdrawn,
        "embargoed": make_project(title="Kommande", embargo_until=datetime.date(2026, 12, 3)),
    }


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_whoever_has_an_account_may_follow_what_she_may_see(client, role):
    projects = every_kind()
    user = somebody(role, make_district("Farsta"))
    if user:
        client.force_login(user)
    addresses = {kind: f"{NEW}?projekt={row.public_id}" for kind, row in projects.items()}
    addresses["choice"] = f"{NEW}?typ=projekt"

    asked = {
        kind: (client.get(address).status_code, client.post(address).status_code)
        for kind, address in addresses.items()
    }
    asked["mine"] = (client.get(MINE).status_code, client.post(MINE, {}).status_code)

    if role not in roles.FOLLOW.roles:
        assert set(asked.values()) == {(302, 302)}
        assert client.get(MINE)["Location"] == f"/konto/logga-in/?next={MINE}"
        assert Follow.objects.count() == 0
        return
    reads_staff = role in roles.READ_STAFF.roles
    assert asked == {
        "public": (200, 302),
        "staff": (200, 302) if reads_staff else (404, 404),
        "withdrawn": (410, 410),
        "embargoed": (404, 404),
        "choice": (200, 302),
        "mine": (200, 422),
    }
    seen = [projects["public"].public_id, projects["staff"].public_id][: 1 + reads_staff]
    assert followed(user) == [*(("", number) for number in seen), ("typ=projekt", None)]


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_the_matrix_decides_who_follows_and_is_told(client, role, project, monkeypatch):
    """If only curators might follow, only they could, also among those who began before."""
    user = somebody(role, make_district("Farsta"))
    mine = make_follow(user, project=project) if user else None
    narrow = dataclasses.replace(roles.FOLLOW, roles=frozenset({roles.Curator}))
    monkeypatch.setattr(roles, "FOLLOW", narrow)
    actions.record_change(project=project, by=None, changes={})
    if user:
        client.force_login(user)
    stop = f"{MINE}{mine.pk if mine else 1}/sluta/"
    there = f"{NEW}?typ=projekt"
    found = [
        *(client.get(each).status_code for each in (MINE, there)),
        *(client.post(each).status_code for each in (MINE, there, stop)),
    ]
    if user is None:
        assert found == [302] * 5
        return
    may = role is roles.Curator
    assert found == ([200, 200, 422, 302, 302] if may else [404] * 5)
    assert ("Det du följer" in page(client, "/mina-sidor/")) == may
    make_follow(user, project=project)
    long_ago = WEDNESDAY - datetime.timedelta(days=30)
    Follow.objects.update(created_at=long_ago)
    told = following.news(user, since=long_ago, until=WEDNESDAY + datetime.timedelta(days=1))
    assert bool(told) == may


def test_nobody_stops_what_another_follows(client, me, project):
    theirs = make_follow(make_user("annan@example.org"), project=project)
    address = f"{MINE}{theirs.pk}/sluta/"
    assert (client.post(address).status_code, Client().post(address).status_code) == (404, 302)
    assert Follow.objects.count() == 1


# --- Following ------------------------------------------------------------------------------------


def test_the_ways_in_lead_to_a_page_that_says_what_will_be_followed(client, me, project):
    make_district("Bromma")
    number = project.public_id
    for address, way, told in (
        (project.get_absolute_url(), f"{NEW}?projekt={number}", "Kvällsstöd"),
        ("/inventering/?sortera=namn&tema=boende", f"{NEW}?tema=boende", "Tema: Boende"),
        ("/stadsdelar/bromma/", f"{NEW}?stadsdel=bromma", "Stadsdelsområde: Bromma"),
    ):
        assert f'href="{way}"' in page(Client(), address)
        text = text_of(page(client, way))
        assert f"Du får ett mejl när något nytt har kommit om {told} ." in text
        assert "Ett enda mejl, till jag@example.org, med det som har publicerats" in text
    assert NEW not in page(client, "/inventering/")
    assert Follow.objects.count() == 0


def test_following_is_done_once_and_says_when_the_first_mail_comes(client, me, project):
    address = f"{NEW}?projekt={project.public_id}"
    for told in ("Nu följer du", "Du följer redan"):
        answer = client.post(address, follow=True)
        assert answer.redirect_chain == [(MINE, 302)]
        assert (
            f"{told} ”Kvällsstöd”. Nästa mejl kommer måndag 7 december, om något nytt har kommit."
            in text_of(answer.content.decode())
        )
    assert followed(me) == [("", project.public_id)]
    assert DigestSetting.objects.get().next_on == datetime.date(2026, 12, 7)
    (entry,) = AuditEntry.objects.filter(app_model="inventory.follow")
    follow = Follow.objects.get()
    assert (entry.verb, entry.object_label, entry.by, entry.changes, entry.reason) == (
        *("följs", f"Följning {follow.pk}", me, {}, ""),
    )


def test_the_history_does_not_tell_what_is_followed(client, me, project):
    follow = make_follow(me, project=project)
    make_follow(me, query="tema=boende")
    actions.change_frequency(user=me, frequency="aldrig", by=me)
    reader = Client()
    reader.force_login(make_curator())
    for address in (
        *(f"inventory.follow/{follow.pk}/", f"inventory.digestsetting/{me.pk}/"),
        f"?konto={me.pk}",
    ):
        text = text_of(page(reader, f"/redaktion/historik/{address}").partition("<main")[2])
        assert me.email in text
        assert ("Kvällsstöd" in text, "boende" in text.lower()) == (False, False)


def test_the_same_choice_in_another_order_is_the_same(client, me):
    make_project(themes=["Boende", "Arbete"])
    client.post(f"{NEW}?tema=boende&tema=arbete&q=+stöd+&sortera=namn&sida=2&fran=2010")
    client.post(f"{NEW}?fran=2010&q=st%C3%B6d&tema=arbete&tema=boende&tema=arbete&okant=x")
    assert followed(me) == [("fran=2010&q=st%C3%B6d&tema=arbete&tema=boende", None)]
    assert "Tema: Arbete, Boende · Sökord: stöd · Från 2010" in text_of(page(client, MINE))


def test_two_people_follow_the_same(project):
    for email in ("a@example.org", "b@example.org"):
        make_follow(make_user(email), project=project)
    assert Follow.objects.count() == 2


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("", 404, "Här finns inget att följa."),
        ("?sortera=namn&q=+", 404, "Här finns inget att följa."),
        ("?projekt=", 404, "Sidan finns inte"),
        ("?projekt=4711", 404, "Sidan finns inte"),
        ("?projekt=%00", 400, ""),
        ("?projekt=99999999999999999999", 404, "Sidan finns inte"),
        ("?tema=okant", 400, ""),
        ("?fran=abc", 400, ""),
        ("?q=%00", 400, ""),
    ],
)
def test_what_cannot_be_followed_is_said(client, me, query, status, told):
    for answer in (client.get(NEW + query), client.post(NEW + query)):
        assert answer.status_code == status
        assert told in answer.content.decode()
    assert Follow.objects.count() == 0


def test_a_personnummer_is_not_kept_as_words(client, me):
    answer = client.post(f"{NEW}?q=19811218-9876")
    assert answer.status_code == 422
    assert "personnummer" in text_of(answer.content.decode())
    assert Follow.objects.count() == 0


def test_a_choice_that_is_too_long_is_refused_in_words(client, me):
    themes = [f"Tema {number:03} {'x' * 60}" for number in range(16)]
    make_project(themes=themes)
    query = "&".join(f"tema={slug.lower().replace(' ', '-')}" for slug in themes)
    answer = client.post(f"{NEW}?{query}")
    assert answer.status_code == 422
    assert "Urvalet har för många val för att följas." in answer.content.decode()


def test_fifty_is_enough(client, me):
    make_project(start_date="1901")
    for number in range(50):
        make_follow(me, query=f"q=ord{number}")
    answer = client.post(f"{NEW}?typ=projekt")
    assert answer.status_code == 422
    assert "Du följer redan 50 saker, och fler går det inte att följa." in text_of(
        answer.content.decode()
    )
    assert client.post(f"{NEW}?q=ord7").status_code == 302  # is followed already
    assert Follow.objects.count() == 50
    client.post(f"{MINE}{Follow.objects.first().pk}/sluta/")
    assert client.post(f"{NEW}?typ=projekt").status_code == 302


def test_the_form_needs_its_cookie(me, project):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(me)
    address = f"{NEW}?projekt={project.public_id}"
    assert browser.post(address).status_code == 403
    browser.get(address)
    token = browser.cookies["ksi_csrf"].value
    assert browser.post(address, {"csrfmiddlewaretoken": token}).status_code == 302


# --- What one follows -----------------------------------------------------------------------------


def test_the_page_lists_what_one_follows_and_lets_one_stop(client, me, project):
    theirs = make_follow(make_user("annan@example.org"), query="typ=forstudie")
    mine = [make_follow(me, project=project), make_follow(me, query="tema=boende")]
    markup = page(client, MINE)
    assert re.findall(r'<h2><a href="([^"]*)">([^<]*)</a></h2>', markup) == [
        (project.get_absolute_url(), "Kvällsstöd"),
        ("/inventering/?tema=boende", "Tema: Boende"),
    ]
    assert "Nästa mejl kommer måndag 7 december, om något nytt har kommit." in text_of(markup)

    answer = client.post(f"{MINE}{mine[0].pk}/sluta/", follow=True)
    assert "Nu följer du inte det längre." in text_of(answer.content.decode())
    again = client.post(f"{MINE}{mine[0].pk}/sluta/")
    assert (again.status_code, "följer du inte längre" in again.content.decode()) == (404, True)
    assert client.get(f"{MINE}{mine[1].pk}/sluta/").status_code == 405
    assert list(Follow.objects.all()) == [theirs, mine[1]]
    assert AuditEntry.objects.filter(verb="följs inte längre").count() == 1


def test_who_follows_nothing_is_told_how(client, me):
    for address in (MINE, "/mina-sidor/"):
        assert "Det du följer" in page(client, address)
    assert "Du följer inget än." in text_of(page(client, MINE))
    assert DigestSetting.objects.count() == 0  # looking changes nothing


def test_my_pages_tell_how_much_one_follows(client, me, project):
    make_follow(me, project=project)
    text = text_of(page(client, "/mina-sidor/"))
    assert "Du följer 1 sak. Nästa mejl kommer måndag 7 december, om något nytt" in text


@pytest.mark.parametrize("hide", ["withdraw", "staff", "embargo"])
def test_a_project_that_is_hidden_is_not_named(client, me, project, hide):
    make_follow(me, project=project)
    if hide == "withdraw":
        actions.withdraw(project=project, reason="Dubblett.", by=None)
    else:
        fields = {"staff": {"visibility": "personal"}, "embargo": {"embargo_until": "2027-01-01"}}
        Project.objects.filter(pk=project.pk).update(**fields[hide])
        actions.record_change(project=project, by=None, changes={})
    for address in (MINE, "/mina-sidor/", "/mina-sidor/mina-uppgifter/"):
        assert "Kvällsstöd" not in page(client, address)
    assert "Ett projekt som inte visas längre" in page(client, MINE)


def test_a_choice_that_no_longer_exists_is_told_and_not_widened(client, me):
    make_project(themes=["Boende"])
    make_follow(me, query="tema=borttaget")
    text = text_of(page(client, MINE))
    assert "Ett urval som inte går att göra längre" in text
    assert "Vi skickar inget om det." in text


def test_a_district_that_was_merged_is_followed_with_its_successor(client, me):
    old, new = make_district("Norrmalm"), make_district("Norra innerstaden")
    make_project(lead=new)
    make_follow(me, query="stadsdel=norrmalm")
    make_succession(old, new)
    told = "Stadsdelsområdet har gått upp i Norra innerstaden. Du följer det också."
    assert told in text_of(page(client, MINE))
    assert told in text_of(page(client, f"{NEW}?stadsdel=norrmalm"))
    assert told not in text_of(page(client, f"{NEW}?stadsdel=norra-innerstaden"))
    assert told not in text_of(page(client, f"{NEW}?stadsdel=norra-innerstaden&stadsdel=norrmalm"))


# --- How often ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "weekly", "monthly"),
    [
        ("2026-12-02", "2026-12-07", "2026-12-07"),
        ("2026-12-06", "2026-12-07", "2026-12-07"),
        ("2026-12-07", "2026-12-14", "2027-01-04"),
        ("2026-05-31", "2026-06-01", "2026-06-01"),
        ("2026-06-01", "2026-06-08", "2026-07-06"),
    ],
)
def test_digests_come_on_mondays(day, weekly, monthly):
    asked = [next_day(each, datetime.date.fromisoformat(day)) for each in Frequency]
    expected = [datetime.date.fromisoformat(each) for each in (weekly, monthly)]
    assert asked == [*expected, None]


def test_how_often_is_chosen(client, me, project, wednesday):
    make_follow(me, project=project)
    wednesday.move_to(datetime.datetime(2026, 12, 8, 10, tzinfo=datetime.UTC))
    answer = client.post(MINE, {"frequency": "manadsvis"}, follow=True)
    assert "Ditt val är sparat. Nästa mejl kommer måndag 4 januari, om något" in text_of(
        answer.content.decode()
    )
    setting = DigestSetting.objects.get()
    assert (setting.frequency, setting.next_on, setting.told_until) == (
        *("manadsvis", datetime.date(2027, 1, 4), WEDNESDAY),
    )
    answer = client.post(MINE, {"frequency": "aldrig"}, follow=True)
    assert "Du får inga mejl om det, för du har valt ”Aldrig”." in text_of(answer.content.decode())
    client.post(MINE, {"frequency": "aldrig"})
    client.post(MINE, {"frequency": "veckovis"})
    setting.refresh_from_db()
    # What happened while she wanted no mail is not told.
    assert (setting.next_on, setting.told_until.day) == (datetime.date(2026, 12, 14), 8)
    lines = AuditEntry.about(setting).order_by("pk").values_list("changes", flat=True)
    assert [line["frequency"][1] for line in lines] == [
        "En gång i månaden, den första måndagen",
        "Aldrig",
        "Varje vecka, på måndagen",
    ]


@pytest.mark.parametrize("sent", [{}, {"frequency": ""}, {"frequency": "dagligen"}])
def test_what_is_no_choice_is_said_at_the_field(client, me, sent):
    answer = client.post(MINE, sent)
    assert answer.status_code == 422
    assert re.search(r"Välj (hur ofta du vill ha mejl|i listan)\.", answer.content.decode())
    assert DigestSetting.objects.count() == 0


# --- Constraints, personal data, queries ----------------------------------------------------------


def test_the_database_holds_one_thing_in_each_follow_and_a_day_or_never(me, project):
    make_follow(me, project=project)
    make_follow(me, query="tema=boende")
    for wrong in (
        {"query": "", "project": None},
        {"query": "tema=boende", "project": project},
        {"query": "tema=boende", "project": None},
        {"query": "", "project": project},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(user=me, **wrong)
    for wrong in ({"next_on": None}, {"frequency": "aldrig"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DigestSetting.objects.update(**wrong)


def test_what_one_follows_is_handed_out_and_erased(me, project):
    make_follow(me, project=project)
    make_follow(me, query="fran=2010&q=st%C3%B6d&tema=boende")
    theirs = make_follow(make_user("annan@example.org"), project=project)
    person = Person(me.email, me)
    handed = {holding.key: rows for holding, rows in register.handed_out(person)}["foljer"]
    assert [next(iter(row.values())) for row in handed] == [
        f"Projekt med löpnummer {project.public_id}",
        "Från: 2010 · Sökord: stöd · Tema: boende",
        "Varje vecka, på måndagen",
    ]
    assert register.erase_at_request(person, by=me, about=me)["foljer"] == 2
    assert list(Follow.objects.all()) == [theirs]
    assert not DigestSetting.objects.filter(user=me).exists()


def test_what_one_follows_goes_with_the_account(me, project):
    make_follow(me, project=project)
    me.delete()
    assert (Follow.objects.count(), DigestSetting.objects.count()) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_of_the_pages(client, me, count, django_assert_num_queries):
    for number in range(count):
        make_follow(me, project=make_project(title=f"Projekt {number}", themes=["Boende"]))
        make_follow(me, query=f"fran={2000 + number}&stadsdel=bromma")
    page(client, "/inventering/")  # reads the catalogue
    # The edition, the session with the account, settings; follows, successors of districts.
    with django_assert_num_queries(5):
        client.get(MINE)
    with django_assert_num_queries(3):
        client.get(f"{NEW}?tema=boende")
    # The setting again (made, locked), what is followed, how much; two rows, and two savepoints.
    with django_assert_num_queries(11):
        client.post(f"{NEW}?tema=boende")
