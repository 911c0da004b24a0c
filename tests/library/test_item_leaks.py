"""What a visitor may not see of the library is nowhere: no page, count, file, feed or sitemap.

One item is for staff, so are a file and a method of the public one, and a story was taken back.
Each carries a word that nothing else carries.
"""

from collections.abc import Iterator

import pytest
from django.test import Client

from library import actions
from library.models import Item, ItemFile, Method
from search import indexing
from search.models import Audience
from tests.factories import make_curator, make_member, make_organisation, make_project, make_user
from tests.library_factories import make_file, make_item, make_method
from tests.reading import body, csv_rows, everything_in, page

pytestmark = pytest.mark.django_db

RARE = "kvastskaft"
FORMS = ("csv", "json", "xlsx", "ris", "bib", "csl.json")
WORDS = {
    name: f"{RARE} {name}"
    for name in (
        *("plain_summary", "key_messages", "so_what", "authors", "corporate_authors", "full_text"),
        *("abstract", "series", "number", "licence", "limitations", "commissioned_by"),
        "publisher_name",
    )
}


def hide(title: str, **fields) -> Item:
    shared = {"themes": ["Boende"], "readers": ["Personal"], "methods": ["Motiverande samtal"]}
    return make_item(**{"title": f"{title} {RARE}", "year": 1999, **WORDS, **shared} | fields)


class World:
    """A public item among hidden ones, with a hidden file and method of its own."""

    def __init__(self) -> None:
        self.public = make_item(
            title="Öppen rapport",
            themes=["Boende"],
            readers=["Personal"],
            methods=["Motiverande samtal"],
        )
        make_method(f"Metoden {RARE}", visibility=Audience.STAFF)
        self.public.methods.add(Method.objects.get(visibility=Audience.STAFF))
        self.file: ItemFile = make_file(
            self.public,
            f"Bilaga {RARE}",
            RARE.encode(),
            name=f"{RARE}.txt",
            visibility=Audience.STAFF,
        )
        secret = make_organisation(f"Föreningen {RARE}")
        self.staff = hide("För personal", visibility=Audience.STAFF, publisher=secret)
        self.story = hide("Berättelsen", kind=Item.Kind.STORY)
        self.told = self.story.get_absolute_url()
        make_file(self.story, f"Bild {RARE}", RARE.encode())
        self.project = make_project(title="Projektet")
        self.project.reports.add(self.public, self.staff, self.story)
        actions.record_change(item=self.public, by=None, changes={})
        actions.take_back(item=self.story, by=None)
        indexing.index()


@pytest.fixture
def world() -> World:
    return World()


def public_addresses(world: World) -> Iterator[str]:
    yield from ("/", "/metoder/", "/instrument/", "/sitemap-poster.xml", "/sok/?q=rapport")
    yield from (f"/sok/?q={RARE}&visa=slag", f"/sok.json?q={RARE[:5]}", "/sok.json?q=personal")
    yield from ("/metoder/motiverande-samtal/", f"/metoder/metoden-{RARE}/")
    yield world.project.get_absolute_url()
    queries = [
        *("", "?tema=boende", "?lasare=personal", "?fran=1990&till=2000", "?q=personal"),
        *("?publikation=erfarenhet&publikation=utvardering", "?metod=motiverande-samtal"),
        *(f"?sortera={order}" for order in ("nyast", "ar", "namn")),
    ]
    for query in queries:
        yield f"/bibliotek/{query}"
        yield f"/bibliotek/flode.atom{query}"
        for form in FORMS:
            yield f"/bibliotek/export.{form}{query}"
    for item in (world.public, world.staff, world.story):
        yield f"/bibliotek/{item.pk}/"
        for own in (item.get_absolute_url(), f"/bibliotek/{item.pk}/x/"):
            yield own
            for form in ("ris", "bib", "json"):
                yield f"{own}referens.{form}"
        yield f"/bibliotek/{item.pk}/filer/{world.file.pk}/"
    yield world.told


def leaks(client: Client, world: World) -> list[str]:
    found = []
    for address in public_addresses(world):
        response = client.get(address)
        content = everything_in(body(response)).replace(f"q={RARE}", "")
        if "/sok/" in address:  # which repeats what was typed
            content = content.replace(f"”{RARE}”", "").replace(f'value="{RARE}"', "")
            content = content if 'class="row"' in content else ""
        if "/sok.json" in address and content.strip() == "[]":
            continue
        if RARE in str(response.headers) + content:
            found.append(address)
    return found


def test_nothing_of_what_is_hidden_is_at_any_public_address(client, world, unlimited):
    assert leaks(client, world) == []


def test_the_search_for_leaks_finds_them(client, world, unlimited):
    """So that the test above is known to see something: staff do meet what is for staff."""
    client.force_login(make_user())
    found = leaks(client, world)
    seen = ["/", "/bibliotek/", "/bibliotek/flode.atom", "/bibliotek/export.ris"]
    seen += [world.staff.get_absolute_url(), world.public.get_absolute_url()]
    assert [address for address in seen if address not in found] == []
    assert world.told not in found


def test_counts_know_the_public_item_only(client, world):
    markup = page(client, "/bibliotek/")
    assert '<h2 id="antal">1 publikation eller berättelse</h2>' in markup
    assert ('value="erfarenhet"' in markup, "1999" in markup) == (False, False)
    assert len(csv_rows(client.get("/bibliotek/export.csv"))) == 1


def test_what_is_hidden_answers_as_if_it_were_not_there(client, world):
    hidden = world.staff.get_absolute_url()
    addresses = [hidden, f"/bibliotek/{world.staff.pk}/", f"{hidden}referens.ris"]
    addresses.append(world.file.get_absolute_url())
    assert [client.get(address).status_code for address in addresses] == [404] * 4
    assert client.get(world.told).status_code == 410
    # A file belongs to its item alone.
    client.force_login(make_user())
    assert client.get(f"/bibliotek/{world.staff.pk}/filer/{world.file.pk}/").status_code == 404


def test_a_method_is_named_on_an_item_as_soon_as_it_may_be_seen(client, world):
    hidden = Method.objects.get(visibility=Audience.STAFF)
    hidden.visibility = Audience.PUBLIC
    hidden.save()
    actions.tool_changed(tool=hidden)
    assert f"Metoden {RARE}" in page(client, world.public.get_absolute_url())
    assert f'value="{hidden.slug}"' in page(client, "/bibliotek/")


def test_the_sitemap_names_the_public_item_only(client, world):
    markup = page(client, "/sitemap-poster.xml")
    assert markup.count("/bibliotek/") == 1
    assert world.public.get_absolute_url() in markup


@pytest.mark.parametrize("who", ["anonymous", "reader", "member", "curator", "closed"])
def test_who_may_read_what(client, world, who):
    """The access matrix: everybody reads what is open, the signed in what is for staff."""
    organisation = make_organisation("Enheten")
    users = {
        "reader": lambda: make_user("las@example.org"),
        "member": lambda: make_member("med@example.org", organisation, "uppgiftslamnare"),
        "curator": make_curator,
        "closed": lambda: make_user("stangd@example.org", is_active=False),
    }
    if who != "anonymous":
        client.force_login(users[who]())
    staff = 404 if who in {"anonymous", "closed"} else 200
    expected = {
        world.public.get_absolute_url(): 200,
        world.staff.get_absolute_url(): staff,
        f"{world.staff.get_absolute_url()}referens.bib": staff,
        world.file.get_absolute_url(): staff,
        world.told: 410,
    }
    found = {}
    for address in expected:
        response = client.get(address)
        body(response)
        found[address] = response.status_code
    assert found == expected
