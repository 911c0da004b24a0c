"""The pages of what visitors send in are valid HTML: empty, filled in, wrong, decided."""

import json
import subprocess

import pytest
from django.test import Client

from library import actions
from library.voice_panels import voice_address
from tests.factories import make_curator, make_district
from tests.ksi.test_validity import CALM, CHECKER, java  # noqa: F401 - a fixture
from tests.library_factories import (
    make_accepted_voice,
    make_gap,
    make_item,
    make_story,
    make_voice,
    moderator,
    publish_story,
)
from tests.reading import body

pytestmark = pytest.mark.django_db

ODD = 'Text med "citat" & <tecken>.'
DESK = "/redaktion/roster"


def pages() -> dict[str, bytes]:
    """Every page type, as visitors, tellers and curators meet it."""
    visitor, desk = Client(), Client()
    desk.force_login(make_curator())
    found = {"luckor-tom": visitor.get("/kunskapsluckor/"), "bord-tomt": desk.get(f"{DESK}/")}
    make_district("Farsta")
    item = make_item(title=ODD)
    found["post-tom"] = visitor.get(item.get_absolute_url())
    voice = make_voice(item, text=ODD, role="arbetar")
    make_accepted_voice(item, text=ODD)
    story = make_story(title=ODD, text=ODD, learning=ODD, signature="A & B", email="a@example.org")
    actions.ask_teller(offer=story, text=ODD, key="f", by=moderator())
    declined, gone, published = make_story(), make_story(), make_story()
    actions.decline_story(offer=declined, reason=ODD, by=moderator())
    actions.take_back_story(offer=gone)
    publish_story(published)
    gap, answered = make_gap(title=ODD, themes=["Boende"]), make_gap(title="Vet vi?")
    waiting = make_gap(title=f"{ODD}?", proposed=True)
    actions.answer_gap(gap=answered, text=ODD, item=item, by=moderator())
    form, mine = voice_address(item), "/beratta/min/{}/".format
    wrong = {"text": '19811218-9876 "<b>&', "title": "<" * 300, "email": '"<', "consent": ""}
    found |= {
        "post": visitor.get(item.get_absolute_url()),
        "svara": visitor.get(form),
        "svara-fel": visitor.post(form, wrong),
        "svara-tack": visitor.get(f"{form}tack/"),
        "beratta": visitor.get("/beratta/"),
        "beratta-fel": visitor.post("/beratta/", wrong),
        "min": visitor.get(mine(story.token)),
        "min-fel": visitor.post(f"{mine(story.token)}svar/{story.questions.get().pk}/", wrong),
        "min-avbojd": visitor.get(mine(declined.token)),
        "min-borta": visitor.get(mine(gone.token)),
        "min-publicerad": visitor.get(mine(published.token)),
        "min-ta-tillbaka": visitor.get(f"{mine(published.token)}ta-tillbaka/"),
        "luckor": visitor.get("/kunskapsluckor/?tema=boende"),
        "luckor-fel": visitor.get('/kunskapsluckor/?tema=<x>&lage="&sortera=x'),
        "lucka": visitor.get(gap.get_absolute_url()),
        "lucka-besvarad": visitor.get(answered.get_absolute_url()),
        "lucka-ny": visitor.get("/kunskapsluckor/foresla/"),
        "lucka-fel": visitor.post("/kunskapsluckor/foresla/", wrong),
        "lucka-tack": visitor.get("/kunskapsluckor/foresla/tack/"),
        "lucka-stod": visitor.get(f"{gap.get_absolute_url()}stod/"),
        "lucka-stott": visitor.post(f"{gap.get_absolute_url()}stod/"),
        "bord": desk.get(f"{DESK}/"),
        "bord-godtagna": desk.get(f"{DESK}/?visa=godtagna"),
        "bord-rost": desk.get(f"{DESK}/rost/{voice.pk}/"),
        "bord-rost-fel": desk.post(f"{DESK}/rost/{voice.pk}/avboj/"),
        "bord-berattelse": desk.get(f"{DESK}/berattelse/{story.pk}/"),
        "bord-berattelse-fel": desk.post(f"{DESK}/berattelse/{story.pk}/fraga/"),
        "bord-berattelse-borta": desk.get(f"{DESK}/berattelse/{gone.pk}/"),
        "bord-lucka": desk.get(f"{DESK}/lucka/{waiting.pk}/"),
        "bord-lucka-fel": desk.post(f"{DESK}/lucka/{waiting.pk}/publicera/", wrong),
        "bord-lucka-oppen": desk.get(f"{DESK}/lucka/{gap.pk}/"),
    }
    return {name: body(answer) for name, answer in found.items()}


def test_every_page_is_valid_html(java, tmp_path):  # noqa: F811
    made = pages()
    for name, content in made.items():
        assert content.startswith(b"<!DOCTYPE html>"), name
        (tmp_path / f"{name}.html").write_bytes(content)
    checked = subprocess.run(
        [java, "-Xss1024k", "-jar", CHECKER, "--format", "json", "--stdout", tmp_path],
        capture_output=True,
        check=False,
        text=True,
    )
    rows = json.loads(checked.stdout)["messages"]
    told = {(row["message"], row["url"].rpartition("/")[2]) for row in rows}
    assert {each for each in told if not each[0].startswith(CALM)} == set()
