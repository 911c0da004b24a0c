"""A method or instrument for staff, and a project that others may not see, are nowhere else."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from inventory import actions as inventory
from inventory.models import Project
from library import actions
from library.models import Instrument, Item, Method
from people.models import Organisation
from search import indexing
from search.models import Audience
from tests.factories import make_curator, make_district, make_instrument, make_project, make_user
from tests.library_factories import make_item, make_method
from tests.reading import body, everything_in, page, text_of

pytestmark = pytest.mark.django_db

RARE = "kvastskaft"
MI = "/metoder/motiverande-samtal/"


class World:
    """An open method beside one for staff, in projects of every kind."""

    def __init__(self) -> None:
        self.district: Organisation = make_district("Bromma")
        staff = {"visibility": Audience.STAFF}
        texts = dict.fromkeys(
            ("purpose", "how", "target_group", "training", "research_says", "plain_summary"), RARE
        )
        self.open: Method = make_method()
        self.method: Method = make_method(f"Metod {RARE}", **staff | texts)
        self.instrument: Instrument = make_instrument(f"Skala {RARE}")
        Instrument.objects.filter(pk=self.instrument.pk).update(**staff, measures_what=RARE)
        self.instrument.refresh_from_db()
        actions.tool_changed(tool=self.instrument)
        self.seen_instrument = make_instrument("Kasam")
        self.open.instruments.set([self.instrument, self.seen_instrument])
        self.seen_instrument.similar.add(self.instrument)
        self.method.instruments.add(self.seen_instrument)
        names = [self.open.name, self.method.name]
        self.project: Project = make_project(
            title="Öppet", methods=names, instruments=[self.instrument], lead=self.district
        )
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        secret = {
            "contact_function": RARE,
            "need": RARE,
            "methods": names,
            "start_date": "1999",
            "lead": make_district("Farsta"),
        }
        self.hidden = [
            make_project(title=f"Personal {RARE}", **secret, **staff),
            make_project(title=f"Kommande {RARE}", **secret, embargo_until=tomorrow),
            make_project(title=f"Borttaget {RARE}", **secret),
        ]
        inventory.withdraw(project=self.hidden[2], reason="Dubblett.", by=make_curator())
        self.item: Item = make_item(
            title="Öppen rapport", methods=names, instruments=[self.instrument]
        )
        make_item(title=f"Rapport {RARE}", methods=names, **staff)
        for tool in (self.open, self.method, self.instrument, self.seen_instrument):
            actions.tool_changed(tool=tool)
        indexing.index()


@pytest.fixture
def world() -> World:
    return World()


def addresses(world: World) -> list[str]:
    """Wherever methods, instruments and their projects are told of."""
    return [
        "/metoder/",
        "/metoder/?q=personal",
        "/metoder/karta/",
        MI,
        f"{MI}apt.pdf",
        world.method.get_absolute_url(),
        f"{world.method.get_absolute_url()}apt.pdf",
        "/instrument/",
        "/instrument/kasam/",
        world.instrument.get_absolute_url(),
        world.project.get_absolute_url(),
        f"{world.project.get_absolute_url()}faktablad.pdf",
        world.item.get_absolute_url(),
        "/",
        "/inventering/",
        "/inventering/oversikt/",
        f"/inventering/jamfor/?id={world.project.public_id}",
        "/inventering/export.csv",
        "/inventering/export.json",
        "/inventering/export.xlsx",
        "/stadsdelar/bromma/",
        "/sok/?q=metod",
        "/sok/?q=skala",
        "/sok.json?q=metod",
        "/bibliotek/",
    ]


def leaks(client: Client, world: World) -> list[str]:
    """The addresses that answer the rare word."""
    return [
        address for address in addresses(world) if RARE in everything_in(body(client.get(address)))
    ]


def test_nothing_of_what_is_hidden_is_told_anybody(client, world, unlimited):
    assert leaks(client, world) == []


def test_words_of_what_is_hidden_find_nothing(client, world):
    for path in ("/metoder/", "/instrument/"):
        assert "Inga träffar" in text_of(page(client, f"{path}?q={RARE}"))


def test_the_search_for_leaks_finds_them(client, world, unlimited):
    client.force_login(make_user())
    found = leaks(client, world)
    for address in (
        "/metoder/",
        MI,
        "/instrument/kasam/",
        world.method.get_absolute_url(),
        f"{world.method.get_absolute_url()}apt.pdf",
        world.instrument.get_absolute_url(),
    ):
        assert address in found


def test_the_map_and_the_counts_know_the_open_project_only(client, world):
    text = text_of(page(client, "/metoder/karta/"))
    assert f"Metod {RARE}" not in text
    assert "Motiverande samtal 1 rapporterad i hela staden, varav 1 pågår." in text
    told = "Används i 1 projekt eller verksamhet i 1 stadsdelsområde"
    assert told in text_of(page(client, "/metoder/"))
    panel = page(client, MI).split('id="anvands"')[1].split("</section>")[0]
    assert text_of(panel).count("Skriv till dem") == 1
    assert "1999" not in panel
    assert "Farsta" not in panel


def test_what_is_hidden_answers_as_if_it_were_not_there(client, world, unlimited):
    hidden = [
        world.method.get_absolute_url(),
        f"{world.method.get_absolute_url()}apt.pdf",
        world.instrument.get_absolute_url(),
        "/metoder/finns-inte/",
        "/metoder/finns-inte/apt.pdf",
        "/instrument/finns-inte/",
    ]
    assert [client.get(address).status_code for address in hidden] == [404] * 6
    client.force_login(make_user())
    assert [client.get(address).status_code for address in hidden] == [200] * 3 + [404] * 3


def test_a_district_narrows_the_search_by_what_everybody_may_know(client, world):
    """That a project for staff uses the method tells nobody where."""
    found = page(client, "/sok/?q=motiverande&stadsdel=farsta")
    assert MI not in found
    assert MI in page(client, "/sok/?q=motiverande&stadsdel=bromma")


def test_what_becomes_open_is_named_at_once_and_what_becomes_internal_no_longer(client, world):
    address = world.project.get_absolute_url()
    world.method.visibility = Audience.PUBLIC
    world.method.save()
    actions.tool_changed(tool=world.method)
    assert f'href="{world.method.get_absolute_url()}"' in page(client, address)
    world.method.visibility = Audience.STAFF
    world.method.save()
    actions.tool_changed(tool=world.method)
    assert RARE not in page(client, address)
