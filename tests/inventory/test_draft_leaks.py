"""What is not for everybody is nowhere that others look.

A word that is no word is planted in each thing that is hidden from somebody: drafts where they
stand, with their files and comments, what is for staff alone, contact details. Every address is
asked for by people who may see none of it, or some of it, and by one who may see all.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from core.models import Mail
from inventory import actions
from inventory.models import DigestSetting, Document, Draft, DraftFile
from people import roles
from people.models import Organisation, User
from search import indexing
from tests import files
from tests.addresses import addresses, own_routes
from tests.core.test_tasks import work_off
from tests.factories import (
    begin_draft,
    make_curator,
    make_district,
    make_document,
    make_draft,
    make_draft_file,
    make_follow,
    make_handed_in,
    make_organisation,
    make_project,
    make_unit,
    make_user,
    make_writer,
)
from tests.people.test_roles import somebody
from tests.reading import body, everything_in, page, titles
from tests.searching import hits

pytestmark = pytest.mark.django_db

# Where it is planted → the word.
DRAFTS = {
    "utkast": "zvortelplim",
    "utkastets fil": "gnupfelbrask",
    "inlämnat": "qvistromdal",
    "inlämnat, fil": "blixtertugg",
    "återsänt": "frumpelsniv",
    "kommentar": "knasterbylt",
    "svar på kommentar": "hurvelstrand",
    "ändring": "plurgentvist",
    "avböjt": "skrumpelvax",
    "varför nytt": "vimmelgrund",
}
STAFF = {
    "för personal": "drullikhatt",
    "kontakt": "trivselborg",
    "intern fil": "mompelklint",
}
WORDS = DRAFTS | STAFF


def long(word: str) -> dict[str, list[str]]:
    """Answers with the word in every text."""
    names = ("title", "plain_summary", "need", "activities", "contact_function")
    return {name: [f"{word} {name}"] for name in names}


def planted_file(draft: Draft, word: str) -> DraftFile:
    return make_draft_file(draft, f"{word} rapport", files.pdf_of(f"{word} sida"), f"{word}.pdf")


class World:
    """A unit with a draft at each place, and what its district has published."""

    def __init__(self) -> None:
        self.unit = make_unit("Träffpunkten", make_district("Farsta"))
        self.other = make_unit("Köket", make_district("Bromma"))
        self.curator = make_curator(name="Redaktören")
        self.public = make_project(title="Öppet boendestöd", lead=self.unit, themes=["Boende"])
        self.shown: Document = make_document(self.public)
        indexing.index()

    def plant(self) -> "World":
        words, by = WORDS, make_writer(self.unit, email="skribent@example.org")
        self.writing = begin_draft(unit=self.unit, **long(words["utkast"]))
        self.writing.refresh_from_db()
        planted_file(self.writing, words["utkastets fil"])
        Draft.objects.filter(pk=self.writing.pk).update(choice_reason=words["varför nytt"])

        self.handed_in = make_handed_in(unit=self.unit, **long(words["inlämnat"]))
        self.handed_in.refresh_from_db()
        planted_file(self.handed_in, words["inlämnat, fil"])

        self.returned = make_handed_in(unit=self.unit, **long(words["återsänt"]))
        said = actions.comment(
            draft=self.returned,
            question="need",
            text=f"{words['kommentar']} saknas.",
            by=self.curator,
            key="k",
        )
        actions.give_back(draft=self.returned, reason="", by=self.curator)
        actions.answer_comment(comment=said, text=words["svar på kommentar"], by=by)

        self.revision = begin_draft(project=self.public, **long(words["ändring"]))
        self.declined = make_handed_in(unit=self.unit, **long(words["avböjt"]))
        actions.decline(draft=self.declined, reason="Nej.", by=self.curator)

        word = words["för personal"]
        texts = {name: values[0] for name, values in long(word).items()}
        self.staff = make_project(
            **texts, lead=self.unit, visibility="personal", themes=["Boende"], start_date="1999"
        )
        self.contact = make_project(
            title="Med kontakt",
            lead=self.unit,
            contact_phone=words["kontakt"],
            contact_email=f"{words['kontakt']}@example.org",
        )
        inner = Document(
            project=self.contact, title=f"{words['intern fil']} bilaga", visibility="personal"
        )
        inner.file.save("bilaga.pdf", ContentFile(files.pdf_of(words["intern fil"])))
        actions.document_saved(document=inner, new_file=True)
        actions.record_change(project=self.contact, by=None, changes={})
        self.inner = inner
        work_off()
        indexing.index()
        return self

    @property
    def drafts(self) -> list[Draft]:
        return [self.writing, self.handed_in, self.returned, self.revision, self.declined]


@pytest.fixture
def world() -> World:
    return World().plant()


# --- Who looks ------------------------------------------------------------------------------------


def association() -> Organisation:
    return make_organisation("En förening", kind=Organisation.Kind.USERS)


# Who → how she comes to be, and the words that the matrix lets her see.
LOOKING: dict[str, tuple[Callable[[World], User | None], set[str]]] = {
    "nobody known": (lambda world: None, set()),
    "an account": (
        lambda world: make_user("konto@example.net", is_city_staff=False),
        set(),
    ),
    "an association's reporter": (
        lambda world: make_writer(association(), email="forening@example.net", is_city_staff=False),
        set(),
    ),
    "another unit's reporter": (
        lambda world: make_writer(world.other, email="granne@example.org"),
        set(STAFF),
    ),
    "another unit's manager": (
        lambda world: make_writer(world.other, "enhetschef", email="chef@example.org"),
        set(STAFF),
    ),
    "the research council": (
        lambda world: somebody(roles.ResearchCouncil, world.unit),
        set(STAFF),
    ),
}


def browser_of(user: User | None) -> Client:
    browser = Client()
    if user:
        browser.force_login(user)
    return browser


# --- Where they look ------------------------------------------------------------------------------


def public_addresses(world: World) -> Iterator[str]:
    """All that is read, with selections, files and what would lead to something hidden."""
    yield from addresses(world.shown).values()
    for project in (world.public, world.staff, world.contact):
        here = project.get_absolute_url()
        for rest in ("", "faktablad.pdf", "kontakt/", "kontakt/tack/"):
            yield f"{here}{rest}"
        # Whoever must log in is led back to the address that she asked for: one that tells nothing.
        for rest in ("gor-likadant/", "andra/", "folj-upp/"):
            yield f"/inventering/{project.public_id}/x/{rest}"
        yield f"/inventering/jamfor/?id={project.public_id}&id={world.public.public_id}"
        yield f"/foljer/ny/?projekt={project.public_id}"
    yield world.inner.get_absolute_url()
    for query in ("?tema=boende", "?stadsdel=farsta", "?fran=1999&till=1999", "?sortera=nyast"):
        yield f"/inventering/{query}"
        for form in ("csv", "json", "xlsx"):
            yield f"/inventering/export.{form}{query}"
    yield from ("/sok/?q=boende", "/sok/?q=rapport&slag=projekt", "/sok/?q=sida", "/?q=boende")
    # What is typed stands on the page: so the words are looked for by what they begin with.
    for word in WORDS.values():
        for asked in (f"{word[:-2]}*", word[:-2], f"{word[:-1]}q"):
            yield f"/sok/?q={asked}"
            yield f"/sok.json?q={asked}"
        yield f"/inventering/?q={word[:-2]}*"
        yield f"/inventering/export.csv?q={word[:-2]}*"
        yield f"/inventering/ideer/?q={word[:-2]}*"


def own_addresses(world: World) -> Iterator[str]:
    """Every page for one visitor, of each draft, file and comment."""
    comments = list(world.returned.comments.values_list("pk", flat=True))
    attached = list(DraftFile.objects.values_list("pk", flat=True))
    for name, route in own_routes().items():
        wanted = re.findall(r"<(?:\w+:)?(\w+)>", route)
        known: dict[str, Any] = {
            "public_id": world.staff.public_id,
            "slug": world.unit.slug,
            "step": "vad",
            "token": "x" * 32,
            "number": 1,
            "comment": comments[0],
            "entry": 1,
            "subject": "post",
            "document": world.inner.pk,
            "app_model": "inventory.draft",
        }
        for draft in world.drafts if {"pk", "object_id"} & set(wanted) else world.drafts[:1]:
            for file in attached if "file" in wanted else attached[:1]:
                values = known | {"pk": draft.pk, "object_id": draft.pk, "file": file}
                try:
                    yield reverse(name, kwargs={key: values[key] for key in wanted})
                except NoReverseMatch:
                    continue
        if "step" in wanted:
            for step in ("for-vem", "hur", "resultat", "kontakt"):
                for draft in world.drafts:
                    yield reverse(name, kwargs={"pk": draft.pk, "step": step})


def words_at(browser: Client, address: str) -> set[str]:
    """Which of the planted things an address tells of, in what it sends and its headers."""
    response = browser.get(address)
    content = str(response.headers) + everything_in(body(response))
    return {where for where, word in WORDS.items() if word in content}


def found_by(browser: Client, world: World) -> dict[str, set[str]]:
    """Where something planted is found → what."""
    all_of_them = [*public_addresses(world), *own_addresses(world)]
    found = {address: words_at(browser, address) for address in all_of_them}
    return {address: words for address, words in found.items() if words}


# --- Tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", LOOKING)
def test_nobody_finds_what_the_matrix_does_not_let_her_see(who, world, unlimited):
    make, may_see = LOOKING[who]
    found = found_by(browser_of(make(world)), world)
    assert {address: words - may_see for address, words in found.items() if words - may_see} == {}
    assert set().union(*found.values()) == may_see


def test_the_search_for_leaks_finds_them(world, unlimited):
    """The unit's own reporter meets each of the words somewhere, so the test above looks well."""
    found = found_by(browser_of(User.objects.get(email="skribent@example.org")), world)
    assert set().union(*found.values()) == set(WORDS)


def test_curators_meet_what_was_handed_in_and_not_what_is_being_written(world, unlimited):
    found = found_by(browser_of(world.curator), world)
    hidden = {"utkast", "utkastets fil", "varför nytt", "ändring"}
    assert set().union(*found.values()) == set(WORDS) - hidden


def test_the_history_tells_nothing_that_was_typed_in_drafts(world):
    registrar = browser_of(somebody(roles.Registrar, world.unit))
    lines = ["/redaktion/historik/", "/redaktion/historik/?slag=inventory.draft"]
    lines += [f"/redaktion/historik/inventory.draft/{draft.pk}/" for draft in world.drafts]
    for address in lines:
        assert words_at(registrar, address) & set(DRAFTS) == set()
    assert "Utkast" in page(registrar, lines[1])


@pytest.mark.parametrize("signed", [False, True])
def test_words_find_nothing_as_a_filter_or_in_the_search(world, signed):
    user = make_user("konto@example.net", is_city_staff=False) if signed else None
    browser = browser_of(user)
    for word in WORDS.values():
        assert titles(browser, f"?q={word}") == []
        assert hits(page(browser, f"/sok/?q={word}")) == []
        assert hits(page(browser, f"/sok/?q={word}&slag=projekt")) == []
        assert browser.get(f"/sok.json?q={word}").json() == []


COUNTED = (
    *("/", "/inventering/", "/inventering/oversikt/", "/stadsdelar/", "/stadsdelar/farsta/"),
    *("/inventering/?tema=boende", "/inventering/export.csv", "/sok/?q=boendestöd"),
    *("/sok.json?q=boende", "/sitemap-poster.xml", "/inventering/ideer/"),
)


@pytest.mark.parametrize("signed", [False, True])
def test_every_number_is_the_same_before_and_after(signed):
    world = World()
    user = make_user("konto@example.net", is_city_staff=False) if signed else None
    browser = browser_of(user)

    def read() -> list[str]:
        return [everything_in(body(browser.get(address))) for address in COUNTED]

    before = read()
    world.plant()
    # One of what was planted everybody sees: it is taken away again, to count the rest.
    actions.withdraw(project=world.contact, reason="Provat klart.", by=world.curator)
    assert read() == before


def test_what_is_alike_never_names_what_is_hidden(world):
    """Another unit writes the very same words, before it is shown what there is already."""
    browser = browser_of(make_writer(association(), email="f@example.net", is_city_staff=False))
    unit = Organisation.objects.get(slug="en-forening")
    hidden = [*world.drafts, world.staff]
    for draft in hidden:
        payload = {"title": [draft.title], "plain_summary": [f"{draft.title} en gång till"]}
        own = make_draft(unit, payload=payload, choice="")
        response = browser.get(f"/inventering/lamna-in/{own.pk}/finns-redan/")
        assert [project.title for project in response.context["form"].alike] == []
    reader = browser.get(world.public.get_absolute_url())
    assert [str(row) for row in reader.context["akin"] if "Med kontakt" not in str(row)] == []


def test_digests_tell_each_only_of_what_she_may_see():
    with time_machine.travel(datetime.datetime(2026, 11, 4, 9, tzinfo=datetime.UTC)):
        world = World()
        followers = {
            who: user for who, (make, _) in LOOKING.items() if (user := make(world)) is not None
        }
        for user in followers.values():
            for query in ("tema=boende", "stadsdel=farsta"):
                make_follow(user, query=query)
            make_follow(user, project=world.public)
    with time_machine.travel(datetime.datetime(2026, 11, 5, 9, tzinfo=datetime.UTC)):
        world.plant()
    with time_machine.travel(datetime.datetime(2026, 11, 9, 7, tzinfo=datetime.UTC)):
        assert actions.digests_due() == len(followers)
        work_off()
        assert DigestSetting.objects.due().count() == 0
    for who, user in followers.items():
        mail = Mail.objects.get(to=user.email)
        told = {where for where, word in WORDS.items() if word in mail.subject + mail.html}
        assert told == {"för personal"} & LOOKING[who][1]
        assert "Med kontakt" in mail.text


def test_a_draft_is_as_if_it_were_not_there_for_others(world):
    browser = browser_of(make_writer(world.other, email="granne@example.org"))
    there = [
        browser.get(f"/inventering/lamna-in/{draft.pk}/{rest}").status_code
        for draft in world.drafts
        for rest in ("", "vad/", "filer/", "finns-redan/", "kasta/")
    ]
    nowhere = browser.get("/inventering/lamna-in/999999/").status_code
    assert set(there) == {nowhere} == {404}
    assert world.writing.changed_at < timezone.now()
