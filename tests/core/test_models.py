"""The edition and the history."""

import pytest
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from core.models import AuditEntry, Edition
from inventory import actions
from tests.factories import make_curator, make_district, make_project


@pytest.mark.django_db
def test_the_first_edition_is_nought_and_each_publication_raises_it_by_one():
    with transaction.atomic():
        numbers = [Edition.current(), Edition.raise_number(), Edition.raise_number()]
    assert numbers == [0, 1, 2]
    assert Edition.current() == 2


@pytest.mark.django_db(transaction=True)
def test_the_edition_cannot_be_raised_outside_a_transaction():
    with pytest.raises(TransactionManagementError):
        Edition.raise_number()
    assert Edition.current() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_does_not_raise_the_edition():
    with transaction.atomic():
        Edition.raise_number()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Edition.raise_number() / 0

    assert Edition.current() == 1


@pytest.mark.django_db
def test_there_is_one_edition_only():
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(pk=2, number=7)


@pytest.mark.django_db
def test_the_history_tells_who_did_what_to_which_when_and_why():
    curator = make_curator()
    project = make_project(title="Boendestöd")

    actions.withdraw(project=project, reason="Dubblett.", by=curator)

    entry, first = AuditEntry.about(project)
    assert (entry.verb, entry.object_label, entry.from_state, entry.to_state) == (
        "avpublicerad",
        "Boendestöd",
        "publicerad",
        "avpublicerad",
    )
    assert (entry.reason, entry.by, first.verb) == ("Dubblett.", curator, "publicerad")


@pytest.mark.django_db
def test_the_history_of_one_thing_is_not_that_of_another_with_the_same_number():
    district, curator = make_district(), make_curator()
    AuditEntry.record("ändrad", district, by=curator)
    project = make_project(pk=district.pk)
    assert [entry.verb for entry in AuditEntry.about(project)] == ["publicerad"]


@pytest.mark.django_db
def test_the_history_keeps_changes_but_never_what_points_at_a_person():
    project = make_project()
    actions.record_change(
        project=project,
        by=make_curator(),
        changes={
            "title": ("Gammalt", "Nytt"),
            "contact_phone": ("08-123", "08-456"),
            "contact_email": ("anna@example.org", "bo@example.org"),
            "contact_function": ("Anna", "Bo"),
        },
    )
    assert AuditEntry.about(project)[0].changes == {
        "title": ["Gammalt", "Nytt"],
        "contact_phone": None,
        "contact_email": None,
        "contact_function": None,
    }


@pytest.mark.django_db
def test_the_history_stands_when_an_account_is_erased():
    curator = make_curator()
    project = make_project()
    actions.confirm(project=project, by=curator)

    curator.delete()

    entry = AuditEntry.about(project)[0]
    assert (entry.verb, entry.by) == ("bekräftad", None)


@pytest.mark.django_db
def test_a_long_name_fits_in_the_history():
    project = make_project(title="å" * 200)
    assert AuditEntry.about(project)[0].object_label == "å" * 200
