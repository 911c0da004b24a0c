"""Stored files and the rows that name them: what no row names any longer is removed.

A file is named by a row of its own, or by several: one that was published stays while the draft
that brought it is kept. So is a picture that was made of a file.
"""

import datetime
import logging
from collections.abc import Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from core.uploads import RandomName

log = logging.getLogger(__name__)

# What is younger can belong to a transaction that has not ended.
KEEP = datetime.timedelta(days=1)


def fields() -> list[FileField]:
    """The fields of all models that name files under names that nobody guesses."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, FileField) and isinstance(field.upload_to, RandomName)
    ]


def named(beginning: str) -> set[str]:
    """The stored names that rows have, of those that begin so."""
    found: set[str] = set()
    for field in fields():
        rows = field.model._default_manager.filter(**{f"{field.name}__startswith": beginning})
        found |= set(rows.order_by().values_list(field.name, flat=True))
    return found


def let_go(file: FieldFile) -> None:
    """Remove a file once the transaction has ended in which its row went, if no row names it.

    Where that fails, or the process ends before, `sweep` removes it the night after.
    """
    name, storage = file.name or "", file.storage
    if name:
        transaction.on_commit(
            lambda: None if name in named(name) else storage.delete(name), robust=True
        )


def sweep() -> int:
    """Remove stored files that no row names and that are older than a day; returns how many.

    What is left behind: by a transaction that was rolled back, a process that was killed, a file
    that was replaced by another.
    """
    count = 0
    before = timezone.now() - KEEP
    for field in fields():
        storage = field.storage
        for folder, names in _stored(field):
            for name in sorted(names - named(f"{folder}/")):
                if storage.get_modified_time(name) < before:
                    storage.delete(name)
                    count += 1
    if count:
        log.info("%s stored files that no row names were removed", count)
    return count


def _stored(field: FileField) -> Iterator[tuple[str, set[str]]]:
    """The folders of a field's files, a year each, and the names of what is stored there."""
    top = field.upload_to.folder  # type: ignore[union-attr]
    try:
        years, _ = field.storage.listdir(top)
    except FileNotFoundError:
        return  # nothing was ever stored
    for year in years:
        folder = f"{top}/{year}"
        yield folder, {f"{folder}/{name}" for name in field.storage.listdir(folder)[1]}
