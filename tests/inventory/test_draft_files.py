"""Files of a draft: attached, corrected, taken away, handed in, published, fetched and erased."""

import datetime
import re
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from core import register, stored
from core.models import AuditEntry
from core.uploads.checks import INSTEAD, SENTENCES, Verdict
from inventory import actions, exchange, personal_data
from inventory.attached import Attached
from inventory.models import Document, Draft, DraftFile, Submission
from inventory.search import KIND
from people import records, roles
from search import indexing
from search.models import Passage
from tests import files
from tests.core.test_tasks import work_off
from tests.factories import (
    begin_draft,
    make_curator,
    make_district,
    make_document,
    make_draft,
    make_draft_file,
    make_handed_in,
    make_project,
    make_unit,
    make_writer,
)
from tests.inventory.test_draft_rights import READERS, REVIEWERS, browser_of
from tests.reading import body, page, text_of

pytestmark = pytest.mark.django_db

TYPED = {"title": "Slutrapport", "kind": "rapport", "visibility": "alla", "opened": "a1"}


@pytest.fixture
def unit():
    return make_unit("Träffpunkten", make_district("Farsta"))


@pytest.fixture
def reporter(client, unit):
    user = make_writer(unit, email="skribent@example.org", name="Uppgiftslämnaren")
    client.force_login(user)
    return user


def at(draft: Draft, rest: str = "") -> str:
    return f"/inventering/lamna-in/{draft.pk}/filer/{rest}"


def attach(
    client: Client,
    draft: Draft,
    name: str = "Åsö 2025.pdf",
    content: bytes | None = None,
    **fields: Any,
) -> Any:
    sent = files.pdf() if content is None else content
    return client.post(at(draft), TYPED | {"file": SimpleUploadedFile(name, sent)} | fields)


def verbs(draft: Draft) -> list[str]:
    return list(AuditEntry.about(draft).order_by("pk").values_list("verb", flat=True))


# --- Attached -------------------------------------------------------------------------------------


def test_a_unit_attaches_a_file_and_its_colleagues_fetch_it(client, unit, reporter):
    draft = make_draft(unit, by=None)
    assert "Ingen ny fil är bifogad." in page(client, f"/inventering/lamna-in/{draft.pk}/")
    response = attach(client, draft)
    assert (response.status_code, response.url) == (302, at(draft))
    file = DraftFile.objects.get()
    folder, _, stored_name = file.file.name.split("/")
    assert (file.title, file.kind, file.visibility, file.name, file.size) == (
        *("Slutrapport", "rapport", "alla", "Åsö 2025.pdf", len(files.pdf())),
    )
    assert (folder, len(stored_name), file.added_by, file.handed_in_at) == (
        *("utkast", 36, reporter, None),
    )
    before = draft.version
    draft.refresh_from_db()
    assert (draft.version, draft.changed_by) == (before + 1, reporter)
    told = text_of(page(client, at(draft)))
    assert "Rapport · Åsö 2025.pdf · " in told
    assert "för alla som kan läsa om projektet" in told
    assert "En fil är bifogad." in page(client, f"/inventering/lamna-in/{draft.pk}/")
    colleague = Client()
    colleague.force_login(make_writer(unit, email="kollega@example.org"))
    fetched = colleague.get(at(draft, f"{file.pk}/"))
    assert body(fetched) == files.pdf()
    assert {
        name: fetched[name]
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "Content-Type")
    } == {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": "application/pdf",
    }
    assert "no-store" in fetched["Cache-Control"]
    assert (verbs(draft), AuditEntry.about(draft)[0].changes) == (["fil bifogad"], {})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("a.docx", files.docx()), ("a.png", files.picture("PNG")), ("a.csv", b"a;b")),
        ("a.pdf", files.pdf()),
    ],
)
def test_kinds_that_are_taken(client, unit, reporter, name, content):
    assert attach(client, make_draft(unit), name, content).status_code == 302


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"", "Filen är tom. Kontrollera att du valde rätt fil och försök igen."),
        ("bild.svg", b"<svg/>", INSTEAD[".svg"]),
        ("a.pdf", files.locked_pdf(b"hemlig"), SENTENCES[Verdict.LOCKED]),
        ("a.mp3", b"ID3", "Filer som slutar på .mp3 tas inte emot här."),
        (
            "19811218-9876.pdf",
            files.pdf(),
            "Filnamnet innehåller något som ser ut som ett personnummer.",
        ),
    ],
)
def test_a_refused_file_is_told_at_its_field_and_nothing_typed_is_lost(
    client, unit, reporter, name, content, sentence
):
    draft = make_draft(unit)
    response = attach(client, draft, name, content, title="Vår rapport", visibility="personal")
    markup = response.content.decode()
    assert response.status_code == 422
    (told,) = response.context["form"].errors["file"]
    assert told.startswith(sentence)
    assert response.context["form"].errors.keys() == {"file"}
    assert 'value="Vår rapport"' in markup
    assert re.search(r'value="rapport"[^>]* selected', markup)
    assert re.search(r'value="personal"[^>]* checked', markup)
    assert DraftFile.objects.count() == 0


def test_what_is_typed_wrong_is_told_at_its_field(client, unit, reporter):
    draft = make_draft(unit)
    wrong = {"title": "x" * 201, "kind": "hemligt", "visibility": "ingen"}
    response = client.post(at(draft), wrong)
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "file": ["Välj en fil."],
        "title": ["Rubriken är för lång: 201 tecken. Korta den till högst 200."],
        "kind": ["Välj vad det är för fil i listan."],
        "visibility": ["Välj vem som ska kunna läsa filen."],
    }
    assert f'value="{"x" * 201}"' in response.content.decode()
    numbered = attach(client, draft, title="Om 19811218-9876")
    assert "personnummer" in numbered.context["form"].errors["title"][0]


def test_a_double_click_attaches_once_and_the_next_form_attaches_again(client, unit, reporter):
    draft = make_draft(unit)
    for _ in range(2):
        assert attach(client, draft).status_code == 302
    assert DraftFile.objects.count() == 1
    assert attach(client, draft, opened="a2").status_code == 302
    assert DraftFile.objects.count() == 2


def test_as_many_as_there_is_room_for(client, unit, reporter, monkeypatch):
    monkeypatch.setattr(DraftFile, "MOST", 1)
    draft = make_draft(unit)
    make_draft_file(draft)
    response = attach(client, draft)
    assert response.status_code == 422
    assert "Högst 1 filer får plats." in response.content.decode()


def test_what_cannot_be_written_in_keeps_what_was_typed_on_the_page(client, unit, reporter):
    draft = make_draft(unit, state="inlamnat")
    file = make_draft_file(draft)
    for response in (
        attach(client, draft, title="Vår rapport"),
        client.post(at(draft, f"{file.pk}/andra/"), TYPED | {"title": "Vår rapport"}),
    ):
        assert response.status_code == 409
        assert "Det är inte sparat" in response.content.decode()
        assert 'value="Vår rapport"' in response.content.decode()
    assert client.post(at(draft, f"{file.pk}/ta-bort/")).url == f"/inventering/lamna-in/{draft.pk}/"
    assert list(DraftFile.objects.attached().values_list("title", flat=True)) == ["Slutrapport"]


def test_moved_in_the_same_moment(client, unit, reporter):
    """It was handed in after it was read: nothing is attached, changed or taken away."""
    draft = make_draft(unit)
    file = make_draft_file(draft)
    Draft.objects.update(state="inlamnat", submitted_at=timezone.now())
    facts = {"title": "Ny", "kind": "bild", "visibility": "alla"}
    for action in (
        lambda: make_draft_file(draft),
        lambda: actions.change_file(file=file, facts=facts, by=reporter),
        lambda: actions.remove_file(file=file, by=reporter),
    ):
        with pytest.raises(actions.NotAllowedMove):
            action()
    assert DraftFile.objects.get().title == "Slutrapport"


def test_who_handed_in_before_the_file_was_attached_must_read_again(client, unit, reporter):
    draft = make_draft(unit)
    make_draft_file(draft)
    with pytest.raises(actions.OldVersion):
        actions.submit(draft=draft, version=1, by=reporter, approves=True)


# --- Corrected and taken away ---------------------------------------------------------------------


def test_what_is_told_of_a_file_is_corrected(client, unit, reporter):
    draft = make_draft(unit)
    file = make_draft_file(draft)
    assert 'value="Slutrapport"' in page(client, at(draft, f"{file.pk}/andra/"))
    told = {"title": "Delrapport", "kind": "material", "visibility": "personal"}
    for _ in range(2):
        assert client.post(at(draft, f"{file.pk}/andra/"), told).status_code == 302
    file.refresh_from_db()
    assert (file.title, file.kind, file.visibility) == ("Delrapport", "material", "personal")
    assert verbs(draft) == ["fil bifogad", "bifogad fil ändrad"]
    wrong = client.post(at(draft, f"{file.pk}/andra/"), told | {"title": ""})
    assert wrong.status_code == 422
    assert "Skriv en rubrik, till exempel Slutrapport 2025." in wrong.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_was_never_handed_in_is_erased_when_it_is_taken_away():
    unit = make_unit("Träffpunkten", make_district("Farsta"))
    client, _ = browser_of(roles.Reporter, unit)
    draft = make_draft(unit)
    file = make_draft_file(draft)
    assert "Filen raderas." in page(client, at(draft, f"{file.pk}/ta-bort/"))
    assert client.post(at(draft, f"{file.pk}/ta-bort/")).status_code == 302
    assert DraftFile.objects.count() == 0
    assert not storages["default"].exists(file.file.name)
    assert client.post(at(draft, f"{file.pk}/ta-bort/")).status_code == 404
    assert client.get(at(draft, f"{file.pk}/")).status_code == 404
    assert verbs(draft) == ["fil bifogad", "bifogad fil borttagen"]


def test_what_was_handed_in_is_kept_when_it_is_taken_away(client, unit, reporter):
    draft = make_handed_in(unit=unit, by=reporter)
    draft.refresh_from_db()
    file = make_draft_file(draft)
    actions.give_back(draft=draft, reason="Rätta.", by=make_curator())
    assert "sparas därför som allmän handling" in page(client, at(draft, f"{file.pk}/ta-bort/"))
    assert client.post(at(draft, f"{file.pk}/ta-bort/")).status_code == 302
    file.refresh_from_db()
    assert file.removed_at is not None
    assert storages["default"].exists(file.file.name)
    registrar, _ = browser_of(roles.Registrar, unit)
    found = [each.get(at(draft, f"{file.pk}/")) for each in (client, registrar)]
    assert [body(each) and each.status_code for each in found] == [404, 200]


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_thrown_away_takes_its_files_with_it():
    unit = make_unit("Träffpunkten", make_district("Farsta"))
    client, _ = browser_of(roles.Reporter, unit)
    draft = make_draft(unit)
    file = make_draft_file(draft)
    assert client.post(f"/inventering/lamna-in/{draft.pk}/kasta/").status_code == 302
    assert (Draft.objects.count(), DraftFile.objects.count()) == (0, 0)
    assert not storages["default"].exists(file.file.name)


# --- Killed in the middle -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_killed_before_the_end_leaves_no_row_and_the_bytes_are_swept(monkeypatch):
    unit = make_unit("Träffpunkten", make_district("Farsta"))
    draft = make_draft(unit)
    kept = make_draft_file(draft)

    def killed(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("inventory.actions.draft_files.AuditEntry.record", killed)
    with pytest.raises(KeyboardInterrupt):
        make_draft_file(draft, content=b"Halv.")
    monkeypatch.undo()
    assert list(DraftFile.objects.all()) == [kept]
    folder = kept.file.name.rpartition("/")[0]
    stored_names = {f"{folder}/{name}" for name in storages["default"].listdir(folder)[1]}
    left = stored_names - stored.named(folder)
    assert len(left) >= 1
    monkeypatch.setattr(stored, "KEEP", datetime.timedelta(0))
    assert stored.sweep() >= 1
    stored_names = {f"{folder}/{name}" for name in storages["default"].listdir(folder)[1]}
    assert stored_names == {kept.file.name}


# --- Handed in and published ----------------------------------------------------------------------

WORD = "tranbärssylt"
REPORT = files.pdf_of("Slutrapport", f"Deltagarna kokade {WORD}.")


def publish(draft: Draft, curator) -> Any:
    browser = Client()
    browser.force_login(curator)
    draft.refresh_from_db()
    seen = browser.get(f"/redaktion/granska/{draft.pk}/").context["publish_form"]["seen"].value()
    answer = browser.post(
        f"/redaktion/granska/{draft.pk}/publicera/", {"version": draft.version, "seen": seen}
    )
    assert answer.status_code == 302
    draft.refresh_from_db()
    return draft.project


def test_curators_read_what_was_handed_in_and_it_becomes_the_projects(unit, reporter):
    draft = begin_draft(unit=unit, by=reporter)
    draft.refresh_from_db()
    report = make_draft_file(draft, content=REPORT, name="rapport.pdf")
    secret = make_draft_file(draft, "Internt", REPORT, "internt.pdf")
    DraftFile.objects.filter(pk=secret.pk).update(visibility="personal")
    curator = make_curator()
    desk = Client()
    desk.force_login(curator)
    assert desk.get(at(draft, f"{report.pk}/")).status_code == 404
    actions.submit(draft=draft, version=draft.version, by=reporter, approves=True)
    (kept,) = Submission.objects.values_list("files", flat=True)
    assert kept == [
        {"pk": report.pk, "title": "Slutrapport", "kind": "rapport", "visibility": "alla"},
        {"pk": secret.pk, "title": "Internt", "kind": "rapport", "visibility": "personal"},
    ]
    review = text_of(page(desk, f"/redaktion/granska/{draft.pk}/"))
    assert "Slutrapport" in review
    assert "Internt" in review
    assert body(desk.get(at(draft, f"{report.pk}/"))) == REPORT
    project = publish(draft, curator)
    work_off()
    indexing.index()
    first, second = Document.objects.filter(project=project)
    assert (first.title, first.kind, first.visibility, first.name, first.file.name) == (
        *("Slutrapport", "rapport", "alla", "rapport.pdf", report.file.name),
    )
    anonymous = Client()
    assert body(anonymous.get(first.get_absolute_url())) == REPORT
    assert anonymous.get(second.get_absolute_url()).status_code == 404
    assert body(desk.get(second.get_absolute_url())) == REPORT
    shown = page(anonymous, project.get_absolute_url())
    assert ("Slutrapport</a>" in shown, "Internt" in shown) == (True, False)
    assert "Internt</a>" in page(desk, project.get_absolute_url())
    read = Passage.objects.exclude(file="").values_list("file", flat=True).distinct()
    assert list(read) == [first.search_file]
    own = Passage.objects.get(entry__kind=KIND, entry__object_id=project.public_id, file="")
    assert ("Slutrapport" in own.text, "Internt" in own.text) == (True, False)


def test_a_revision_takes_away_adds_and_keeps(client, unit, reporter):
    project = make_project(lead=unit)
    old, stays = make_document(project, "Gammal"), make_document(project, "Stannar")
    draft = begin_draft(project=project, by=reporter)
    draft.refresh_from_db()
    make_draft_file(draft, "Ny")
    there = at(draft, f"publicerad/{old.pk}/")
    told = page(client, at(draft))
    assert [name in told for name in ("Gammal", "Stannar", "Ny")] == [True] * 3
    for what in ("bort", "bort", "behall", "bort"):
        assert client.post(there, {"vad": what}).url == at(draft)
    assert verbs(draft)[1:] == [
        *("fil bifogad", "fil tas bort", "fil behålls", "fil tas bort"),
    ]
    assert "Tas bort när ändringen publiceras." in page(client, at(draft))
    assert "En publicerad fil tas bort." in page(client, f"/inventering/lamna-in/{draft.pk}/")
    draft.refresh_from_db()
    actions.submit(draft=draft, version=draft.version, by=reporter, approves=True)
    assert client.post(there, {"vad": "behall"}).url == f"/inventering/lamna-in/{draft.pk}/"
    assert [each.title for each in Attached.handed_in(draft).dropped] == ["Gammal"]
    publish(draft, make_curator())
    assert sorted(project.documents.values_list("title", flat=True)) == ["Ny", "Stannar"]
    assert stays.file.storage.exists(stays.file.name)
    changes = AuditEntry.about(project).filter(verb="ändrad")[0].changes
    assert changes == {"filer: Gammal": ["", "borttagen"], "filer: Ny": ["", "tillagd"]}


def test_a_file_of_another_project_cannot_be_taken_away(client, unit, reporter):
    draft = begin_draft(project=make_project(lead=unit), by=reporter)
    other = make_document(make_project(title="Annat", lead=unit))
    assert client.post(at(draft, f"publicerad/{other.pk}/")).status_code == 404
    new = make_draft(unit)
    assert client.post(at(new, f"publicerad/{other.pk}/")).status_code == 404


def test_what_a_unit_does_after_a_return_curators_see_when_it_is_handed_in_again(unit, reporter):
    draft = begin_draft(unit=unit, by=reporter)
    draft.refresh_from_db()
    first = make_draft_file(draft, "Första")
    actions.submit(draft=draft, version=draft.version, by=reporter, approves=True)
    curator = make_curator()
    actions.give_back(draft=draft, reason="Rätta.", by=curator)
    second = make_draft_file(draft, "Andra")
    actions.remove_file(file=DraftFile.objects.get(pk=first.pk), by=reporter)
    draft.refresh_from_db()
    desk = Client()
    desk.force_login(curator)
    review = f"/redaktion/granska/{draft.pk}/"
    shown = page(desk, review)
    assert (f"{first.title}</a>" in shown, f"{second.title}</a>" in shown) == (True, False)
    assert desk.get(at(draft, f"{second.pk}/")).status_code == 404
    actions.submit(draft=draft, version=draft.version, by=reporter, approves=True)
    shown = page(desk, review)
    assert (f"{first.title}</a>" in shown, f"{second.title}</a>" in shown) == (False, True)
    assert "Ändrat sedan den förra: Filer" in shown


def test_a_curator_corrects_what_lies_on_the_desk(unit, reporter):
    draft = make_handed_in(unit=unit, by=reporter)
    draft.refresh_from_db()
    curator = make_curator()
    desk = Client()
    desk.force_login(curator)
    assert attach(desk, draft, title="Från redaktionen").status_code == 302
    assert DraftFile.objects.get().handed_in_at is not None
    assert [each.title for each in publish(draft, curator).documents.all()] == ["Från redaktionen"]


# --- Kept and erased ------------------------------------------------------------------------------


def test_the_registrar_hands_out_what_was_received(unit, reporter, settings):
    settings.PORTAL_URL = "https://ksi.example.org"
    draft = begin_draft(unit=unit, by=reporter)
    draft.refresh_from_db()
    file = make_draft_file(draft)
    actions.submit(draft=draft, version=draft.version, by=reporter, approves=True)
    (row,) = records.all_series["inlamningar"].rows(None, None)
    told = dict(zip(exchange.SUBMISSION_COLUMNS, row, strict=True))
    address = f"https://ksi.example.org{at(draft, f'{file.pk}/')}"
    assert told["filer"] == [f"Slutrapport (Rapport, alla): {address}"]
    registrar, _ = browser_of(roles.Registrar, unit)
    assert body(registrar.get(at(draft, f"{file.pk}/"))) == b"Text."


@pytest.mark.django_db(transaction=True)
def test_files_of_what_was_declined_are_erased_in_their_time_and_published_ones_stay():
    period = personal_data.DRAFT_FILES.period
    now = timezone.now()
    declined, published, still_open = (make_handed_in(title=name) for name in "abc")
    for draft in (declined, published, still_open):
        draft.refresh_from_db()
        make_draft_file(draft, content=b"Text.")
    curator = make_curator()
    actions.decline(draft=declined, reason="Nej.", by=curator)
    project = publish(published, curator)
    names = [draft.files.get().file.name for draft in (declined, published, still_open)]
    DraftFile.objects.update(handed_in_at=now - datetime.timedelta(days=731))
    before = now - datetime.timedelta(days=period.days)
    assert period.due(before) == 2
    assert register.erase_due()["utkasts-filer"] == 2
    assert [storages["default"].exists(name) for name in names] == [False, True, True]
    assert DraftFile.objects.get().draft == still_open
    assert body(Client().get(project.documents.get().get_absolute_url())) == b"Text."


# --- Who may --------------------------------------------------------------------------------------

ASKED = {
    "list": ("get", ""),
    "fetch": ("get", "{file}/"),
    "change": ("get", "{file}/andra/"),
    "remove": ("get", "{file}/ta-bort/"),
    "add": ("post", ""),
    "correct": ("post", "{file}/andra/"),
    "take away": ("post", "{file}/ta-bort/"),
}


def asked(client: Client, draft: Draft, file: DraftFile) -> dict[str, int]:
    found = {}
    for name, (method, rest) in ASKED.items():
        answer = getattr(client, method)(at(draft, rest.format(file=file.pk)), {})
        body(answer)
        found[name] = answer.status_code
    return found


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_what_is_being_written_only_its_unit_reaches(role, unit):
    draft = make_draft(unit)
    file = make_draft_file(draft)
    client, user = browser_of(role, unit)
    found = asked(client, draft, file)
    if user is None:
        assert set(found.values()) == {302}
    elif role in READERS:
        assert found == {
            **{"list": 200, "fetch": 200, "change": 200, "remove": 200},
            **{"add": 422, "correct": 422, "take away": 302},
        }
    else:
        assert set(found.values()) == {404}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_what_was_handed_in_curators_reach_and_registrars_fetch(role, unit):
    draft = make_draft(unit, state="inlamnat")
    file = make_draft_file(draft)
    client, user = browser_of(role, unit)
    found = asked(client, draft, file)
    if user is None:
        assert set(found.values()) == {302}
    elif role in READERS:
        assert found == {
            **{"list": 302, "fetch": 200, "change": 302, "remove": 302},
            **{"add": 409, "correct": 422, "take away": 302},
        }
    elif role in REVIEWERS:
        assert found == {
            **{"list": 200, "fetch": 200, "change": 200, "remove": 200},
            **{"add": 422, "correct": 422, "take away": 302},
        }
    elif role is roles.Registrar:
        assert found == dict.fromkeys(ASKED, 404) | {"fetch": 200}
    else:
        assert set(found.values()) == {404}


@pytest.mark.parametrize("state", ["utkast", "inlamnat", "atersant", "avbojt"])
@pytest.mark.parametrize("role", sorted(READERS, key=lambda role: role.key))
def test_another_unit_reaches_nothing(role, state, unit):
    draft = make_draft(unit, state=state)
    file = make_draft_file(draft)
    client, _ = browser_of(role, make_unit("Köket", make_district("Bromma")))
    assert set(asked(client, draft, file).values()) == {404}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_who_may_take_away_a_published_file(role, unit):
    draft = begin_draft(project=make_project(lead=unit))
    document = make_document(draft.project)
    client, user = browser_of(role, unit)
    status = client.post(at(draft, f"publicerad/{document.pk}/")).status_code
    assert status == (302 if role in READERS or user is None else 404)
    assert draft.dropped.count() == int(role in READERS)


def test_a_file_of_another_draft_is_a_404(client, unit, reporter):
    file = make_draft_file(make_draft(unit))
    other = make_draft(unit)
    assert set(asked(client, other, file).values()) == {200, 404, 422}
    assert client.get(at(other, f"{file.pk}/")).status_code == 404


def test_other_methods_are_told_what_is_possible(client, unit, reporter):
    draft = make_draft(unit)
    file = make_draft_file(draft)
    answers = [
        client.put(at(draft, rest)) for rest in ("", f"{file.pk}/", f"publicerad/{file.pk}/")
    ]
    assert [each["Allow"] for each in answers] == ["GET, HEAD, POST", "GET, HEAD", "POST"]
