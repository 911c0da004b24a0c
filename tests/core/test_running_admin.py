"""The curators' view of what goes on behind the pages."""

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import mail
from core.models import AuditEntry, Mail
from core.tasks import later
from people.actions import give_role
from people.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LISTS = ["mail", "backgroundtask", "workersign", "periodicrun"]


@pytest.fixture
def curator():
    user = make_user("redaktor@example.org")
    give_role(user=user, role="redaktor", by=None)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def inside(curator) -> Client:
    client = Client()
    client.force_login(curator)
    return client


def write(state: str, **facts) -> Mail:
    written = mail.write(
        to="asa@example.org",
        template="tests/letter.html",
        context={"name": "Åsa"},
        purpose="prov",
    )
    Mail.objects.filter(pk=written.pk).update(state=state, **facts)
    written.refresh_from_db()
    return written


def failed_task() -> DBTaskResult:
    later("tests.work.nothing", 1)
    traceback = "Traceback …\nValueError: Källan <b>svarar</b> inte\n"
    DBTaskResult.objects.update(status="FAILED", traceback=traceback, finished_at=timezone.now())
    return DBTaskResult.objects.get()


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_for_those_who_watch_over_them(client, inside, name):
    address = f"/admin/core/{name}/"
    assert inside.get(address).status_code == 200
    assert client.get(address).status_code == 302

    client.force_login(make_user("handlaggare@example.org"))
    assert client.get(address).status_code == 302

    registrar = make_user("registrator@example.org")
    give_role(user=registrar, role="registrator", by=None)
    client.force_login(User.objects.get(pk=registrar.pk))
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_changed_or_deleted_by_hand(inside, name):
    written = write("vantar")
    assert inside.get(f"/admin/core/{name}/add/").status_code == 403
    if name == "mail":
        page = inside.get(f"/admin/core/mail/{written.pk}/change/")
        assert page.status_code == 200
        assert inside.post(f"/admin/core/mail/{written.pk}/change/", {}).status_code == 403
        assert inside.post(f"/admin/core/mail/{written.pk}/delete/").status_code == 403


def test_the_index_counts_what_waits_and_what_needs_a_person(inside):
    for state in ("vantar", "vantar", "oviss"):
        write(state)
    failed_task()

    html = inside.get("/admin/core/").content.decode()

    assert '<a href="/admin/core/mail/?state__exact=vantar">2</a>' in html
    assert '<a href="/admin/core/mail/?state__exact=oviss">1</a>' in html
    assert '<a href="/admin/core/backgroundtask/?status__exact=FAILED">1</a>' in html
    assert html.count("<strong>Saknas</strong>") == 2


@pytest.mark.parametrize("address", ["mail/?state__exact=oviss", "backgroundtask/?status=FAILED"])
def test_the_links_of_the_index_lead_to_lists(inside, address):
    assert inside.get(f"/admin/core/{address}").status_code == 200


def test_a_failed_task_is_listed_with_the_last_line_and_tried_again(inside, curator):
    task = failed_task()

    html = inside.get("/admin/core/backgroundtask/").content.decode()
    assert "ValueError: Källan &lt;b&gt;svarar&lt;/b&gt; inte" in html
    assert inside.get(f"/admin/core/backgroundtask/{task.pk}/change/").status_code == 200

    chosen = {"action": "try_again", "_selected_action": [str(task.pk)]}
    page = inside.post("/admin/core/backgroundtask/", chosen, follow=True)

    assert "Försöks igen: 1." in page.content.decode()
    task.refresh_from_db()
    assert task.status == "READY"
    assert AuditEntry.objects.get(verb="försöks igen").by == curator


def test_uncertain_mail_is_sent_again_or_struck_by_hand_and_sent_mail_is_not(inside, curator):
    uncertain, other = write("oviss"), write("oviss")
    sent = write("skickad", sent_at=timezone.now())

    def choose(action: str, *mails: Mail) -> str:
        chosen = {"action": action, "_selected_action": [each.pk for each in mails]}
        return inside.post("/admin/core/mail/", chosen, follow=True).content.decode()

    html = choose("send_again", uncertain, sent)
    assert "Skickas igen: 1." in html
    assert "Gick inte i sitt nuvarande läge: 1." in html
    assert "Strukna: 1." in choose("strike", other)

    states = dict(Mail.objects.values_list("pk", "state"))
    assert states == {uncertain.pk: "vantar", other.pk: "struken", sent.pk: "skickad"}
    told = AuditEntry.objects.filter(app_model="core.mail").order_by("pk")
    told = told.values_list("verb", "object_label", "by")
    assert list(told) == [
        ("skickas igen", f"Mejl {uncertain.pk} (prov)", curator.pk),
        ("struken", f"Mejl {other.pk} (prov)", curator.pk),
    ]


def test_a_curator_reads_the_subject_as_text_and_nothing_of_what_the_mail_says(inside):
    written = write("oviss")
    Mail.objects.update(subject="<script>alert(1)</script>", text="Ordet Xyzzy", html="Xyzzy")
    html = inside.get(f"/admin/core/mail/{written.pk}/change/").content.decode()
    assert ("<script>alert" in html, "&lt;script&gt;alert(1)" in html) == (False, True)
    assert "Xyzzy" not in html
