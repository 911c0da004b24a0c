"""Every page about the library's drafts is valid HTML, by the Nu Html Checker."""

import json
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from library.models import Item
from tests import files
from tests.core.test_tasks import work_off
from tests.factories import make_curator
from tests.library_factories import make_item, make_library_draft, make_method, make_revision
from tests.people.test_validity import CALM, CHECKER, Walk, java

__all__ = ["java"]

pytestmark = pytest.mark.django_db

DESK = "/redaktion/bibliotek/"


def pages(client: Client) -> dict[str, bytes]:
    """Each page, also with errors, titles with signs that must be escaped."""
    client.force_login(make_curator())
    draft = make_library_draft(title=["Nattcafé <b> & stöd"], year=["i fjol"], isbn=["<i>"])
    method, instrument = make_library_draft("metod", how=[]), make_library_draft("instrument")
    item = make_item(title='Egen "post"', plain_summary="Kort & lätt.")
    revision = make_revision(item)
    Item.objects.filter(pk=item.pk).update(so_what="Andras <svar>.")
    revision.payload["so_what"] = ["Mitt <svar>."]
    revision.save()
    report = SimpleUploadedFile("rapport.pdf", files.pdf_of("Sida"))
    sent = {"title": "Rapport <x>", "visibility": "alla", "accessible": "ja", "file": report}
    client.post(f"{DESK}{draft.pk}/filer/", sent)
    work_off()
    file = draft.files.get()
    discarded = make_library_draft(title=["Kastat"])
    client.post(f"{DESK}{discarded.pk}/kasta/")
    at, walk = f"{DESK}{draft.pk}/", Walk()
    for name, address in {
        **{"lista": DESK, "ny": f"{DESK}ny/", "att-gora": f"{DESK}att-gora/"},
        **{"import": f"{DESK}import/", "andra": f"{DESK}andra/metod/{make_method().pk}/"},
        **{"post": f"{at}?saknas=1", "metod": f"{DESK}{method.pk}/?saknas=1"},
        **{"instrument": f"{DESK}{instrument.pk}/", "kastat": f"{DESK}{discarded.pk}/"},
        **{"filer": f"{at}filer/", "fil": f"{at}filer/{file.pk}/andra/", "kasta": f"{at}kasta/"},
        **{"publicera": f"{at}publicera/", "tvist": f"{DESK}{revision.pk}/publicera/"},
        **{f"visa-{each.pk}": f"{DESK}{each.pk}/forhandsvisning/" for each in (draft, method)},
    }.items():
        walk.keep(name, client.get(address))
    walk.keep("ny-fel", client.post(f"{DESK}ny/", {}))
    walk.keep("filer-fel", client.post(f"{at}filer/", {"title": ""}))
    walk.keep("import-fel", client.post(f"{DESK}import/", {"text": "x"}))
    walk.keep("publicera-fel", client.post(f"{DESK}{revision.pk}/publicera/", {}))
    listed = '@book{a, title={Egen "post"}, year={2024}}\n@book{b, title={Ny <b>}, isbn={1}}'
    walk.keep("lasta", client.post(f"{DESK}import/", {"text": listed}))
    conflict = client.post(at, {"title": "Mitt <i>", "tvist": "title"})
    assert conflict.status_code == 409
    walk.pages["tva"] = conflict.content
    return walk.pages


def test_every_page_is_valid(client, tmp_path, java):
    for name, content in pages(client).items():
        (tmp_path / f"{name}.html").write_bytes(content)
    done = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", "--stdout", *tmp_path.glob("*.html")],
        capture_output=True,
        text=True,
    )
    told = [
        f"{Path(one['url']).stem}: {one['message']} ({one.get('extract', '')!r})"
        for one in json.loads(done.stdout)["messages"]
        if not one["message"].startswith(CALM)
    ]
    assert told == []
