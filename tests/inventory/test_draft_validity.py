"""Every page about drafts is valid HTML, by the Nu Html Checker."""

import json
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from inventory import actions
from inventory.models import Comment, Draft
from inventory.questions import STEPS
from people.models import Membership
from search import indexing
from tests.factories import (
    begin_draft,
    complete_payload,
    make_district,
    make_document,
    make_draft,
    make_draft_file,
    make_project,
    make_unit,
    make_writer,
)
from tests.people.test_validity import CALM, CHECKER, Walk, java

__all__ = ["java"]

pytestmark = pytest.mark.django_db

ALL = "/inventering/lamna-in/"


def pages(client) -> dict[str, bytes]:
    """Each page, also with errors, titles with signs that must be escaped."""
    unit = make_unit("Träffpunkten", make_district("Farsta"))
    chief = make_writer(unit, Membership.Role.MANAGER, email="chef@example.org")
    client.force_login(chief)
    project = make_project(title="Nattcafé <b> & stöd", lead=make_district("Bromma"))
    own = make_project(title='Eget "projekt"', lead=unit)
    for number in range(3):
        make_project(title=f"Odling {number}", plain_summary="Odling.", activities="Odling.")
    indexing.index()
    rows = {"measures-0-goal": ["<i>"], "links-0-title": ["&"], "cost_total": ["1e5 kronor"]}
    payload = complete_payload(title=["Nattcafé <b> & stöd"], need=[]) | rows
    draft = make_draft(unit, payload=payload, choice="")
    said = Comment.objects.create(draft=draft, question="need", text="<p>", key="k")
    at, walk = f"{ALL}{draft.pk}/", Walk()
    for name, address in {
        **{"lista": ALL, "ny": f"{ALL}ny/", "ordning": f"{ALL}enhet/{unit.slug}/", "utkast": at},
        **{"saknas": f"{at}?saknas=1", "finns": f"{at}finns-redan/", "kasta": f"{at}kasta/"},
        **{step.key: f"{at}{step.key}/?saknas=1" for step in STEPS},
        **{"andra": f"{own.get_absolute_url()}andra/", "mina": "/mina-sidor/"},
    }.items():
        walk.keep(name, client.get(address))
    walk.keep("ny-fel", client.post(f"{ALL}ny/", {}))
    walk.keep("finns-fel", client.post(f"{at}finns-redan/", {"choice": "anpassar"}))
    walk.keep("steg-fel", client.post(f"{at}resultat/", {"advice": "x"}))
    file = make_draft_file(draft, 'Rapport <b> & "bilaga"')
    make_document(own, "Gammal <i>")
    revision = begin_draft(project=own)
    actions.drop_document(draft=revision, document=make_document(own), drop=True, by=chief)
    walk.keep("filer", client.get(f"{at}filer/"))
    walk.keep("filer-fel", client.post(f"{at}filer/", {"title": "<i>"}))
    walk.keep("fil-andra", client.get(f"{at}filer/{file.pk}/andra/"))
    walk.keep("fil-ta-bort", client.get(f"{at}filer/{file.pk}/ta-bort/"))
    walk.keep("filer-andring", client.get(f"{ALL}{revision.pk}/filer/"))
    Draft.objects.filter(pk=revision.pk).update(state="hos-chefen")
    walk.keep("filer-lasta", client.get(f"{ALL}{revision.pk}/"))
    sent = {"title": "Mitt <i>", "themes": ["1"], "tvist": "title"}
    conflict = client.post(f"{at}vad/", sent)
    assert conflict.status_code == 409
    walk.pages["tvist"] = conflict.content
    out = Client().post(f"{at}for-vem/", {"need": "<b> & " * 60_000, "themes": ["1", "2"]})
    assert out.status_code == 413
    walk.pages["utloggad"] = out.content
    Draft.objects.filter(pk=draft.pk).update(state="atersant", submitted_at=timezone.now())
    walk.keep("atersant", client.get(at))
    walk.keep("kommentar-fel", client.post(f"{at}kommentar/{said.pk}/", {}))
    Draft.objects.filter(pk=draft.pk).update(state="hos-chefen")
    walk.keep("hos-chefen", client.get(at))
    assert escape(project.title) in walk.pages["finns"].decode()
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
