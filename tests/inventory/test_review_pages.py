"""The curators' desk as they use it: who may, what it shows, what is sent and what comes of it."""

import datetime
import re

import pytest
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry, Edition, Mail
from inventory import actions
from inventory.actions.reviews import PUBLISHED
from inventory.models import Comment, Draft, Project
from people import roles
from people.actions import update_access
from people.models import Membership, User
from search import indexing
from tests.factories import (
    begin_draft,
    make_curator,
    make_district,
    make_draft,
    make_handed_in,
    make_project,
    make_unit,
    make_user,
)
from tests.people.test_attacks import at_once
from tests.people.test_roles import somebody
from tests.reading import page, text_of

from .test_reviews import add_point, published

pytestmark = pytest.mark.django_db

DESK = "/redaktion/"


@pytest.fixture
def curator() -> User:
    return make_curator(name="Redaktör Ett")


@pytest.fixture
def hers(curator) -> Client:
    return signed_in(curator)


def signed_in(user: User) -> Client:
    hers = Client()
    hers.force_login(user)
    return hers


def at(draft: Draft, way: str = "") -> str:
    return f"/redaktion/granska/{draft.pk}/{way}"


def state(draft: Draft) -> str:
    return Draft.objects.get(pk=draft.pk).state


def publishing(draft: Draft, hers: Client) -> dict[str, str]:
    """What the page's form for publishing sends."""
    form = page(hers, at(draft)).split("/publicera/")[1].split("</form>")[0]
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', form)[1].replace("&quot;", '"')
        for name in ("version", "seen")
    }


# --- Who may ------------------------------------------------------------------------------------

BUTTONS = {
    "ta/": {"hade": ""},
    "slapp/": {},
    "kommentar/": {"question": "need", "text": "Hur många?", "opened": "a"},
    "publicera/": {},
    "atersand/": {"reason": "Skriv mer."},
    "avboj/": {"reason": "Finns redan."},
}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_who_reads_and_who_decides(role):
    farsta = make_district("Farsta")
    user = somebody(role, farsta)
    hers = Client()
    if user:
        update_access(user=user)
        hers.force_login(User.objects.get(pk=user.pk))
    may = role in roles.REVIEW.roles
    assert may is (role in (roles.Curator, roles.Administrator))
    read = 200 if may else 302 if role is roles.Visitor else 404
    done = 302 if may or role is roles.Visitor else 404
    draft = make_handed_in(unit=farsta)
    assert [hers.get(address).status_code for address in (DESK, at(draft))] == [read, read]
    for way, data in BUTTONS.items():
        draft = make_handed_in(unit=farsta)
        before = (AuditEntry.objects.count(), Mail.objects.count())
        sent = {"version": draft.version, "seen": "{}"} if way == "publicera/" else data
        assert hers.post(at(draft, way), sent).status_code == done, way
        assert hers.get(at(draft, way)).status_code == 405
        if not may:
            assert before == (AuditEntry.objects.count(), Mail.objects.count())
            assert state(draft) == "inlamnat"
    assert Project.objects.count() == int(may)


def test_what_was_never_handed_in_is_its_unit_s_alone(hers):
    draft = begin_draft()
    assert hers.get(at(draft)).status_code == 404
    for way, data in BUTTONS.items():
        assert hers.post(at(draft, way), data).status_code == 404
    assert hers.get("/redaktion/granska/4711/").status_code == 404
    assert draft.title not in page(hers, DESK)


def test_what_a_unit_writes_after_a_return_is_not_read_before_it_is_handed_in_again(hers, curator):
    draft = make_handed_in(need="Första behovet.")
    actions.give_back(draft=draft, reason="Mer.", by=curator)
    payload = draft.payload | {"need": ["Halvskrivet."]}
    actions.save(draft=draft, payload=payload, version=draft.version, by=draft.created_by)
    markup = page(hers, at(draft))
    assert "Första behovet." in markup
    assert "Halvskrivet." not in markup
    assert 'method="post"' not in markup.split("<main")[1]
    actions.submit(draft=draft, version=draft.version, by=draft.created_by, approves=True)
    text = text_of(page(hers, at(draft)))
    assert "Halvskrivet." in text
    assert "Ändrat sedan den förra: Vilket behov möter det?" in text


def test_mina_sidor_leads_a_curator_to_the_desk_and_nobody_else(hers):
    way = '<a href="/redaktion/">Att granska</a>'
    assert way in page(hers, "/mina-sidor/")
    assert way not in page(signed_in(make_user()), "/mina-sidor/")


# --- The desk -----------------------------------------------------------------------------------


def test_the_queue_tells_what_waits_since_when_and_who_has_it(hers, curator):
    farsta = make_district("Farsta")
    unit = make_unit("Träffpunkten", farsta)
    now = timezone.now()
    for days, title in ((0, "Nyast"), (9, "Äldst"), (1, "Emellan")):
        draft = make_handed_in(unit=unit, title=title)
        when = now - datetime.timedelta(days=days)
        Draft.objects.filter(pk=draft.pk).update(submitted_at=when)
    oldest = Draft.objects.waiting().first()
    actions.claim(draft=oldest, by=make_curator("annan@example.org", name="Redaktör Två"))
    actions.comment(draft=oldest, question="", text="Hur?", by=curator, key="k")
    text = text_of(page(hers, DESK).split('id="ko"')[1])
    found = re.findall(r"(Nyast|Äldst|Emellan) (.*?)(?=Nyast|Äldst|Emellan|Mer på)", text)
    assert [title for title, _ in found] == ["Äldst", "Emellan", "Nyast"]
    assert [re.sub(r"\d+ \w+ \d{4}", "DAG", told).strip() for _, told in found] == [
        "Nytt · Träffpunkten, Farsta Inlämnat DAG (9 dagar) Granskas av Redaktör Två"
        " Kommentarer 1, varav 1 utan svar",
        "Nytt · Träffpunkten, Farsta Inlämnat DAG (1 dag) Granskas av ingen än",
        "Nytt · Träffpunkten, Farsta Inlämnat DAG (i dag) Granskas av ingen än",
    ]


def test_the_desk_shows_ones_own_what_was_returned_and_what_was_published(hers, curator):
    mine, returned, done, revision = (
        make_handed_in(title="Min"),
        make_handed_in(title="Tillbaka"),
        make_handed_in(title="Klar"),
        make_handed_in(project=published(), title="Ändrad"),
    )
    actions.claim(draft=mine, by=curator)
    actions.give_back(draft=returned, reason="Mer.", by=curator)
    hers.post(at(done, "publicera/"), publishing(done, hers))
    parts = {
        key: text_of(page(hers, DESK).split(f'id="{key}"')[1].split("</section>")[0])
        for key in ("dina", "ko", "atersant", "publicerat", "annat")
    }
    assert "Min" in parts["dina"]
    assert "Ändring av något publicerat" in parts["ko"]
    assert revision.title in parts["ko"]
    assert "Tillbaka" in parts["atersant"]
    assert "(i dag)" in parts["atersant"]
    assert "Klar" in parts["publicerat"]
    assert "Historik" in parts["annat"]
    assert "Att granska" not in parts["annat"]


def test_an_empty_desk_says_what_will_be_there(hers):
    text = text_of(page(hers, DESK))
    assert "Inget väntar När en enhet lämnar in något står det här, och du får ett mejl." in text


def test_the_queue_has_pages(hers):
    unit = make_district("Farsta")
    for number in range(26):
        make_handed_in(unit=unit, title=f"Nummer {number:02}")
    assert "Nummer 25" not in page(hers, DESK)
    second = page(hers, f"{DESK}?sida=2")
    assert ("Nummer 25" in second, "Nummer 24" in second) == (True, False)
    assert hers.get(f"{DESK}?sida=3").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("projects", [1, 30])
def test_the_queue_asks_as_much_however_much_waits_and_is_published(
    hers, curator, count, projects, django_assert_num_queries
):
    for number in range(projects):
        make_project(title=f"Projekt {number}")
    for number in range(count):
        unit = make_unit(f"Enhet {number}", make_district("Farsta"))
        actions.claim(draft=make_handed_in(unit=unit), by=curator)
        back = make_handed_in(unit=unit)
        actions.give_back(draft=back, reason="Mer.", by=curator)
        done = make_handed_in(unit=unit)
        hers.post(at(done, "publicera/"), publishing(done, hers))
    hers.get(DESK)
    # Edition, session, roles; how many wait, these, one's own, what was returned and when, what
    # was published and when, comments, districts.
    with django_assert_num_queries(12):
        hers.get(DESK)


def test_the_queue_reads_as_many_rows_however_much_is_published(hers, monkeypatch):
    """Not only as many queries: none of them brings back more."""
    fetched = []
    for name in ("fetchone", "fetchmany", "fetchall"):

        def fetch(cursor, *args, of=name):
            found = getattr(cursor.cursor, of)(*args)
            fetched.append(len(found) if isinstance(found, list) else found is not None)
            return found

        monkeypatch.setattr(CursorWrapper, name, fetch, raising=False)
    make_handed_in(unit=make_unit("Träffpunkten", make_district("Farsta")))
    read = []
    for projects in (1, 30):
        for number in range(projects):
            make_project(title=f"Projekt {projects}/{number}")
        hers.get(DESK)
        fetched.clear()
        assert hers.get(DESK).status_code == 200
        read.append(sum(fetched))
    assert read[0] == read[1] > 0


# --- One draft ----------------------------------------------------------------------------------


def test_answers_are_shown_as_a_reader_sees_them(hers):
    draft = make_handed_in(activities="Vi gör **så här**.\n\n- ett\n- två", start_date="2014-09")
    markup = page(hers, at(draft))
    assert "<strong>så här</strong>" in markup
    assert "<li>ett</li>" in markup
    text = text_of(markup)
    for told in ("september 2014", "Egen uppföljning", "Boendestöd", "Socialpsykiatri"):
        assert told in text
    assert "Mål: Fler mår bättre. Mått: Andel som mår bättre (procent). 2015: 40" in text
    assert "Inget. Allt som krävs är besvarat." in text


def test_what_is_typed_is_never_markup(hers):
    draft = make_handed_in(
        title="<script>x</script>", need="<b>fet</b>", activities="<img src=x onerror=y>"
    )
    markup = page(hers, at(draft)) + page(hers, DESK)
    for told in ("<script>x", "<b>fet", "<img src=x"):
        assert told not in markup


def test_what_is_lacking_is_told_and_stops_the_publishing(hers):
    draft = make_handed_in(need="", start_date="hösten")
    told = page(hers, at(draft)).split('id="saknas">')[1].split("</section>")[0]
    assert text_of(told) == (
        "Vad som saknas Det här måste rättas innan det kan publiceras. Hur är läget, och när"
        " började det? Skriv ett datum som 2015, 2015-09 eller 2015-09-01. Vilket behov möter det?"
        " Svara på frågan."
    )
    assert 'href="#fraga-need"' in told
    response = hers.post(at(draft, "publicera/"), publishing(draft, hers))
    assert response.status_code == 422
    assert "Inget är publicerat. Något saknas eller är fel" in response.content.decode()
    assert (Project.objects.count(), state(draft)) == (0, "inlamnat")


def test_a_revision_shows_what_is_changed_first_side_by_side(hers):
    project = published()
    draft = make_handed_in(project=project, need="Ett annat behov.")
    markup = page(hers, at(draft))
    changed = text_of(markup.split('id="andrat"')[1].split('id="oforandrat"')[0])
    assert (
        "Ett svar är ändrat Vilket behov möter det? Publicerat nu Många är ensamma på kvällen."
        " Enhetens ändring Ett annat behov." in changed
    )
    assert "Boendestöd till klockan 22." not in changed
    assert "Boendestöd till klockan 22." in text_of(markup.split('id="oforandrat"')[1])
    hers.post(at(draft, "publicera/"), publishing(draft, hers))
    after = text_of(page(hers, at(draft)).split('id="andrat"')[1].split('id="oforandrat"')[0])
    assert "Före ändringen Många är ensamma på kvällen. Enhetens ändring Ett annat" in after


def test_what_it_is_like_and_what_the_unit_names_stand_in_the_review(hers):
    named = published(title="Nattöppen träfflokal")
    own = published(title="Kvällsöppet boendestöd")
    make_project(title="Kvällsöppet boendestöd i Bromma")
    for number in range(5):
        make_project(title=f"Annat {number}", plain_summary="Arbete med tryckeri.")
    indexing.index()
    draft = make_handed_in(project=own, dose="En timme.")
    draft.inspired_by.add(named)
    Draft.objects.filter(pk=draft.pk).update(choice="anpassar", choice_reason="Vi är färre.")
    markup = page(hers, at(draft))
    answered = text_of(markup.split('id="finns-redan">')[1].split("</section>")[0])
    assert answered == (
        "Finns det redan? Enheten svarar: Vi anpassar. Vi är färre. Projekt som enheten nämner:"
        " Nattöppen träfflokal"
    )
    like = re.findall(r"<h3><a [^>]*>(.*?)</a>", markup.split('id="liknande">')[1])
    assert like[0] == "Kvällsöppet boendestöd i Bromma"
    assert "Kvällsöppet boendestöd" not in like


def test_the_page_of_one_draft_asks_as_much_however_much_there_is(
    hers, curator, django_assert_num_queries
):
    project = published()
    draft = make_handed_in(project=project, need="Nytt.")
    for more in (0, 5):
        for number in range(more):
            add_point(project, f"20{number + 20}", 40)
            make_project(title=f"Projekt {number}")
            key = f"{more}-{number}"
            actions.comment(draft=draft, question="need", text="Hur?", by=curator, key=key)
        hers.get(at(draft))
        # Most of them let the answers be understood, twice: as they are published, and as the unit
        # wants them.
        with django_assert_num_queries(59):
            hers.get(at(draft))


# --- Claim --------------------------------------------------------------------------------------


def test_two_curators_at_once(hers, curator):
    other = make_curator("annan@example.org", name="Redaktör Två")
    draft = make_handed_in()
    assert hers.post(at(draft, "ta/"), {"hade": ""}).status_code == 302
    late = signed_in(other).post(at(draft, "ta/"), {"hade": ""})
    assert late.status_code == 409
    assert "Redaktör Ett hann före" in late.content.decode()
    assert Draft.objects.get(pk=draft.pk).claimed_by == curator
    # Having read who has it, she takes over.
    assert "Ta över granskningen" in page(signed_in(other), at(draft))
    signed_in(other).post(at(draft, "ta/"), {"hade": curator.pk})
    assert Draft.objects.get(pk=draft.pk).claimed_by == other
    # To let go what one has no longer is no fault.
    assert hers.post(at(draft, "slapp/")).status_code == 302
    assert Draft.objects.get(pk=draft.pk).claimed_by == other


def test_a_double_click_takes_it_once(hers, curator):
    draft = make_handed_in()
    for _ in range(2):
        assert hers.post(at(draft, "ta/"), {"hade": ""}).status_code == 302
    assert Draft.objects.get(pk=draft.pk).claimed_by == curator
    assert AuditEntry.about(draft).filter(verb="tagen för granskning").count() == 1


# --- Comments -----------------------------------------------------------------------------------


def test_a_comment_stands_at_its_question_with_the_unit_s_answer(hers, curator):
    draft = make_handed_in()
    sent = {"question": "need", "text": "Hur många?", "opened": "a"}
    for _ in range(2):
        response = hers.post(at(draft, "kommentar/"), sent)
        assert (response.status_code, response["Location"]) == (302, f"{at(draft)}#fraga-need")
    comment = Comment.objects.get()
    assert (comment.question, comment.text, comment.written_by) == ("need", "Hur många?", curator)
    actions.answer_comment(comment=comment, text="Ungefär tjugo.", by=draft.created_by)
    told = page(hers, at(draft)).split('id="fraga-need"')[1].split("</section>")[0]
    assert "Hur många?" in told
    assert "Ungefär tjugo." in told
    hers.post(at(draft, "kommentar/"), sent | {"question": ""})
    whole = page(hers, at(draft)).split('id="fraga-helheten"')[1].split("</section>")[0]
    assert "Hur många?" in whole


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"text": ""}, "Skriv en kommentar."),
        ({"text": "Ring 19121212-1212."}, "personnummer"),
        ({"text": "x" * 2001}, "Texten är för lång: 2001 tecken."),
        ({"text": "Hej", "question": "finns-inte"}, "Frågan finns inte."),
    ],
)
def test_a_comment_that_is_refused_is_kept_in_its_form(hers, sent, told):
    draft = make_handed_in()
    response = hers.post(at(draft, "kommentar/"), {"question": "need"} | sent)
    markup = response.content.decode()
    assert response.status_code == 422
    assert told in markup
    assert sent["text"] in markup
    assert Comment.objects.count() == 0
    assert 'id="kommentar-need_text"' in markup


# --- Return, decline ----------------------------------------------------------------------------


def test_a_return_with_comments_needs_no_reason_and_without_them_one(hers, curator):
    draft = make_handed_in()
    response = hers.post(at(draft, "atersand/"), {"reason": ""})
    assert response.status_code == 422
    assert "Skriv vad enheten ska ändra, eller kommentera en fråga." in response.content.decode()
    actions.comment(draft=draft, question="need", text="Hur?", by=curator, key="k")
    response = hers.post(at(draft, "atersand/"), {"reason": ""})
    assert (response.status_code, response["Location"]) == (302, DESK)
    assert state(draft) == "atersant"


@pytest.mark.parametrize("way", ["atersand/", "avboj/"])
@pytest.mark.parametrize(
    ("reason", "told"),
    [("", "Skriv va"), ("Om 19121212-1212", "personnummer"), ("y" * 2001, "för lång")],
)
def test_a_reason_that_is_refused_stays_in_its_form(hers, way, reason, told):
    draft = make_handed_in()
    response = hers.post(at(draft, way), {"reason": reason})
    markup = response.content.decode()
    assert (response.status_code, state(draft)) == (422, "inlamnat")
    assert told in markup
    assert reason in markup


def writer_of(unit) -> User:
    user = make_user("skribent@example.org", name="Uppgiftslämnaren")
    Membership.objects.create(user=user, organisation=unit, role="uppgiftslamnare", state="godkand")
    return user


@pytest.mark.parametrize(
    ("way", "mail", "after"),
    [
        ("atersand/", "utkast-returned", "atersant"),
        ("avboj/", "utkast-declined", "avbojt"),
        ("publicera/", "utkast-published", "publicerat"),
    ],
)
def test_a_double_click_does_it_once_and_another_curator_is_told(hers, way, mail, after):
    farsta = make_district("Farsta")
    draft = make_handed_in(unit=farsta, by=writer_of(farsta))
    sent = {"reason": "Därför."} | publishing(draft, hers)
    for _ in range(2):
        response = hers.post(at(draft, way), sent)
        assert (response.status_code, response["Location"]) == (302, DESK)
    assert (state(draft), Project.objects.count()) == (after, int(after == "publicerat"))
    assert list(Mail.objects.values_list("purpose", "to")) == [(mail, "skribent@example.org")]
    other = signed_in(make_curator("annan@example.org"))
    for each in ("atersand/", "avboj/", "publicera/"):
        late = other.post(at(draft, each), sent)
        assert late.status_code == 409
        assert "Redaktör Ett hann före" in late.content.decode()
        assert "Därför." in late.content.decode()
    assert Mail.objects.count() == 1


# --- Publish ------------------------------------------------------------------------------------


def test_answers_that_were_changed_since_they_were_read_are_not_published(hers, curator):
    draft = make_handed_in()
    sent = publishing(draft, hers)
    payload = draft.payload | {"need": ["Rättat."]}
    actions.save(draft=draft, payload=payload, version=draft.version, by=curator)
    response = hers.post(at(draft, "publicera/"), sent)
    assert response.status_code == 409
    assert "Svaren har ändrats sedan du öppnade sidan." in response.content.decode()
    assert Project.objects.count() == 0
    assert "Rättat sedan det lämnades in: Vilket behov möter det?." in text_of(
        page(hers, at(draft))
    )
    hers.post(at(draft, "publicera/"), publishing(draft, hers))
    assert Project.objects.get().need == "Rättat."


@pytest.mark.parametrize("version", ["", "x", "0", "9" * 30])
def test_a_version_that_is_none_publishes_nothing(hers, version):
    draft = make_handed_in()
    response = hers.post(at(draft, "publicera/"), {"version": version})
    assert (response.status_code, Project.objects.count()) == (422, 0)


def test_the_published_stays_as_it_is_until_the_revision_is_published(hers, client):
    project = published()
    address = project.get_absolute_url()
    before, edition = page(client, address), Edition.current()
    draft = make_handed_in(project=project, need="Ett annat behov.", title="Ett nytt namn")
    hers.post(at(draft, "kommentar/"), {"question": "need", "text": "Hur?"})
    hers.get(at(draft))
    assert (page(client, address), Edition.current()) == (before, edition)
    hers.post(at(draft, "publicera/"), publishing(draft, hers))
    moved = client.get(address)
    assert moved.status_code == 301
    assert moved["Location"] == f"/inventering/{project.public_id}/ett-nytt-namn/"
    assert "Ett annat behov." in page(client, moved["Location"])
    assert Edition.current() > edition


def test_a_declined_revision_leaves_the_published_as_it_is(hers):
    project = published()
    before = Project.objects.values().get()
    draft = make_handed_in(project=project, need="Ett annat.")
    hers.post(at(draft, "avboj/"), {"reason": "Nej."})
    assert Project.objects.values().get() == before
    # And the unit may begin anew.
    assert begin_draft(project=project).pk != draft.pk


def test_what_both_sides_changed_is_chosen_answer_by_answer(hers):
    project = published(dose="En timme.")
    draft = make_handed_in(
        project=project, need="Enhetens behov.", dose="Enhetens timme.", setting="Hemma."
    )
    Project.objects.update(need="Redaktörens behov.", dose="Redaktörens timme.")
    first = page(hers, at(draft))
    assert "Ändrat på båda håll." in first
    sent = publishing(draft, hers)
    response = hers.post(at(draft, "publicera/"), sent)
    assert response.status_code == 422
    markup = response.content.decode()
    assert "Välj vilket svar som ska gälla: Vilket behov möter det?." in markup
    for told in ("Redaktörens behov.", "Enhetens behov.", "Redaktörens timme."):
        assert told in markup
    sent |= {"val-need": "andringen", "val-dose": "publicerat"}
    assert hers.post(at(draft, "publicera/"), sent).status_code == 302
    project.refresh_from_db()
    assert (project.need, project.dose, project.setting) == (
        *("Enhetens behov.", "Redaktörens timme.", "Hemma."),
    )
    assert AuditEntry.about(project).first().changes == {
        "need": ["Redaktörens behov.", "Enhetens behov."],
        "setting": ["", "Hemma."],
    }


def test_a_choice_between_other_answers_than_those_that_were_read_is_asked_for_again(hers):
    project = published()
    draft = make_handed_in(project=project, need="Enhetens.")
    Project.objects.update(need="Redaktörens.")
    sent = publishing(draft, hers) | {"val-need": "andringen"}
    Project.objects.update(need="Redaktörens andra.")
    response = hers.post(at(draft, "publicera/"), sent)
    assert response.status_code == 422
    markup = response.content.decode()
    assert "Det publicerade har ändrats igen sedan du öppnade sidan." in markup
    assert "Redaktörens andra." in markup
    form = markup.split("/publicera/")[1].split("</form>")[0]
    seen = re.search(r'name="seen" value="([^"]*)"', form)[1].replace("&quot;", '"')
    assert seen != sent["seen"]
    assert hers.post(at(draft, "publicera/"), sent | {"seen": seen}).status_code == 302
    project.refresh_from_db()
    assert project.need == "Enhetens."


def test_a_withdrawn_project_is_told_and_nothing_is_published(hers, curator):
    project = published()
    draft = make_handed_in(project=project, need="Ett annat.")
    sent = publishing(draft, hers)
    actions.withdraw(project=project, reason="Dubblett.", by=curator)
    response = hers.post(at(draft, "publicera/"), sent)
    assert response.status_code == 409
    assert "Projektet är avpublicerat" in response.content.decode()
    assert state(draft) == "inlamnat"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["new", "revision"])
def test_two_who_decide_in_the_same_moment_do_one_of_the_two(kind):
    project = published() if kind == "revision" else None
    draft = make_handed_in(project=project, need="Ett annat.")
    one = signed_in(make_curator("ett@example.org"))
    other = signed_in(make_curator("tva@example.org"))
    sent = publishing(draft, one)
    answers = at_once(
        lambda: one.post(at(draft, "publicera/"), sent),
        lambda: other.post(at(draft, "publicera/"), sent),
        lambda: other.post(at(draft, "avboj/"), {"reason": "Finns redan."}),
    )
    assert sorted(answer.status_code for answer in answers)[0] == 302
    ended = AuditEntry.about(draft).filter(to_state__in=["publicerat", "avbojt"])
    assert ended.count() == 1
    made = 1 if project or state(draft) == "publicerat" else 0
    assert Project.objects.count() == made


def test_what_the_library_publishes_is_not_among_the_desks_projects(hers):
    draft = make_draft()
    AuditEntry.objects.create(verb=PUBLISHED, app_model="library.draft", object_id=str(draft.pk))
    assert "Publicerat senast" not in page(hers, DESK)
