"""A draft from its beginning to the curators: begun, alike, handed in, taken back, thrown away."""

import re

import pytest
from django.test import Client, override_settings

from core.models import AuditEntry, Mail
from inventory import actions
from inventory.draft_forms import payload_of
from inventory.models import Draft, Project, Submission
from people.actions import give_role
from people.models import Membership, Organisation
from search import indexing
from tests.factories import (
    complete_payload,
    make_curator,
    make_district,
    make_draft,
    make_measure,
    make_project,
    make_unit,
    make_writer,
)
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

ALL = "/inventering/lamna-in/"
NEW = f"{ALL}ny/"
MANAGER = Membership.Role.MANAGER


@pytest.fixture
def unit() -> Organisation:
    return make_unit("Träffpunkten", make_district("Farsta"))


@pytest.fixture
def reporter(client, unit):
    user = make_writer(unit)
    client.force_login(user)
    return user


def address(draft: Draft, rest: str = "") -> str:
    return f"{ALL}{draft.pk}/{rest}"


def begin(client, unit, **more) -> object:
    sent = {"unit": unit.pk, "kind": "verksamhet", "title": "Kvällsstöd", "opened": "a"}
    return client.post(NEW, sent | more)


def submit(client, draft, version=None) -> object:
    sent = {"version": draft.version if version is None else version}
    return client.post(address(draft, "lamna-in/"), sent)


# --- Begun ----------------------------------------------------------------------------------------


def test_a_draft_is_begun_once_however_often_it_is_sent(client, unit, reporter):
    first, second = begin(client, unit), begin(client, unit)
    draft = Draft.objects.get()
    assert (first.status_code, first.url, second.url) == (
        302,
        address(draft, "finns-redan/"),
        first.url,
    )
    assert (draft.unit, draft.title, draft.created_by, draft.state) == (
        *(unit, "Kvällsstöd", reporter, "utkast"),
    )
    assert draft.payload["visibility"] == ["alla"]
    entry = AuditEntry.about(draft).get()
    assert (entry.verb, entry.by, entry.object_label) == (
        *("påbörjat", reporter, f"Utkast {draft.pk}, Träffpunkten"),
    )
    begin(client, unit, title="Ett annat")
    assert Draft.objects.count() == 2


def test_what_cannot_be_begun_is_told_and_kept(client, unit, reporter):
    bromma = make_district("Bromma")
    response = begin(client, bromma, title="x" * 201, plain_summary="19811218-9876")
    markup = response.content.decode()
    assert (response.status_code, Draft.objects.count()) == (422, 0)
    for told in (
        "Välj en av dina enheter.",
        "Namnet är för långt: 201 tecken. Korta det till högst 200.",
        f'value="{"x" * 201}"',
        "19811218-9876</textarea>",
    ):
        assert told in markup
    assert begin(client, unit, title=" \u200b ").status_code == 422


def test_who_has_no_unit_is_shown_the_way_and_cannot_begin(client):
    client.force_login(make_curator())
    assert "Gå med i din enhet" in page(client, ALL)
    assert client.get(NEW).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_however_long(
    client, unit, reporter, count, django_assert_num_queries
):
    for _ in range(count):
        make_draft(unit)
        make_draft(unit, state="avbojt")
        make_project(lead=unit)
    make_draft(make_district("Bromma"), payload=complete_payload(title=["Hemligt"]))
    with django_assert_num_queries(7):
        markup = page(client, ALL)
    assert markup.count("Kvällsöppet boendestöd</a></h3>") == 3 * count
    assert "Hemligt" not in markup


# --- Finns det redan? -----------------------------------------------------------------------------


@pytest.fixture
def alike() -> Project:
    project = make_project(
        title="Kvällsöppet boendestöd i Bromma",
        lead=make_district("Bromma"),
        contact_email="bromma@example.org",
        contact_phone="08-508 00 000",
        themes=["Boende"],
        interventions=["Boendestöd"],
    )
    make_measure(project, ("2015", 92, 145), goal="Fler sover")
    return project


def test_what_is_like_it_in_other_districts_is_shown_with_whom_to_ask(
    client, unit, reporter, alike
):
    make_project(title="Kvällsöppet boendestöd hos oss", lead=unit)
    make_project(
        title="Kvällsöppet boendestöd, hemligt", lead=make_district("Järva"), visibility="personal"
    )
    type(reporter).objects.update(is_city_staff=False)
    indexing.index()
    draft = make_draft(unit, choice="")
    markup = page(client, address(draft, "finns-redan/"))
    assert re.findall(r"<h2><a href=[^>]*>(.*?)</a>", markup) == [alike.title]
    assert "Fråga: Enheten för socialpsykiatri." in text_of(markup)
    assert "bromma@example.org" not in markup
    type(reporter).objects.update(is_city_staff=True)
    assert "bromma@example.org" in page(client, address(draft, "finns-redan/"))


@override_settings(CONTACT="ksi@example.org")
def test_reuse_copies_what_can_be_and_introduces_the_units_once(client, unit, reporter, alike):
    indexing.index()
    begin(client, unit, title="Kvällsöppet boendestöd")
    draft = Draft.objects.get()
    sent = {"choice": "ateranvander", "projects": alike.pk, "reason": ""}
    for _ in range(2):
        response = client.post(address(draft, "finns-redan/"), sent)
        assert (response.status_code, response.url) == (302, address(draft))
    draft.refresh_from_db()
    assert (draft.choice, list(draft.inspired_by.all())) == ("ateranvander", [alike])
    theirs = payload_of(alike)
    assert draft.title == "Kvällsöppet boendestöd"
    assert {name: draft.payload[name] for name in ("need", "activities", "themes")} == {
        name: theirs[name] for name in ("need", "activities", "themes")
    }
    assert {name for name in draft.payload if name.startswith("measures")} == {
        *("measures-0-goal", "measures-0-indicator", "measures-0-unit"),
    }
    assert "contact_email" not in draft.payload
    assert sorted(Mail.objects.values_list("to", "reply_to")) == [
        ("bromma@example.org", "ksi@example.org"),
        ("ksi@example.org", "bromma@example.org"),
    ]
    entry = AuditEntry.about(draft).filter(verb="svarade om det finns redan").get()
    assert entry.changes == {"choice": ["", "Vi återanvänder"]}


def test_something_new_needs_a_reason_that_the_curator_reads(client, unit, reporter, alike):
    indexing.index()
    draft = make_draft(unit, choice="")
    there = address(draft, "finns-redan/")
    response = client.post(there, {"choice": "nytt"})
    assert response.status_code == 422
    assert "Skriv varför ni gör något nytt." in response.content.decode()
    assert client.post(there, {"choice": "anpassar"}).status_code == 422
    tampered = {
        "choice": "anpassar",
        "projects": make_project(title="Hemligt", visibility="personal").pk,
    }
    assert client.post(there, tampered).status_code == 422
    client.post(there, {"choice": "nytt", "reason": "Vi har natten också."})
    draft.refresh_from_db()
    submit(client, draft)
    curator = Client()
    curator.force_login(make_curator())
    assert "Vi har natten också." in page(curator, address(draft))
    assert Mail.objects.filter(purpose="enheter-presenterade").count() == 0


# --- Handed in ------------------------------------------------------------------------------------


def test_a_double_click_hands_in_once(client, unit, reporter):
    curator = make_curator()
    give_role(user=curator, role="redaktor", by=None)
    draft = make_draft(unit)
    for _ in range(2):
        assert submit(client, draft).url == address(draft)
    draft.refresh_from_db()
    assert (draft.state, draft.submitted_at is not None) == ("inlamnat", True)
    submission = Submission.objects.get()
    assert (submission.payload, submission.submitted_by) == (draft.payload, reporter)
    assert list(Mail.objects.values_list("to", "purpose")) == [
        ("redaktor@example.org", "utkast-submitted")
    ]
    markup = page(client, address(draft))
    assert "Redaktionen läser och hör av sig." in markup
    assert "Boendestöd till klockan 22." in markup


def test_what_is_missing_is_listed_with_ways_to_it(client, unit, reporter):
    draft = make_draft(unit, payload=complete_payload(need=[], contact_function=[]), choice="")
    response = submit(client, draft)
    assert (response.status_code, Submission.objects.count()) == (422, 0)
    for markup in (response.content.decode(), page(client, address(draft, "?saknas=1"))):
        summary = re.findall(r'<div class="error-summary".*?</div>', markup, re.S)[0]
        assert re.findall(r'href="([^"]*)"', summary) == [
            address(draft, "finns-redan/"),
            address(draft, "for-vem/?saknas=1#fraga-need"),
            address(draft, "kontakt/?saknas=1#fraga-contact_function"),
        ]
    markup = page(client, address(draft, "for-vem/?saknas=1"))
    assert 'id="fraga-need"' in markup
    assert "Vilket behov möter det? Svara på frågan." in markup
    assert 'class="error-summary"' not in page(client, address(draft))


@pytest.mark.parametrize("version", [0, "x", "99999999999999999999", ""])
def test_a_version_that_is_old_or_tampered_with_hands_in_nothing(client, unit, reporter, version):
    draft = make_draft(unit)
    response = client.post(address(draft, "lamna-in/"), {"version": version}, follow=True)
    assert "Någon har ändrat utkastet medan du läste." in response.content.decode()
    assert Submission.objects.count() == 0


def test_where_the_manager_approves_she_reads_first(client, unit, reporter):
    manager = make_writer(unit, MANAGER, email="chef@example.org")
    chief = Client()
    chief.force_login(manager)
    rule = f"{ALL}enhet/{unit.slug}/"
    assert client.get(rule).status_code == 404
    assert chief.post(rule, {"manager_approves": "on"}).url == ALL
    draft = make_draft(unit)

    submit(client, draft)
    draft.refresh_from_db()
    assert draft.state == "hos-chefen"
    assert list(Mail.objects.values_list("to", flat=True)) == ["chef@example.org"]
    submit(client, draft)  # not she
    assert Draft.objects.get().state == "hos-chefen"
    assert "Väntar på dig" in text_of(page(chief, "/mina-sidor/"))
    assert "Väntar på dig" not in text_of(page(client, "/mina-sidor/"))

    assert "Godkänn och lämna in" in page(chief, address(draft))
    submit(chief, draft)
    assert Draft.objects.get().state == "inlamnat"
    assert Submission.objects.get().submitted_by == manager


def test_taken_back_and_thrown_away(client, unit, reporter):
    draft = make_draft(unit)
    submit(client, draft)
    client.post(address(draft, "ta-tillbaka/"))
    draft.refresh_from_db()
    assert draft.state == "utkast"
    assert client.post(address(draft, "kasta/")).url == address(draft)  # it was received
    assert Draft.objects.count() == 1
    other = make_draft(unit)
    assert client.get(address(other, "kasta/")).status_code == 200
    assert client.post(address(other, "kasta/")).url == ALL
    assert list(Draft.objects.all()) == [draft]
    assert client.get(address(other)).status_code == 404


def test_comments_are_read_when_returned_and_answered(client, unit, reporter):
    curator, draft = make_curator(), make_draft(unit, state="inlamnat", by=reporter)
    said = actions.comment(
        draft=draft, question="need", text="Hur vet ni det?", by=curator, key="k"
    )
    there = address(draft, f"kommentar/{said.pk}/")
    assert "Hur vet ni det?" not in page(client, address(draft))
    assert client.get(there).status_code == 404
    actions.give_back(draft=draft, reason="Se kommentaren.", by=curator)
    assert "Hur vet ni det?" in page(client, address(draft))
    assert client.post(there, {"answer": ""}).status_code == 422
    assert (
        client.post(there, {"answer": "Vi frågade."}).url == f"{address(draft)}#kommentar-{said.pk}"
    )
    said.refresh_from_db()
    assert (said.answer, said.answered_by) == ("Vi frågade.", reporter)
    draft.refresh_from_db()
    submit(client, draft)
    response = client.post(there, {"answer": "Nej förresten."})
    assert response.status_code == 409
    assert "Nej förresten." in response.content.decode()


# --- Revised --------------------------------------------------------------------------------------


def test_what_is_published_is_revised_in_one_draft(client, unit, reporter):
    project = make_project(lead=unit, themes=["Boende"])
    there = f"{project.get_absolute_url()}andra/"
    assert there in page(client, "/mina-sidor/")
    assert there in page(client, ALL)
    assert client.get(there).status_code == 200
    assert Draft.objects.count() == 0
    first, second = client.post(there), client.post(there)
    draft = Draft.objects.get()
    assert first.url == second.url == address(draft)
    assert (draft.project, draft.base, draft.payload) == (
        *(project, payload_of(project), payload_of(project)),
    )
    assert "Finns det redan?" not in page(client, address(draft))


def test_a_revision_that_another_owner_has_begun_is_told_of(client, unit, reporter):
    bromma = make_district("Bromma")
    project = make_project(lead=bromma, co_owners=[unit])
    make_draft(bromma, project=project)
    response = client.post(f"{project.get_absolute_url()}andra/")
    assert response.status_code == 404
    assert "Bromma håller redan på att ändra det här." in response.content.decode()


def test_my_pages_tell_what_waits_for_me_and_nothing_of_other_units(client, unit, reporter):
    make_draft(unit, state="atersant", payload=complete_payload(title=["Åter"]))
    make_draft(unit, state="hos-chefen", payload=complete_payload(title=["Hos chefen"]))
    make_draft(
        make_district("Bromma"), state="atersant", payload=complete_payload(title=["Hemligt"])
    )
    markup = page(client, "/mina-sidor/")
    assert "Väntar på dig: Åter ." in text_of(markup)
    assert ("Hos chefen</a>" in markup, "Hemligt" in markup) == (True, False)
    stranger = Client()
    stranger.force_login(make_curator())
    assert "Det enheten lämnar in" not in page(stranger, "/mina-sidor/")


# --- What it costs --------------------------------------------------------------------------------

PAGES = {"": 16, "?saknas=1": 16, "vad/": 14, "hur/": 16, "finns-redan/": 9, "filer/": 4}


@pytest.mark.parametrize("rest", PAGES)
@pytest.mark.parametrize("more", [0, 3])
def test_the_queries_of_a_draft_do_not_grow(
    client, unit, reporter, rest, more, django_assert_num_queries
):
    for number in range(more):
        make_draft(unit)
        make_district(f"Stadsdel {number}")
    draft = make_draft(unit)
    page(client, address(draft, rest))
    with django_assert_num_queries(PAGES[rest]):
        page(client, address(draft, rest))
