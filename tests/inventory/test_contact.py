"""Writing to the function of a project: who may, where it goes, what is kept."""

import datetime
import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from core import mail
from core.models import AuditEntry, Mail
from inventory import actions, contact_views
from inventory.emails import Relay, relay_of
from inventory.models import Message, Project
from people import roles
from people.actions import give_role
from people.models import Membership, User
from tests.factories import (
    make_curator,
    make_district,
    make_organisation,
    make_project,
    make_unit,
    make_user,
)
from tests.reading import page, text_of

from .writing import TYPED, form_of, kept, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(title="Kvällsstöd", contact_email="enheten@example.org")


@pytest.fixture
def unlimited_messages(monkeypatch) -> None:
    for name in ("sender_limit", "project_limit"):
        limit = getattr(contact_views, name)
        monkeypatch.setattr(contact_views, name, replace(limit, times=1_000_000))


# --- Who may --------------------------------------------------------------------------------------


def somebody(role: type[roles.Role]) -> User | None:
    """Somebody with that role alone."""
    if role is roles.Visitor:
        return None
    user = make_user(f"{role.key}@annan.example.org", is_city_staff=role is roles.CityStaff)
    if issubclass(role, roles.OrganisationRole):
        elsewhere = make_organisation("En förening")
        Membership.objects.create(
            user=user, organisation=elsewhere, role=role.key, state=Membership.State.APPROVED
        )
    if issubclass(role, roles.SiteRole):
        give_role(user=user, role=role.key, by=None)
    return User.objects.get(pk=user.pk)


def every_kind() -> dict[str, Project]:
    """A project of each visibility; the last three are hidden from most or all."""
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    withdrawn = make_project(title="Borttaget")
    actions.withdraw(project=withdrawn, reason="Dubblett.", by=make_curator())
    return {
        "public": make_project(title="Öppet"),
        "staff": make_project(title="Internt", visibility="personal"),
        "withdrawn": withdrawn,
        "embargoed": make_project(title="Kommande", embargo_until=tomorrow),
    }


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_whoever_may_see_a_project_may_write_about_it(client, role, unlimited_messages):
    projects = every_kind()
    if user := somebody(role):
        client.force_login(user)
    reads_staff = roles.may(user or AnonymousUser(), roles.READ_STAFF)
    assert reads_staff is (role in roles.READ_STAFF.roles)

    asked = {
        kind: (
            client.get(form_of(project)).status_code,
            send(client, project).status_code,
            client.get(f"{form_of(project)}tack/").status_code,
        )
        for kind, project in projects.items()
    }

    assert asked == {
        "public": (200, 302, 404),
        "staff": (200, 302, 404) if reads_staff else (404, 404, 404),
        "withdrawn": (410, 410, 410),
        "embargoed": (404, 404, 404),
    }
    written = {"Öppet", "Internt"} if reads_staff else {"Öppet"}
    assert set(Message.objects.values_list("project__title", flat=True)) == written


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_phone_and_mailbox_are_seen_by_those_who_read_what_is_for_staff(client, role):
    project = make_project(contact_phone="08-508 00 000", contact_email="enheten@example.org")
    if user := somebody(role):
        client.force_login(user)
    markup = page(client, project.get_absolute_url())
    seen = ("08-508 00 000" in markup, "mailto:enheten@example.org" in markup)
    assert seen == (role in roles.READ_STAFF.roles,) * 2
    assert f'href="{form_of(project)}"' in markup


def test_the_form_names_the_function_and_never_the_mailbox(client, project):
    text = page(client, form_of(project))
    assert "Ditt meddelande går till <strong>Enheten för socialpsykiatri</strong>." in text
    response = send(client, project, text="")
    thanks = client.get(send(client, project)["Location"])
    for markup in (text, response.content.decode(), thanks.content.decode()):
        assert "enheten@example.org" not in markup


def test_a_wrong_name_in_the_address_leads_right_and_loses_nothing_that_was_sent(client, project):
    wrong = f"/inventering/{project.public_id}/fel/kontakt/"
    response = client.get(wrong)
    assert (response.status_code, response["Location"]) == (301, form_of(project))
    assert client.post(wrong, TYPED).status_code == 302
    assert kept() == [("Bo Ek", "bo@example.org", "Hur började ni?")]


@pytest.mark.parametrize("number", ["4711", "0", "abc", "9999999999"])
def test_a_number_that_nothing_has_is_a_404(client, number):
    for rest in ("", "tack/"):
        address = f"/inventering/{number}/x/kontakt/{rest}"
        assert client.get(address).status_code == 404
    assert client.post(f"/inventering/{number}/x/kontakt/", TYPED).status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_the_form_takes_nothing_else(client, project, method):
    response = getattr(client, method)(form_of(project))
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


# --- Where it goes --------------------------------------------------------------------------------


@override_settings(CONTACT="ksi@example.org")
def test_a_message_always_reaches_a_function():
    district = make_district("Farsta", contact_email="farsta@example.org")
    unit = make_unit("Träffpunkten", district)
    inner = make_unit("Köket", unit)
    project = make_project(lead=inner)

    def reached() -> tuple[str, str]:
        found = relay_of(Project.objects.get(pk=project.pk))
        return found.function, found.address

    above = reached()
    unit.contact_email, unit.contact_function = "traffen@example.org", "Föreståndaren"
    unit.save()
    nearer = reached()
    inner.contact_email = "koket@example.org"
    inner.save()
    lead = reached()
    Project.objects.update(contact_email="stod@example.org")
    own = reached()
    Project.objects.update(contact_email="inte en adress")
    inner.valid_to = unit.valid_to = district.valid_to = datetime.date(2020, 1, 1)
    for organisation in (inner, unit, district):
        organisation.save()
    nobody = reached()

    assert [above, nearer, lead, own, nobody] == [
        ("Farsta", "farsta@example.org"),
        ("Föreståndaren", "traffen@example.org"),
        ("Köket", "koket@example.org"),
        ("Enheten för socialpsykiatri", "stod@example.org"),
        ("redaktionen för KSI", "ksi@example.org"),
    ]


def test_organisations_in_a_ring_do_not_go_round_for_ever(settings):
    settings.CONTACT = "ksi@example.org"
    first = make_district("Farsta")
    second = make_unit("Träffpunkten", first)
    type(first).objects.filter(pk=first.pk).update(parent=second)
    project = Project.objects.get(pk=make_project(lead=second).pk)
    assert relay_of(project) == Relay("redaktionen för KSI", "ksi@example.org")


def test_the_page_says_when_the_message_goes_to_somebody_else(client):
    project = make_project(lead=make_district("Farsta", contact_email="farsta@example.org"))
    text = text_of(page(client, form_of(project)))
    assert (
        "Ditt meddelande går till Farsta . Projektets egen kontakt är Enheten för"
        " socialpsykiatri, men den har ingen brevlåda här." in text
    )


@override_settings(PORTAL_URL="https://ksi.example.org", MAIL_REPLY_TO="ksi@example.org")
def test_the_letter_says_what_about_from_whom_and_how_to_answer(client, project):
    send(client, project, text="Hej!\n\nHur <b>började</b> ni?\nVi & ni.")

    written = Mail.objects.get()
    assert (written.to, written.reply_to, written.subject, written.purpose) == (
        *("enheten@example.org", "bo@example.org", "Meddelande om Kvällsstöd"),
        "meddelande-till-funktion",
    )
    assert mail.message_of(written).message()["Reply-To"] == "bo@example.org"
    address = f"https://ksi.example.org{project.get_absolute_url()}"
    assert written.text == (
        "Någon har skrivit till Enheten för socialpsykiatri på KSI, om Kvällsstöd:"
        f" {address}.\n\n"
        "Från: Bo Ek, bo@example.org\n\n"
        "Svara på det här mejlet. Då går svaret direkt till den som skrev, och KSI ser det inte."
        " KSI har inte kontrollerat vem det är.\n\n"
        "Meddelandet är en allmän handling hos er, liksom annan post till funktionen.\n\n"
        "Meddelandet\n\n"
        "Hej!\n\n"
        "Hur <b>började</b> ni?\nVi & ni.\n\n"
        "--\nKSI – Kunskap om sociala insatser\nhttps://ksi.example.org/\n"
    )
    assert "Hur &lt;b&gt;började&lt;/b&gt; ni?<br>Vi &amp; ni." in written.html
    assert Message.objects.get().mail == written


def test_nobody_gets_a_copy_and_the_name_may_be_left_out(client, project):
    send(client, project, name="")
    assert list(Mail.objects.values_list("to", flat=True)) == ["enheten@example.org"]
    assert "Från: bo@example.org\n" in Mail.objects.get().text


@pytest.mark.parametrize("title", ["x" * 200, "Stöd\u00a0på\u00adväg", "a\nb", "👩‍👩‍👧"])
def test_no_title_is_too_odd_for_a_subject(client, title):
    project = make_project(title=title, contact_email="enheten@example.org")
    assert send(client, project).status_code == 302
    assert Mail.objects.get().subject.isprintable()


# --- What is kept ---------------------------------------------------------------------------------


def test_the_message_the_history_and_the_mail_are_written_together(client, project):
    response = send(client, project)
    message = Message.objects.get()
    address = f"{form_of(project)}tack/?kvitto={message.key}"
    assert (response.status_code, response["Location"]) == (302, address)
    assert kept() == [("Bo Ek", "bo@example.org", "Hur började ni?")]
    assert (message.project, message.sent_to_function) == (project, "Enheten för socialpsykiatri")
    entry = AuditEntry.about(message).get()
    assert (entry.verb, entry.object_label, entry.by, entry.changes, entry.reason) == (
        *("meddelande mottaget", f"Meddelande {message.pk} om Kvällsstöd", None, {}, ""),
    )


def test_somebody_signed_in_has_her_address_filled_in_and_is_not_told_in_the_history(
    client, project
):
    user = make_user("anna@example.org", name="Anna Ask")
    client.force_login(user)
    markup = page(client, form_of(project))
    assert 'value="anna@example.org"' in markup
    assert 'value="Anna Ask"' in markup
    send(client, project)
    assert AuditEntry.about(Message.objects.get()).get().by is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["core.mail.write", "core.models.AuditEntry.record"])
def test_a_fault_drops_all_of_it(client, monkeypatch, fault):
    project = make_project()
    before = AuditEntry.objects.count()
    monkeypatch.setattr(fault, lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(client, project)
    assert (Message.objects.count(), Mail.objects.count()) == (0, 0)
    assert AuditEntry.objects.count() == before


def test_the_database_holds_whole_messages_and_wholly_erased_ones(client, project):
    send(client, project)
    now = timezone.now()
    for wrong in ({"text": ""}, {"email": ""}, {"erased_at": now}, {"erased_at": now, "text": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.update(**wrong)
    Message.objects.update(erased_at=now, name="", email="", text="")


# --- Pages ----------------------------------------------------------------------------------------


def test_the_project_page_stays_a_page_that_is_only_read(client, project):
    response = client.get(project.get_absolute_url())
    assert (len(response.cookies), "ETag" in response.headers) == (0, True)
    assert 'method="post"' not in response.content.decode()


def test_the_form_is_never_kept_not_even_for_who_has_its_cookie(client, project):
    numbers = set()
    for _ in range(3):
        response = client.get(form_of(project))
        assert "no-store" in response["Cache-Control"]
        numbers |= set(re.findall(r'name="(?:opened)" value="(\w+)"', response.content.decode()))
    assert len(numbers) == 3
    assert Client().get(form_of(project)).cookies.keys() == {"ksi_csrf"}


def test_nobody_is_thanked_for_what_was_not_sent(client, project):
    thanks = send(client, project)["Location"]
    response = client.get(thanks)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert len(response.cookies) == 0
    text = text_of(response.content.decode())
    assert "KSI har tagit emot det och mejlar det till Enheten för socialpsykiatri" in text
    other = make_project(title="Ett annat")
    for address in (
        thanks.partition("?")[0],
        thanks[:-1],
        f"{form_of(other)}tack/?{thanks.partition('?')[2]}",
        f"{form_of(project)}tack/?kvitto={'x' * 3000}",
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert "Här finns inget skickat meddelande." in response.content.decode()


def test_nothing_asks_who_one_is_and_everything_says_what_it_is_for(client, project):
    markup = page(client, form_of(project))
    assert re.findall(r"<label[^>]*>(.*?)</label>", markup.split("<main")[1]) == [
        "Ditt meddelande",
        "Din e-postadress",
        'Ditt namn <span class="optional">(frivilligt)</span>',
    ]
    for told in (
        *("Behöver du hjälp nu?", "Gäller det dig själv eller en närstående?"),
        *("Meddelandet blir en allmän handling.", 'autocomplete="email"', 'autocomplete="name"'),
        "Skriv inget som pekar ut en person: inga namn, inget personnummer.",
    ):
        assert told in markup


@pytest.mark.parametrize("more", [0, 2])
def test_the_queries_of_form_message_and_thanks(
    client, project, unlimited_messages, django_assert_num_queries, more
):
    for number in range(more):
        send(client, project, text=f"Fråga {number}")
    # The edition and the project; a message also is looked for twice, in two savepoints, and
    # written as three rows of which one then gets the number of another.
    with django_assert_num_queries(2):
        client.get(form_of(project))
    with django_assert_num_queries(12):
        response = send(client, project)
    with django_assert_num_queries(3):
        client.get(response["Location"])
