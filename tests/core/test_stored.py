"""Stored files that no row names any longer are removed; those that one names stay."""

import datetime

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from core import stored
from inventory.models import Document, DraftFile
from tests.factories import make_document, make_draft, make_draft_file, make_project

STORAGE = storages["default"]


def there(*names: str) -> list[bool]:
    return [STORAGE.exists(name) for name in names]


def later() -> datetime.datetime:
    return timezone.now() + stored.KEEP + datetime.timedelta(hours=1)


def test_the_fields_that_name_files_which_were_sent_in():
    found = {f"{field.model.__name__}.{field.name}" for field in stored.fields()}
    assert found == {
        *("Document.file", "DraftFile.file", "ItemFile.file", "ItemFile.picture"),
        "LongWork.file",
    }


@pytest.mark.django_db
def test_what_no_row_names_is_swept_when_it_is_a_day_old():
    kept, drafted = make_document(make_project()), make_draft_file(make_draft())
    orphans = [
        STORAGE.save(f"{folder}/{timezone.localdate().year}/borta.txt", ContentFile(b"x"))
        for folder in ("projekt", "utkast", "bibliotek", "arbeten")
    ]
    elsewhere = STORAGE.save("annat/2026/annat.txt", ContentFile(b"x"))
    names = (kept.file.name, drafted.file.name, elsewhere)
    assert stored.sweep() == 0
    with time_machine.travel(later()):
        assert stored.sweep() >= 2  # with what other tests have left
        assert stored.sweep() == 0
    assert (there(*orphans), there(*names)) == ([False] * 4, [True] * 3)


@pytest.mark.django_db
def test_a_portal_where_nothing_was_ever_stored(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "tomt")},
        },
    }
    for field in stored.fields():
        assert list(stored._stored(field)) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_let_go_goes_when_the_transaction_ends_and_no_other_row_names_it():
    drafted = make_draft_file(make_draft())
    name = drafted.file.name
    document = Document.objects.create(project=make_project(), title="Samma", file=name)
    with transaction.atomic():
        stored.let_go(drafted.file)
        DraftFile.objects.all().delete()
    assert there(name) == [True]
    with transaction.atomic():
        stored.let_go(document.file)
        document.delete()
        transaction.set_rollback(True)
    assert (there(name), Document.objects.count()) == ([True], 1)
    with transaction.atomic():
        stored.let_go(Document.objects.get().file)
        Document.objects.all().delete()
        assert there(name) == [True]
    assert there(name) == [False]
