"""Who covers whom: units and predecessors, through every merger."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from people.actions import lineage, organisation_changed, rebuild_lineage
from people.models import Lineage, Organisation, Succession
from search import indexing
from search.models import FacetLabel
from tests.factories import (
    make_district,
    make_organisation,
    make_project,
    make_succession,
    make_unit,
)
from tests.reading import titles

pytestmark = pytest.mark.django_db


def covered_by(organisation: Organisation) -> set[str]:
    """Names of all that an organisation covers."""
    return set(
        Lineage.objects.filter(ancestor=organisation).values_list("descendant__name", flat=True)
    )


@pytest.fixture
def mergers() -> dict[str, Organisation]:
    """2007: Hägersten and Liljeholmen became one; 2020: that and Älvsjö became one."""
    names = ("Hägersten", "Liljeholmen", "Hägersten-Liljeholmen", "Älvsjö", "Hägersten-Älvsjö")
    made = {name: make_district(name) for name in names}
    for old, new, year in [
        ("Hägersten", "Hägersten-Liljeholmen", 2007),
        ("Liljeholmen", "Hägersten-Liljeholmen", 2007),
        ("Hägersten-Liljeholmen", "Hägersten-Älvsjö", 2020),
        ("Älvsjö", "Hägersten-Älvsjö", 2020),
    ]:
        make_succession(made[old], made[new], datetime.date(year, 1, 1))
    return made


def test_each_covers_itself_and_all_that_went_into_it(mergers):
    assert {name: covered_by(row) for name, row in mergers.items()} == {
        "Hägersten": {"Hägersten"},
        "Liljeholmen": {"Liljeholmen"},
        "Älvsjö": {"Älvsjö"},
        "Hägersten-Liljeholmen": {"Hägersten-Liljeholmen", "Hägersten", "Liljeholmen"},
        "Hägersten-Älvsjö": set(mergers),
    }


def test_the_units_of_a_predecessor_are_covered_as_well(mergers):
    unit = make_unit("Träffpunkten", make_unit("Socialpsykiatrin", mergers["Hägersten"]))
    covering = Lineage.objects.filter(descendant=unit).values_list("ancestor__name", flat=True)
    assert set(covering) == {
        *("Träffpunkten", "Socialpsykiatrin", "Hägersten"),
        *("Hägersten-Liljeholmen", "Hägersten-Älvsjö"),
    }


def test_a_successor_of_a_unit_covers_it_across_districts():
    old = make_unit("Enhet A", make_district("Bromma"))
    new = make_unit("Enhet B", make_district("Farsta"))
    make_succession(old, new)
    assert covered_by(make_district("Farsta")) == {"Farsta", "Enhet A", "Enhet B"}


def test_circles_end():
    one, two, three = (make_district(name) for name in ("A", "B", "C"))
    make_succession(one, two)
    make_succession(two, three)
    make_succession(three, one)
    one.parent = two
    one.save()
    rebuild_lineage()
    assert [covered_by(row) for row in (one, two, three)] == [{"A", "B", "C"}] * 3


def test_rebuilding_writes_what_is_true_and_nothing_twice(mergers):
    before = set(Lineage.objects.values_list("pk", flat=True))
    rebuild_lineage()
    assert set(Lineage.objects.values_list("pk", flat=True)) == before
    assert set(Lineage.objects.values_list("ancestor_id", "descendant_id")) == lineage()


def test_a_succession_that_was_a_mistake_can_be_taken_back(client, mergers):
    make_project(title="Älvsjös", lead=mergers["Älvsjö"])
    assert titles(client, "?stadsdel=hagersten-alvsjo") == ["Älvsjös"]

    Succession.objects.filter(predecessor=mergers["Älvsjö"]).delete()
    rebuild_lineage()

    assert titles(client, "?stadsdel=hagersten-alvsjo") == []
    assert titles(client, "?stadsdel=alvsjo") == ["Älvsjös"]


def test_projects_follow_a_unit_that_moves(client):
    bromma, farsta = make_district("Bromma"), make_district("Farsta")
    unit = make_unit("Träffpunkten", bromma)
    make_project(title="Träffen", lead=unit)

    unit.parent = farsta
    unit.save()
    organisation_changed(organisation=unit)

    assert (titles(client, "?stadsdel=bromma"), titles(client, "?stadsdel=farsta")) == (
        [],
        ["Träffen"],
    )


def test_projects_follow_the_unit_of_a_unit_into_its_first_district(client):
    section = make_organisation("Sektionen", kind=Organisation.Kind.UNIT)
    make_project(title="Träffen", lead=make_unit("Träffpunkten", section))
    assert titles(client) == ["Träffen"]

    section.parent = make_district("Farsta")
    section.save()
    organisation_changed(organisation=section)

    assert titles(client, "?stadsdel=farsta") == ["Träffen"]


def test_lists_and_filters_follow_a_district_that_changes_name_and_address(client):
    district = make_district("Farsta")
    make_project(title="Stöd", lead=district)
    assert titles(client, "?stadsdel=farsta") == ["Stöd"]

    district.name, district.slug = "Södra Farsta", "sodra-farsta"
    district.save()
    organisation_changed(organisation=district, old_slug="farsta")

    indexing.index()
    assert titles(client, "?stadsdel=sodra-farsta&q=s%C3%B6dra") == ["Stöd"]
    assert client.get("/inventering/?stadsdel=farsta").status_code == 400
    labels = FacetLabel.objects.filter(facet="stadsdel").values_list("value", "label")
    assert list(labels) == [("sodra-farsta", "Södra Farsta")]


def test_only_districts_are_values_of_the_filter():
    make_unit("Träffpunkten", make_district("Bromma"))
    labels = FacetLabel.objects.filter(facet="stadsdel").values_list("label", flat=True)
    assert list(labels) == ["Bromma"]


# --- Constraints --------------------------------------------------------------------------------


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


def test_an_organisation_is_not_its_own_parent():
    district = make_district()
    with refused("organisation_not_own_parent"):
        Organisation.objects.filter(pk=district.pk).update(parent=district)


@pytest.mark.parametrize("end", [datetime.date(2006, 12, 31), datetime.date(2007, 1, 1)])
def test_an_organisation_ends_after_it_began(end):
    with refused("organisation_ends_after_start"):
        make_district(valid_from=datetime.date(2007, 1, 1), valid_to=end)


def test_an_organisation_may_lack_a_beginning_or_an_end():
    make_district("Äldst", valid_to=datetime.date(2007, 1, 1))
    make_district("Nyast", valid_from=datetime.date(2007, 1, 1))
    assert Organisation.objects.count() == 2


def test_an_address_name_is_one_organisations():
    make_district("Bromma")
    with pytest.raises(IntegrityError):
        Organisation.objects.create(name="Annat", slug="bromma", kind="ovrig")


def test_nothing_succeeds_itself_and_nobody_succeeds_twice():
    old, new = make_district("Kista"), make_district("Järva")
    day = datetime.date(2007, 1, 1)
    with refused("succession_not_to_itself"), transaction.atomic():
        Succession.objects.create(predecessor=old, successor=old, date=day)
    make_succession(old, new, day)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_succession(old, new, day)


def test_a_parent_with_units_is_not_deleted():
    district = make_district()
    make_unit("Träffpunkten", district)
    with pytest.raises(IntegrityError):
        district.delete()
