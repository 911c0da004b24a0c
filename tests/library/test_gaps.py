"""Knowledge gaps: proposed, read, supported once, answered, joined."""

import datetime
import re
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from core import register
from core.models import AuditEntry
from library import actions, gap_views
from library.models import Gap, GapSupport, Theme
from people import roles
from search import indexing
from search.models import Entry
from tests.factories import make_source, make_term, make_user
from tests.library_factories import make_gap, make_item, moderator
from tests.reading import csv_rows, page, text_of

from .sending import GAP, NUMBER, browser_of, somebody

pytestmark = pytest.mark.django_db

LIST, NEW = "/kunskapsluckor/", "/kunskapsluckor/foresla/"


def support_of(gap: Gap) -> str:
    return f"{gap.get_absolute_url()}stod/"


def titles(client, query: str = "") -> list[str]:
    return re.findall('<h3><a href="/kunskapsluckor/[^"]*">(.*?)</a>', page(client, LIST + query))


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_anybody_reads_proposes_and_supports(role):
    gap, waiting = make_gap(), make_gap(title="Vad väntar?", proposed=True)
    declined = make_gap(title="Vad avböjdes?", proposed=True)
    actions.decline_gap(gap=declined, reason="Finns redan.", by=moderator())
    browser = browser_of(somebody(role))
    asked = {
        "list": browser.get(LIST),
        "file": browser.get(f"{LIST}export.csv"),
        "gap": browser.get(gap.get_absolute_url()),
        "form": browser.get(NEW),
        "propose": browser.post(NEW, GAP),
        "thanks": browser.get(f"{NEW}tack/"),
        "button": browser.get(support_of(gap)),
        "support": browser.post(support_of(gap)),
        "waiting": browser.get(waiting.get_absolute_url()),
        "support waiting": browser.post(support_of(waiting)),
        "declined": browser.get(declined.get_absolute_url()),
    }
    assert {name: each.status_code for name, each in asked.items()} == {
        **dict.fromkeys(("list", "file", "gap", "form", "thanks", "button", "support"), 200),
        "propose": 302,
        **dict.fromkeys(("waiting", "support waiting", "declined"), 404),
    }
    assert (gap.supports.count(), Gap.objects.waiting().count()) == (1, 2)


# --- Proposed -----------------------------------------------------------------------------------


def test_a_proposal_waits_and_names_nobody(client):
    client.force_login(make_user("eva@example.org"))
    make_term(Theme, "Boende")
    for _ in range(2):
        assert client.post(NEW, GAP | {"themes": ["boende"]})["Location"] == f"{NEW}tack/"
    gap = Gap.objects.get()
    assert (gap.title, gap.text, gap.state) == (GAP["title"], GAP["text"], "foreslagen")
    assert [theme.name for theme in gap.themes.all()] == ["Boende"]
    line = AuditEntry.about(gap).get()
    assert (line.verb, line.by, line.object_label) == (
        *("föreslagen", None, f"Kunskapslucka {gap.pk}"),
    )
    assert (titles(client), Entry.objects.filter(kind="kunskapslucka").count()) == ([], 0)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "", "Skriv vad det är ingen vet."),
        ("title", "\u200b", "Skriv vad det är ingen vet."),
        ("title", "x" * 201, "Frågan är för lång: 201 tecken. Korta den till högst 200."),
        ("text", " ", "Skriv med någon mening varför det spelar roll."),
        ("text", "x" * 1501, "Texten är för lång: 1501 tecken. Korta den till högst 1500."),
        ("text", NUMBER, "personnummer"),
        ("themes", "okant", "Ett av ämnena finns inte längre. Välj om."),
    ],
)
def test_bad_input_is_told_and_nothing_typed_is_lost(client, field, typed, told):
    response = client.post(NEW, GAP | {field: typed})
    assert (response.status_code, Gap.objects.count()) == (422, 0)
    markup = response.content.decode()
    assert told in text_of(markup)
    assert (GAP["text"] if field == "title" else GAP["title"]) in markup


def test_too_many_are_told_when_to_try_again(client, monkeypatch):
    monkeypatch.setattr(gap_views, "proposal_limit", replace(gap_views.proposal_limit, times=1))
    client.post(NEW, GAP)
    late = client.post(NEW, GAP | {"title": "Något annat?"})
    assert (late.status_code, Gap.objects.count()) == (429, 1)
    assert "Något annat?" in late.content.decode()


def test_a_curator_makes_it_clear_and_what_was_handed_in_is_kept_for_a_year():
    gap, by = make_gap(title="Kvällar??", proposed=True), moderator()
    actions.open_gap(gap=gap, title="Hjälper kvällar?", text="Ingen vet.", themes=[], by=by)
    gap.refresh_from_db()
    assert (gap.title, gap.state, gap.received.splitlines()[0]) == (
        *("Hjälper kvällar?", "oppen", "Kvällar??"),
    )
    long_ago = timezone.now() - datetime.timedelta(days=366)
    Gap.objects.update(decided_at=long_ago)
    register.erase_due()
    gap.refresh_from_db()
    assert (gap.title, gap.received) == ("Hjälper kvällar?", "")


# --- Read ---------------------------------------------------------------------------------------


def test_the_list_begins_with_what_most_need_to_know_and_ends_with_what_is_answered(client):
    few, many, known = (make_gap(title=title) for title in ("Få?", "Många?", "Vet vi?"))
    for number, gap in enumerate((many, many, few, known)):
        actions.support_gap(gap=gap, visitor=f"{number}")
    actions.answer_gap(gap=known, text="Ja.", address="https://example.org/", by=moderator())
    make_gap(title="Väntar?", proposed=True)
    assert titles(client) == ["Många?", "Få?", "Vet vi?"]
    assert titles(client, "?sortera=nyast") == ["Vet vi?", "Många?", "Få?"]
    assert titles(client, "?lage=besvarad") == ["Vet vi?"]


def test_the_list_is_narrowed_by_theme_and_says_what_it_does_not_understand(client):
    make_gap(title="Om boende?", themes=["Boende"])
    make_gap(title="Om arbete?", themes=["Arbete"])
    assert titles(client, "?tema=boende") == ["Om boende?"]
    response = client.get(f"{LIST}?tema=okant&lage=x&sortera=y")
    assert response.status_code == 400
    assert len(titles(client, "?tema=okant")) == 2
    assert client.get(f"{LIST}?sida=2").status_code == 404
    assert client.get(f"{LIST}export.csv?tema=okant").status_code == 400


def test_a_gap_is_found_by_the_search(client):
    gap = make_gap(title="Vad hjälper mot sömnlöshet?", themes=["Boende"])
    indexing.index()
    markup = page(client, "/sok/?q=s%C3%B6mnl%C3%B6shet")
    assert f'href="{gap.get_absolute_url()}"' in markup
    assert "Kunskapsluckor" in text_of(markup)


def test_a_wrong_slug_leads_right(client):
    gap = make_gap()
    response = client.get(f"/kunskapsluckor/{gap.pk}/fel/")
    assert (response.status_code, response["Location"]) == (301, gap.get_absolute_url())
    form = client.get(f"/kunskapsluckor/{gap.pk}/fel/stod/")
    assert (form.status_code, form["Location"]) == (301, support_of(gap))


def test_the_file_holds_what_the_list_shows(client):
    gap = make_gap(title="=1+1", themes=["Boende", "Arbete"])
    item = make_item(visibility="personal", title="Internt")
    known = make_gap(title="Vet vi?")
    Gap.objects.filter(pk=known.pk).update(source=make_source(), source_section="3.2")
    actions.answer_gap(gap=known, text="Ja.", item=item, by=moderator())
    actions.support_gap(gap=gap, visitor="a")
    make_gap(title="Väntar?", proposed=True)
    first, second = csv_rows(client.get(f"{LIST}export.csv"))
    assert (first["fraga"], first["teman"], first["antal_som_behover_veta"], first["lage"]) == (
        *("'=1+1", "Arbete; Boende", "1", "Obesvarad"),
    )
    told = ("kalla", "avsnitt_i_kallan", "svar", "svarets_adress", "lage")
    assert [second[name] for name in told] == [
        "Tjänsteutlåtande (2016)",
        "3.2",
        "Ja.",
        "",
        "Besvarad",
    ]
    client.force_login(make_user())
    second = csv_rows(client.get(f"{LIST}export.csv"))[1]
    assert second["svarets_adress"] == f"http://testserver/bibliotek/{item.pk}/"


# --- Supported ----------------------------------------------------------------------------------


def test_a_visitor_is_counted_once_and_an_account_once(client):
    gap = make_gap()
    told = []
    for browser in (
        Client(headers={"user-agent": "A"}),
        Client(headers={"user-agent": "A"}),
        Client(headers={"user-agent": "B"}),
        browser_of(make_user("a@example.org")),
        browser_of(make_user("b@example.org")),
    ):
        text = text_of(browser.post(support_of(gap)).content.decode())
        told.append("Tack! Du är räknad." in text)
        browser.post(support_of(gap))
    assert (told, gap.supports.count()) == ([True, False, True, True, True], 4)
    assert "4 har sagt att de behöver veta det här." in text_of(
        page(client, gap.get_absolute_url())
    )


def test_what_is_kept_of_a_visitor_is_of_use_for_one_gap_and_one_month(client):
    for title in ("Ett?", "Två?"):
        client.post(support_of(make_gap(title=title)), headers={"user-agent": "Firefox"})
    first, second = GapSupport.objects.values_list("visitor", flat=True)
    assert (first != second, len(first), len(second)) == (True, 32, 32)
    GapSupport.objects.update(supported_at=timezone.now() - datetime.timedelta(days=31))
    register.erase_due()
    assert list(GapSupport.objects.values_list("visitor", flat=True)) == ["", ""]


def test_who_supported_what_is_told_to_herself_alone_and_forgotten_at_her_wish():
    user, gap = make_user("eva@example.org"), make_gap()
    actions.support_gap(gap=gap, user=user)
    person = register.Person(user.email, user)
    told = {holding.key: rows for holding, rows in register.handed_out(person)}
    assert [row["Behöver veta"] for row in told["kunskapsluckor-stod"]] == [gap.title]
    assert not AuditEntry.objects.filter(by=user).exists()
    register.erase_at_request(person, by=None, about=user)
    assert list(gap.supports.values_list("user", flat=True)) == [None]


def test_too_many_supports_have_to_wait(client, monkeypatch):
    monkeypatch.setattr(gap_views, "support_limit", replace(gap_views.support_limit, times=1))
    gap = make_gap()
    codes = [client.post(support_of(gap)).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_what_is_answered_needs_no_support(client):
    gap = make_gap()
    actions.answer_gap(gap=gap, text="Ja.", address="https://example.org/", by=moderator())
    assert client.post(support_of(gap))["Location"] == gap.get_absolute_url()
    assert (gap.supports.count(), client.get(support_of(gap)).status_code) == (0, 200)
    assert "Det behöver jag också veta" not in page(client, gap.get_absolute_url())


# --- Answered and joined ------------------------------------------------------------------------


def test_an_answer_is_shown_to_those_who_may_read_it(client):
    gap = make_gap()
    item = make_item(title="Kvällsstödet utvärderat", visibility="personal")
    actions.answer_gap(gap=gap, text="Ja, för de flesta.", item=item, by=moderator())
    text = text_of(page(client, gap.get_absolute_url()))
    assert ("Ja, för de flesta." in text, "Kvällsstödet" in text) == (True, False)
    assert "Svaret finns i biblioteket, men är inte öppet för dig." in text
    staff = browser_of(make_user())
    assert "Kvällsstödet utvärderat" in page(staff, gap.get_absolute_url())


def test_two_that_ask_the_same_become_one(client):
    gap, into = make_gap(title="Kvällar?"), make_gap(title="Hjälper kvällar?")
    user = make_user()
    for each in (gap, into):
        actions.support_gap(gap=each, user=user)
    actions.support_gap(gap=gap, visitor="a")
    old = gap.get_absolute_url()
    actions.merge_gaps(gap=gap, into=into, by=moderator())
    response = client.get(old)
    assert (response.status_code, response["Location"]) == (301, into.get_absolute_url())
    assert (titles(client), into.supports.count()) == (["Hjälper kvällar?"], 2)
    third = make_gap(title="Och kvällar?")
    actions.merge_gaps(gap=into, into=third, by=moderator())
    assert client.get(old)["Location"] == third.get_absolute_url()
    with pytest.raises(ValueError, match="cannot be joined"):
        actions.merge_gaps(gap=third, into=third, by=moderator())
    with pytest.raises(actions.AlreadyDecided):
        actions.merge_gaps(gap=into, into=third, by=moderator())


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"title": ""}, "gap_has_title"),
        ({"state": "besvarad"}, "gap_answered_by_something"),
        ({"state": "sammanford"}, "gap_merged_into_another"),
        ({"erased_at": timezone.now()}, "gap_erased_wholly"),
    ],
)
def test_the_database_refuses_what_cannot_be(fields, constraint):
    gap = make_gap()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Gap.objects.filter(pk=gap.pk).update(**fields)
