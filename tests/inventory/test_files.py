"""Files of projects: sent in at the desk, fetched by those who may see the project."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from core.uploads import child
from core.uploads.checks import INSTEAD, SENTENCES, Verdict
from inventory.models import Document, Project
from people import roles
from people.actions import update_access
from people.models import User, audiences_of
from tests import files
from tests.factories import make_curator, make_district, make_document, make_project
from tests.inventory.test_admin import ADD, typed
from tests.people.test_roles import somebody
from tests.reading import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_curator())
    return client


def log_in(client: Client, role: type[roles.Role]) -> User | AnonymousUser:
    """Log in somebody with that role alone, as the portal gives it."""
    user = somebody(role, make_district("Farsta"))
    if user is None:
        return AnonymousUser()
    update_access(user=user)
    client.force_login(user)
    return user


def with_file(name: str, content: bytes, **fields: Any) -> dict[str, Any]:
    """A complete form with one file below it."""
    return typed(
        **{
            "documents-TOTAL_FORMS": 1,
            "documents-0-title": "Slutrapport",
            "documents-0-visibility": "alla",
            "documents-0-file": SimpleUploadedFile(name, content),
            **fields,
        }
    )


# --- At the desk ----------------------------------------------------------------------------------


def test_a_curator_adds_a_file_and_everybody_can_fetch_it(desk):
    assert desk.post(ADD, with_file("Åsö 2015.pdf", files.pdf())).status_code == 302

    document = Document.objects.get()
    folder, year, stored = document.file.name.split("/")
    assert (document.name, folder, year.isdecimal()) == ("Åsö 2015.pdf", "projekt", True)
    assert (len(stored), stored[-4:]) == (36, ".pdf")
    response = Client().get(reverse("inventory:document", args=[1, document.pk]))
    assert body(response) == files.pdf()
    assert response["Content-Disposition"] == "inline; filename*=utf-8''%C3%85s%C3%B6%202015.pdf"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rapport.pdf", b"", "Filen är tom. Kontrollera att du valde rätt fil och försök igen."),
        ("bild.svg", b"<svg onload='a()'/>", INSTEAD[".svg"]),
        ("rapport.pdf", files.locked_pdf(b"hemlig"), SENTENCES[Verdict.LOCKED]),
    ],
)
def test_a_refused_file_is_told_at_its_field_and_nothing_typed_is_lost(
    desk, name, content, sentence
):
    response = desk.post(ADD, with_file(name, content, title="Nytt stöd"))

    (formset,) = (
        found.formset
        for found in response.context["inline_admin_formsets"]
        if found.formset.prefix == "documents"
    )
    assert formset.errors == [{"file": [sentence]}]
    markup = response.content.decode()
    assert 'value="Nytt stöd"' in markup
    assert 'value="Slutrapport"' in markup
    assert (Project.objects.count(), Document.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", ["..\\..\\etc\\rapport.pdf", "rap\0port.pdf", "rap\u202eport.pdf"])
def test_a_path_or_what_is_invisible_in_a_sent_name_reaches_nowhere(desk, name):
    """Django takes it away before we see it; the rest is a name like any other."""
    assert desk.post(ADD, with_file(name, files.pdf())).status_code == 302
    document = Document.objects.get()
    assert (document.name, document.file.name.split("/")[0]) == ("rapport.pdf", "projekt")


def test_a_name_that_reads_backwards_is_judged_by_what_it_is(desk):
    response = desk.post(ADD, with_file("rapport\u202efdp.exe", b"MZ"))
    assert "Filer som slutar på .exe tas inte emot här." in response.content.decode()
    assert Document.objects.count() == 0


def test_another_title_leaves_the_file_and_its_name(desk):
    desk.post(ADD, with_file("rapport.pdf", files.pdf()))
    before = Document.objects.get()
    rows = {
        "documents-TOTAL_FORMS": 1,
        "documents-INITIAL_FORMS": 1,
        "documents-0-id": before.pk,
        "documents-0-project": before.project_id,
        "documents-0-title": "Ny rubrik",
        "documents-0-visibility": "alla",
    }
    address = reverse("admin:inventory_project_change", args=[before.project_id])
    assert desk.post(address, typed(**rows)).status_code == 302
    after = Document.objects.get()
    assert (after.title, after.name, after.file.name) == (
        "Ny rubrik",
        "rapport.pdf",
        before.file.name,
    )


@pytest.mark.django_db(transaction=True)
def test_a_file_is_opened_before_the_transaction(desk, monkeypatch):
    """On SQLite nobody else could write meanwhile."""
    inside = []

    def open_file(file: Any, key: str) -> Verdict:
        inside.append(connection.in_atomic_block)
        return Verdict.FINE

    monkeypatch.setattr(child, "open_file", open_file)
    assert desk.post(ADD, with_file("rapport.pdf", files.pdf())).status_code == 302
    assert inside == [False]


def test_the_desk_links_to_the_portal_and_never_to_the_storage(desk):
    document = make_document(make_project())
    address = reverse("admin:inventory_project_change", args=[document.project.pk])
    markup = desk.get(address).content.decode()
    assert f'<a href="/inventering/1/filer/{document.pk}/">' in markup
    assert "/filer/projekt/" not in markup


def test_a_file_is_told_in_the_history_without_its_name(desk):
    project = make_project()
    address = reverse("admin:inventory_project_change", args=[project.pk])
    assert desk.post(address, with_file("Anna Ek.pdf", files.pdf())).status_code == 302
    changes = AuditEntry.about(project)[0].changes
    assert changes["filer: Slutrapport"] == ["", "tillagd"]
    assert "Anna" not in str(changes)


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_only_those_who_edit_content_add_files(client, role):
    project = make_project()
    log_in(client, role)
    address = reverse("admin:inventory_project_change", args=[project.pk])
    status = client.post(address, with_file("rapport.pdf", files.pdf())).status_code
    may = role in roles.EDIT_CONTENT.roles
    assert Document.objects.count() == int(may)
    assert status in ({302} if may else {302, 403})


def test_a_file_whose_name_would_be_written_too_early_is_a_fault_of_ours(monkeypatch):
    field = Document._meta.get_field("file")
    assert field.check() == []
    monkeypatch.setattr(field, "name_field", "title")
    assert [problem.id for problem in field.check()] == ["core.E001"]


# --- Fetched --------------------------------------------------------------------------------------

HANDED_OUT = {
    "rapport.pdf": ("inline", "application/pdf"),
    "siffror.xlsx": (
        "attachment",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "siffror.csv": ("attachment", "text/csv"),
    "text.txt": ("attachment", "text/plain"),
    "bild.jpg": ("inline", "image/jpeg"),
    "ljud.m4a": ("attachment", "audio/mp4"),
    "sida.html": ("attachment", "application/octet-stream"),
    "bild.svg": ("attachment", "application/octet-stream"),
}


@pytest.mark.parametrize("name", HANDED_OUT)
def test_a_file_is_handed_out_as_its_kind_and_can_do_nothing(client, name):
    document = Document(project=make_project(), title="Fil")
    document.file.save(name, ContentFile(b"<script>alert(1)</script>"))
    get, head = (getattr(client, method)(document.get_absolute_url()) for method in ("get", "head"))
    assert (body(get), body(head)) == (b"<script>alert(1)</script>", b"")
    for response in (get, head):
        assert {
            header: response[header]
            for header in (
                *("Content-Disposition", "Content-Type", "X-Content-Type-Options"),
                *("Content-Security-Policy", "Cache-Control", "Content-Length"),
            )
        } == {
            "Content-Disposition": f'{HANDED_OUT[name][0]}; filename="{name}"',
            "Content-Type": HANDED_OUT[name][1],
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "Cache-Control": "no-store",
            "Content-Length": "25",
        }


def test_the_type_is_the_stored_files_and_not_that_of_the_shown_name(client):
    document = make_document(make_project())
    Document.objects.update(name="sida.html")
    response = client.get(document.get_absolute_url())
    body(response)
    assert (response["Content-Type"], response["Content-Disposition"]) == (
        "text/plain",
        'attachment; filename="sida.html"',
    )


def test_a_file_from_before_names_were_kept_has_its_stored_one(client):
    document = make_document(make_project())
    Document.objects.update(name="")
    response = client.get(document.get_absolute_url())
    body(response)
    stored = document.file.name.rpartition("/")[2]
    assert response["Content-Disposition"] == f'attachment; filename="{stored}"'


def test_any_storage_will_do(client, monkeypatch):
    """Nothing but the storage's own interface is used: no path on a disk."""
    storage = InMemoryStorage()
    monkeypatch.setattr(Document._meta.get_field("file"), "storage", storage)
    document = make_document(make_project())
    assert not storages["default"].exists(document.file.name)
    assert body(client.get(document.get_absolute_url())) == b"Text."
    assert client.head(document.get_absolute_url())["Content-Length"] == "5"
    storage.delete(document.file.name)
    statuses = [
        getattr(client, method)(document.get_absolute_url()).status_code
        for method in ("get", "head")
    ]
    assert statuses == [404, 404]


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
@pytest.mark.parametrize("visibility", ["alla", "personal"])
def test_a_file_is_for_those_who_may_see_its_project(client, role, visibility):
    document = make_document(make_project(visibility=visibility))
    user = log_in(client, role)
    expected = 200 if visibility in audiences_of(user) else 404
    statuses = []
    for method in ("get", "head"):
        response = getattr(client, method)(document.get_absolute_url())
        body(response)
        statuses.append(response.status_code)
    assert statuses == [expected, expected]
    assert client.get(document.project.get_absolute_url()).status_code == expected
