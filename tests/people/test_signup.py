"""New accounts: for those in the allowed domains, and for the invited."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from core.models import AuditEntry
from people import accounts
from people.models import Invitation, User
from tests.factories import make_curator, make_user

from .walking import LOGIN, code_in, last_mail, link_in, stranger, text_of, who

pytestmark = pytest.mark.django_db

NEW = "/konto/ny/"
NEW_CODE = "/konto/ny/kod/"
ANNA = {"name": "Anna Exempel", "email": "anna@example.org"}


def test_somebody_in_an_allowed_domain_makes_an_account(client):
    asked = client.post(NEW, ANNA)
    assert (asked.status_code, asked.url) == (302, NEW_CODE)
    assert (last_mail().to, last_mail().subject) == (
        ["anna@example.org"],
        "Din kod för att skapa konto i KSI",
    )
    assert who(client) == ""

    done = client.post(NEW_CODE, {"code": code_in(last_mail())})
    assert done.url == "/mina-sidor/"
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == (
        "anna@example.org",
        "Anna Exempel",
        False,
    )
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert who(client) == "anna@example.org"
    assert EmailAddress.objects.get().verified


def test_an_account_counts_as_the_citys_only_when_the_address_is_proved(client):
    client.post(NEW, ANNA)
    assert not User.objects.get().is_city_staff
    client.post(NEW_CODE, {"code": code_in(last_mail())})
    assert User.objects.get().is_city_staff


@pytest.mark.parametrize(
    "email",
    [
        "anna@example.com",
        "anna@sub.example.org",
        "anna@example.org.evil.example",
        "anna@evilexample.org",
        '"a@example.org"@evil.example',
    ],
)
def test_nobody_else_does(client, email):
    response = client.post(NEW, ANNA | {"email": email})
    assert response.status_code == 200
    assert "Med den adressen går det inte att skapa konto." in text_of(response)
    assert (User.objects.count(), mail.outbox) == (0, [])


def test_flags_cannot_be_slipped_in(client):
    more = {"is_staff": "1", "is_superuser": "1", "is_active": "0", "is_city_staff": "1", "id": "7"}
    client.post(NEW, ANNA | more)
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.is_active, user.is_city_staff) == (
        False,
        False,
        True,
        False,
    )


def test_an_address_with_an_account_is_answered_as_a_new_one():
    make_user("finns@example.org", name="Den som fanns")
    pages = []
    for email in ("finns@example.org", "ny@example.org"):
        client = stranger()
        asked = client.post(NEW, {"name": "Någon", "email": email})
        page = client.get(NEW_CODE)
        wrong = client.post(NEW_CODE, {"code": "0000-0001"})
        told = [text_of(one).replace(email, "X") for one in (page, wrong)]
        pages.append((asked.status_code, asked.url, wrong.status_code, told))
    assert pages[0] == pages[1]
    assert [message.subject for message in mail.outbox] == [
        "Du har redan ett konto i KSI",
        "Din kod för att skapa konto i KSI",
    ]
    assert User.objects.get(email="finns@example.org").name == "Den som fanns"


def test_without_allowed_domains_the_page_asks_for_an_invitation(client, settings):
    settings.SIGNUP_DOMAINS = []
    for response in (client.get(NEW), client.post(NEW, ANNA)):
        assert "Du behöver en inbjudan" in text_of(response)
    assert User.objects.count() == 0


# --- Invitations --------------------------------------------------------------------------------


def test_a_curator_invites_somebody_who_makes_an_account(
    client, settings, django_capture_on_commit_callbacks
):
    curator = make_curator(name="Rut Redaktör")
    desk = stranger()
    desk.force_login(curator)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post("/admin/people/invitation/add/", {"email": "Gun@forening.example"})
    assert (last_mail().to, last_mail().subject) == (
        ["gun@forening.example"],
        "Du är inbjuden att skapa ett konto i KSI",
    )
    assert "Rut Redaktör har bjudit in dig" in last_mail().body
    link = link_in(last_mail())

    settings.SIGNUP_DOMAINS = []
    assert "Skapa ett konto för gun@forening.example." in text_of(client.get(link))
    assert Invitation.objects.get().used_at is None
    assert client.post(link).url == NEW
    assert 'value="gun@forening.example"' in client.get(NEW).content.decode()
    done = client.post(NEW, {"name": "Gun", "email": "gun@forening.example"})

    # The link went to the address, so that no code is needed.
    assert (done.url, who(client)) == ("/mina-sidor/", "gun@forening.example")
    assert Invitation.objects.get().used_at is not None
    assert stranger().get(link).status_code == 404
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "by__email")) == [
        ("skapad", None),
        ("inbjuden", "redaktor@example.org"),
        ("skapad", "gun@forening.example"),
        ("inbjudan använd", "gun@forening.example"),
    ]


def invite(email: str = "gun@forening.example") -> str:
    """The path of a new invitation."""
    inviter = User.objects.filter(is_superuser=True).first() or make_curator()
    return f"/konto/inbjudan/{accounts.invite(email=email, by=inviter)[1]}/"


def test_an_invitation_is_for_one_address(client):
    client.post(invite())
    response = client.post(NEW, {"name": "Gun", "email": "annan@forening.example"})
    assert "Inbjudan gäller bara gun@forening.example" in text_of(response)
    response = client.post(NEW, {"name": "Gun", "email": "annan@example.org"})
    assert "Inbjudan gäller bara gun@forening.example" in text_of(response)


def test_an_invitation_lasts_two_weeks(client, time_machine):
    time_machine.move_to("2026-05-04 12:00:00+02:00", tick=False)
    link = invite()
    time_machine.move_to("2026-05-18 11:59:59+02:00", tick=False)
    assert client.get(link).status_code == 200
    time_machine.move_to("2026-05-18 12:00:00+02:00", tick=False)
    response = client.get(link)
    assert response.status_code == 404
    assert "Länken är redan använd, eller så har den gått ut." in text_of(response)


def test_a_new_invitation_ends_the_old_one_and_the_token_is_not_stored(client):
    old, new = invite(), invite()
    assert [client.get(link).status_code for link in (old, new)] == [404, 200]
    token = new.split("/")[-2]
    assert Invitation.objects.get().token_hash == accounts.digest(token) != token
    lines = AuditEntry.objects.filter(app_model="people.invitation").order_by("pk")
    assert list(lines.values_list("verb", "reason")) == [
        ("inbjuden", ""),
        ("inbjudan återtagen", "Ersatt av en ny."),
        ("inbjuden", ""),
    ]


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "..%2f", "å"])
def test_a_made_up_invitation_is_404(client, token):
    invite()
    assert client.get(f"/konto/inbjudan/{token}/").status_code in {400, 404}
    assert client.post(f"/konto/inbjudan/{token}/").status_code in {400, 404}


def test_the_invited_who_has_an_account_is_told_by_mail(client):
    make_user("gun@forening.example")
    client.post(invite())
    assert client.post(NEW, {"name": "Gun", "email": "gun@forening.example"}).url == NEW_CODE
    assert last_mail().subject == "Du har redan ett konto i KSI"


def test_an_invitation_that_is_taken_back_is_worth_nothing(client):
    link = invite()
    desk = stranger()
    desk.force_login(User.objects.get())
    pk = Invitation.objects.get().pk
    desk.post(f"/admin/people/invitation/{pk}/delete/", {"post": "yes"})
    assert client.get(link).status_code == 404
    assert AuditEntry.objects.latest("pk").verb == "inbjudan återtagen"


def test_opening_an_invitation_logs_nobody_in_and_out_of_nothing(client):
    client.force_login(make_user())
    client.get(invite())
    assert who(client) == "handlaggare@example.org"
    assert client.get(LOGIN).status_code == 302
