"""A page follows whatever it shows, at the next request, for everybody and for the signed in.

Pages and pieces of them are kept in memory. Each story opens a page, changes something that the
page only names, as a curator would, and opens it again.
"""

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from inventory import actions
from inventory.models import Project
from library.actions import source_changed, term_changed
from library.models import Instrument, Method, Source, Theme
from people.actions import organisation_changed
from people.models import Organisation
from search.indexing import index
from tests.factories import (
    make_curator,
    make_district,
    make_document,
    make_instrument,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_source,
    make_user,
)
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db


class Readers:
    """Somebody anonymous and somebody signed in, each of whom has the page open."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.browsers = [Client(), Client()]
        self.browsers[1].force_login(make_user())
        self.read()
        self.read()

    def read(self) -> list[str]:
        return [
            text_of(page(browser, address))
            for browser in self.browsers
            for address in self.addresses
        ]

    def all_see(self, text: str) -> bool:
        """Whether each of them finds the text on each page; None of them: False."""
        seen = {text in told for told in self.read()}
        assert len(seen) == 1, f"some see {text!r}, others do not"
        return seen.pop()


def rename(model: type, slug: str, name: str, told: Callable[..., None], called: str) -> None:
    row = model.objects.get(slug=slug)
    row.name = name
    row.save()
    told(**{called: row})


def changed(project: Project, **fields) -> None:
    """What a curator's change of a project does."""
    Project.objects.filter(pk=project.pk).update(**fields)
    actions.record_change(
        project=Project.objects.get(pk=project.pk), by=None, changes=dict.fromkeys(fields, ("", ""))
    )


@pytest.fixture
def project() -> Project:
    """A project whose page names everything that can have another name tomorrow."""
    source = make_source()
    made = make_project(
        title="Stödet",
        lead=make_district("Bromma"),
        co_owners=[make_organisation("Enheten")],
        themes=["Boende"],
        methods=["Motiverande samtal"],
        instruments=[make_instrument("Kasam")],
        source=source,
    )
    make_partner(made, make_organisation("RSMH"))
    make_measure(made, ("2015", 92, 145))
    actions.record_change(project=made, by=None, changes={})
    return made


@pytest.mark.parametrize(
    ("model", "slug", "told", "called"),
    [
        (Organisation, "bromma", organisation_changed, "organisation"),
        (Organisation, "enheten", organisation_changed, "organisation"),
        (Organisation, "rsmh", organisation_changed, "organisation"),
        (Organisation, "socialforvaltningen", organisation_changed, "organisation"),
        (Theme, "boende", term_changed, "term"),
        (Method, "motiverande-samtal", term_changed, "term"),
        (Instrument, "kasam", term_changed, "term"),
    ],
)
def test_a_page_follows_what_it_names(project, model, slug, told, called):
    readers = Readers(project.get_absolute_url())
    rename(model, slug, "Nya namnet", told, called)
    assert readers.all_see("Nya namnet") is True


@pytest.mark.parametrize("slug", ["bromma", "enheten"])
def test_rows_follow_an_owner(project, slug):
    readers = Readers("/inventering/", "/")
    rename(Organisation, slug, "Nya namnet", organisation_changed, "organisation")
    assert readers.all_see("Nya namnet") is True


def test_rows_follow_a_theme(project):
    readers = Readers("/inventering/", "/", "/stadsdelar/bromma/")
    rename(Theme, "boende", "Nya namnet", term_changed, "term")
    assert readers.all_see("Nya namnet") is True


def test_a_page_follows_its_source(project):
    readers = Readers(project.get_absolute_url())
    source = Source.objects.get()
    source.title = "Rättad titel"
    source.save()
    source_changed(source=source)
    assert readers.all_see("Rättad titel") is True


def test_a_page_and_its_rows_follow_the_project_itself(project):
    readers = Readers("/inventering/", "/", "/stadsdelar/bromma/")
    changed(project, title="Nya namnet", plain_summary="Nya orden.")
    assert readers.all_see("Nya namnet") is True
    assert readers.all_see("Nya orden.") is True


def test_a_page_follows_its_measures_and_files(project):
    readers = Readers(project.get_absolute_url())
    project.measures.get().points.update(value=77)
    make_document(project, title="Nya rapporten")
    actions.record_change(project=project, by=None, changes={"filer": ("", "1 tillagda")})
    assert readers.all_see("77 %") is True
    assert readers.all_see("Nya rapporten") is True


def test_a_page_follows_who_takes_part(project):
    readers = Readers(project.get_absolute_url())
    project.partners.all().delete()
    actions.record_change(project=project, by=None, changes={"medverkande": ("", "1 borttagna")})
    assert readers.all_see("RSMH") is False


def test_a_page_follows_a_confirmation(project):
    readers = Readers(project.get_absolute_url())
    actions.confirm(project=project, by=make_curator())
    assert readers.all_see("Uppgifterna bekräftades senast") is True


# --- Projects that name one another -------------------------------------------------------------


@pytest.fixture
def chain(project) -> tuple[Project, Project]:
    """A project and the one that it inspired."""
    return project, make_project(title="Efterföljaren", inspired_by=[project], themes=["Unga"])


def test_a_page_follows_the_name_of_the_one_it_inspired(chain):
    root, heir = chain
    readers = Readers(root.get_absolute_url())
    assert readers.all_see("Har inspirerat Efterföljaren") is True
    changed(heir, title="Nya namnet")
    assert readers.all_see("Har inspirerat Nya namnet") is True


def test_a_page_follows_the_name_of_the_one_that_inspired_it(chain):
    root, heir = chain
    readers = Readers(heir.get_absolute_url())
    changed(root, title="Nya namnet")
    assert readers.all_see("Inspirerat av Nya namnet") is True


def test_a_page_shows_a_new_one_that_it_inspired(project):
    readers = Readers(project.get_absolute_url())
    make_project(title="Efterföljaren", inspired_by=[project])
    assert readers.all_see("Har inspirerat Efterföljaren") is True


def test_a_page_forgets_one_that_was_not_inspired_by_it_after_all(chain):
    root, heir = chain
    readers = Readers(root.get_absolute_url())
    heir.inspired_by.clear()
    actions.record_change(project=heir, by=None, changes={"inspired_by": ("Stödet", "")})
    assert readers.all_see("Efterföljaren") is False


@pytest.mark.parametrize("which", ["root", "heir"])
def test_a_page_forgets_a_withdrawn_one(chain, which):
    root, heir = chain
    gone, left = (root, heir) if which == "root" else (heir, root)
    readers = Readers(left.get_absolute_url())
    actions.withdraw(project=gone, reason="Dubblett.", by=make_curator())
    assert readers.all_see(gone.title) is False

    actions.restore(project=gone, by=make_curator("b@example.org"))
    assert readers.all_see(gone.title) is True


def test_only_staff_still_see_one_that_becomes_for_staff(chain):
    root, heir = chain
    readers = Readers(root.get_absolute_url())
    changed(heir, visibility="personal")
    assert ["Efterföljaren" in told for told in readers.read()] == [False, True]


def test_nobody_sees_one_whose_day_is_moved_into_the_future(chain):
    root, heir = chain
    readers = Readers(root.get_absolute_url(), "/inventering/")
    changed(heir, embargo_until=datetime.date(2999, 1, 1))
    assert readers.all_see("Efterföljaren") is False


# --- Projects alike -----------------------------------------------------------------------------


def test_a_page_shows_a_new_project_like_it_within_the_hour(project):
    """What is like a project costs many questions to find, and is found once an hour."""
    readers = Readers(project.get_absolute_url())
    make_project(title="Liknande", themes=["Boende"])
    index()
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
        assert readers.all_see("Liknande") is True


def test_a_page_follows_a_project_like_it(project):
    other = make_project(title="Liknande", themes=["Boende"])
    index()
    readers = Readers(project.get_absolute_url())
    assert readers.all_see("Liknande") is True
    changed(other, title="Nya namnet")
    assert readers.all_see("Nya namnet") is True
    actions.withdraw(project=other, reason="Dubblett.", by=make_curator())
    assert readers.all_see("Nya namnet") is False


# --- Who sees what ------------------------------------------------------------------------------


def test_contacts_stay_with_the_signed_in_whoever_reads_first():
    project = make_project(contact_phone="08-508 00 000")
    member, stranger = Client(), Client()
    member.force_login(make_user())
    for browsers in ([member, stranger], [stranger, member]):
        actions.record_change(project=project, by=None, changes={})
        told = {
            browser is member: "08-508" in page(browser, project.get_absolute_url())
            for browser in browsers
        }
        assert told == {True: True, False: False}


def test_a_visitor_who_changes_name_is_greeted_by_the_new_one(client):
    make_project()
    user = make_user(name="Ada")
    client.force_login(user)
    assert "Inloggad: Ada" in text_of(page(client, "/inventering/"))
    user.name = "Beda"
    user.save()
    assert "Inloggad: Beda" in text_of(page(client, "/inventering/"))


def test_a_visitor_who_becomes_a_curator_gets_the_way_to_the_tools(client):
    make_project()
    user = make_user(name="Ada")
    client.force_login(user)
    assert '<a href="/admin/">' not in page(client, "/inventering/")
    user.is_staff = True
    user.save()
    assert '<a href="/admin/">Redigera</a>' in page(client, "/inventering/")


def test_a_visitor_who_logs_out_is_a_stranger_again(client):
    make_project(title="För personal", visibility="personal")
    client.force_login(make_user())
    assert "För personal" in page(client, "/inventering/")
    client.logout()
    assert "För personal" not in page(client, "/inventering/")
