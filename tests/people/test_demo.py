"""The demonstration: roles with one click, and mail to read. Nothing of it in production."""

import json
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command

from core import post
from people.demo import DEMO_USERS, make_demo_users
from people.models import User
from tests.factories import make_user

from .walking import LOGIN, add_app, ask_for_code, code_in, stranger, text_of, who

DEMO_LOGIN = "/demo/logga-in/"


@pytest.mark.django_db
def test_each_role_logs_in_with_one_click():
    make_demo_users()
    for email, fields in DEMO_USERS.items():
        client = stranger()
        page = client.get(LOGIN)
        assert fields["name"] in text_of(page)
        done = client.post(DEMO_LOGIN, {"email": email, "next": "/om/"})
        assert (done.url, who(client)) == ("/om/", email)
        opens = fields.get("site") in {"redaktor", "registrator", "administrator"}
        assert client.get("/admin/").status_code == (200 if opens else 302)


@pytest.mark.django_db
def test_nothing_more_is_asked_also_when_a_visitor_has_added_an_app(client):
    make_demo_users()
    user = User.objects.get(email="administrator@example.org")
    add_app(user)
    assert client.post(DEMO_LOGIN, {"email": user.email}).url == "/mina-sidor/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["handlaggare@example.org", "", "redaktor@example.org' OR 1=1"])
def test_only_the_demonstrations_own_roles(client, email):
    make_demo_users()
    make_user()
    assert client.post(DEMO_LOGIN, {"email": email}).status_code == 404
    assert who(client) == ""


@pytest.mark.django_db
def test_the_login_needs_the_form_it_came_from():
    make_demo_users()
    client = stranger(enforce_csrf_checks=True)
    assert client.post(DEMO_LOGIN, {"email": "redaktor@example.org"}).status_code == 403
    assert client.get(DEMO_LOGIN).status_code == 405


@pytest.mark.django_db
def test_the_roles_are_made_again_as_they_should_be():
    call_command("demo_users", stdout=StringIO())
    User.objects.filter(email="anvandare@example.org").update(is_superuser=True, is_active=False)
    User.objects.filter(email="redaktor@example.org").delete()
    before = User.objects.get(email="administrator@example.org").pk
    call_command("demo_users", stdout=StringIO())
    call_command("demo_users", stdout=StringIO())
    rows = User.objects.values_list("email", "is_active", "is_staff", "is_superuser")
    assert sorted(rows) == [
        ("administrator@example.org", True, True, True),
        ("anvandare@example.org", True, False, False),
        ("enhetschef@example.org", True, False, False),
        ("forskningsrad@example.org", True, False, False),
        ("redaktor@example.org", True, True, False),
        ("registrator@example.org", True, True, False),
        ("samordnare@example.org", True, False, False),
        ("uppgiftslamnare@example.org", True, False, False),
    ]
    assert User.objects.get(email="administrator@example.org").pk == before


@pytest.mark.django_db
def test_outside_the_demonstration_there_are_no_such_logins(client, settings):
    make_demo_users()
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_users")
    with pytest.raises(RuntimeError):
        make_demo_users()
    assert "Demo:" not in text_of(client.get(LOGIN))
    assert client.post(DEMO_LOGIN, {"email": "redaktor@example.org"}).status_code == 404
    assert client.get("/demo/post/").status_code == 404


def in_production(code: str, **more: str) -> subprocess.CompletedProcess:
    """Run a line with production's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = kept | {
        "KSI_VAR": str(settings.VAR_DIR),
        "DJANGO_SETTINGS_MODULE": "ksi.settings",
        "SECRET_KEY": "s" * 50,
        "ALLOWED_HOSTS": "ksi.example.org",
    }
    command = [sys.executable, "-c", f"import django; django.setup(); {code}"]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=env | more, capture_output=True, text=True
    )


def test_production_has_no_such_addresses_and_asks_for_a_second_factor():
    code = """
import json
from django.conf import settings as s
from django.urls import get_resolver
names = [str(name) for name in get_resolver().reverse_dict if isinstance(name, str)]
print(json.dumps([
    sorted(name for name in names if "demo" in name), "account_login" in names,
    s.SECOND_FACTOR_REQUIRED, s.SIGNUP_DOMAINS, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN,
    s.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"],
    s.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"],
]))
"""
    done = in_production(f"exec({code!r})")
    assert json.loads(done.stdout) == [[], True, True, [], False, 100_000, ["'self'"]]


def test_production_makes_no_such_users():
    done = in_production("from django.core.management import call_command as c; c('demo_users')")
    assert done.returncode != 0
    assert "Det finns demokonton bara i demonstrationsläget" in done.stderr


OIDC = {
    "KSI_OIDC_ISSUER": "https://login.stad.example/realms/ksi/",
    "KSI_OIDC_CLIENT_ID": "ksi",
    "KSI_OIDC_SECRET": "hemlig",
}


def test_forms_may_lead_to_the_provider_and_nowhere_else():
    code = (
        "from django.conf import settings as s;"
        "print(s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    done = in_production(code, **OIDC)
    assert done.stdout == "[\"'self'\", 'https://login.stad.example']\n"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"KSI_OIDC_CLIENT_ID": ""}, "KSI_OIDC_CLIENT_ID saknas."),
        ({"KSI_OIDC_SECRET": ""}, "KSI_OIDC_SECRET saknas."),
        ({"KSI_OIDC_ISSUER": "http://login.stad.example"}, "ska börja med https://"),
    ],
)
def test_half_a_provider_is_refused_in_one_line(wrong, told):
    done = in_production("pass", **OIDC | wrong)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


# --- Mail ---------------------------------------------------------------------------------------


@pytest.fixture
def written(settings, tmp_path):
    """Mail goes to files, as in the demonstration."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


def send(subject: str, text: str) -> None:
    message = EmailMultiAlternatives(subject, text, to=["å@example.org"])
    message.attach_alternative(f"<p>{text}</p>", "text/html")
    door = post.door()
    door.deliver(message)
    door.close()


@pytest.mark.django_db
def test_the_code_can_be_read_in_the_demonstration(client, written):
    assert "Inget har skickats än." in text_of(client.get("/demo/post/"))
    ask_for_code(client, make_user().email)
    assert 'href="/demo/post/"' in client.get("/konto/logga-in/kod/").content.decode()
    assert "Din kod för att logga in i KSI" in text_of(client.get("/demo/post/"))
    page = text_of(client.get("/demo/post/1/"))
    assert "Till handlaggare@example.org" in page

    class Shown:
        body = page

    client.post("/konto/logga-in/kod/", {"code": code_in(Shown)})
    assert who(client) == "handlaggare@example.org"


@pytest.mark.django_db
def test_messages_stand_with_the_latest_first_and_harmless(client, written):
    send("Ett", "Första\n" + "-" * 79 + "\nslut")
    send("Två <script>", "Hej <script>alert(1)</script> https://example.org/a?b=1&c=2")
    page = client.get("/demo/post/").content.decode()
    assert page.index("Två &lt;script&gt;") < page.index(">Ett<")
    assert "slut" in text_of(client.get("/demo/post/1/"))
    one = client.get("/demo/post/2/").content.decode()
    assert "Hej &lt;script&gt;alert(1)&lt;/script&gt;" in one
    assert 'href="https://example.org/a?b=1&amp;c=2"' in one
    assert client.get("/demo/post/99/").status_code == 404
