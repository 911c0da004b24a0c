"""Every page about drafts is valid HTML, by the Nu Html Checker."""

import json
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone

from inventory.models import Comment, Draft
from inventory.payloads import carried
from inventory.questions import STEPS
from people.models import Membership
from search import indexing
from tests.factories import (
    complete_payload,
    make_district,
    make_draft,
    make_project,
    make_unit,
    make_writer,
)
from tests.people.test_validity import CALM, CHECKER, Walk, java

__all__ = ["java"]

pytestmark = pytest.mark.django_db

ALL = "/inventering/lamna-in/"


def pages(client, tmp_path: Path) -> dict[str, bytes]:
    """Each page, also with errors, titles with signs that must be escaped."""
    unit = make_unit("Träffpunkten", make_district("Farsta"))
    client.force_login(make_writer(unit, Membership.Role.MANAGER, email="chef@example.org"))
    project = make_project(title="Kvällsöppet <b> & stöd", lead=make_district("Bromma"))
    own = make_project(title='Eget "projekt"', lead=unit)
    indexing.index()
    rows = {"measures-0-goal": ["<i>"], "links-0-title": ["&"], "cost_total": ["1e5 kronor"]}
    draft = make_draft(
        unit, payload=complete_payload(title=["<b> & stöd"], need=[]) | rows, choice=""
    )
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
    wrong = {"start_date": "1800", "bas": carried(draft.payload, ["start_date"])}
    walk.keep("steg-fel", client.post(f"{at}vad/", wrong))
    sent = {"title": "Mitt <i>", "themes": ["1"], "tvist": "title"}
    conflict = client.post(f"{at}vad/", sent)
    assert conflict.status_code == 409
    walk.pages["tvist"] = conflict.content
    Draft.objects.filter(pk=draft.pk).update(state="atersant", submitted_at=timezone.now())
    walk.keep("atersant", client.get(at))
    walk.keep("kommentar-fel", client.post(f"{at}kommentar/{said.pk}/", {}))
    Draft.objects.filter(pk=draft.pk).update(state="hos-chefen")
    walk.keep("hos-chefen", client.get(at))
    assert project.title in walk.pages["finns"].decode().replace("&lt;", "<").replace("&amp;", "&")
    return walk.pages


def test_every_page_is_valid(client, tmp_path, java):
    for name, content in pages(client, tmp_path).items():
        (tmp_path / f"{name}.html").write_bytes(content)
    checked = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", "--skip-non-html", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    found = [
        f"{Path(each.get('url', '')).name}: {each['message']} {each.get('extract', '')}"
        for each in json.loads(checked.stderr)["messages"]
        if each["message"] != CALM
    ]
    assert found == []
