"""Who reaches which page of a draft: its unit, curators once it was handed in, nobody else."""

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import Comment, Draft
from people import roles
from people.models import User
from tests.factories import make_curator, make_district, make_draft, make_project, make_unit
from tests.people.test_roles import somebody

pytestmark = pytest.mark.django_db

READERS = {roles.Reporter, roles.UnitManager}
REVIEWERS = {roles.Curator, roles.Administrator}
# What can be asked for of a draft: method, the rest of the address, what is sent.
ASKED = {
    "draft": ("get", ""),
    "step": ("get", "vad/"),
    "alike": ("get", "finns-redan/"),
    "discard": ("get", "kasta/"),
    "comment": ("get", "kommentar/{comment}/"),
    "write": ("post", "vad/"),
    "choose": ("post", "finns-redan/"),
    "answer": ("post", "kommentar/{comment}/"),
    "submit": ("post", "lamna-in/"),
    "take back": ("post", "ta-tillbaka/"),
    "throw": ("post", "kasta/"),
}


@pytest.fixture
def unit():
    return make_unit("Träffpunkten", make_district("Farsta"))


def browser_of(role, organisation) -> tuple[Client, User | None]:
    client, user = Client(), somebody(role, organisation)
    if user:
        client.force_login(user)
    return client, user


def asked(client: Client, draft: Draft, comment: Comment) -> dict[str, int]:
    """Every page's status, each asked of the draft as it is now."""
    before = {"state": draft.state, "submitted_at": draft.submitted_at, "payload": draft.payload}
    found = {}
    for name, (method, rest) in ASKED.items():
        address = f"/inventering/lamna-in/{draft.pk}/{rest.format(comment=comment.pk)}"
        found[name] = getattr(client, method)(address, {"title": "Nytt"}).status_code
        Draft.objects.filter(pk=draft.pk).update(**before)
    return found


def draft_in(unit, state: str) -> tuple[Draft, Comment]:
    draft = make_draft(unit, state=state)
    said = Comment.objects.create(draft=draft, text="Hej.", written_by=make_curator(), key="k")
    return draft, said


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_what_is_being_written_only_its_unit_sees(role, unit):
    draft, comment = draft_in(unit, "utkast")
    client, user = browser_of(role, unit)
    found = asked(client, draft, comment)
    if user is None:
        assert set(found.values()) == {302}
    elif role in READERS:
        assert found == {
            **{"draft": 200, "step": 200, "alike": 200, "discard": 200, "comment": 404},
            **{"write": 409, "choose": 422, "answer": 404, "submit": 302, "take back": 302},
            "throw": 302,
        }
    else:
        assert set(found.values()) == {404}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_what_was_handed_in_curators_see_and_correct(role, unit):
    draft, comment = draft_in(unit, "inlamnat")
    client, user = browser_of(role, unit)
    found = asked(client, draft, comment)
    if user is None:
        assert set(found.values()) == {302}
    elif role in READERS:
        assert found == {
            **{"draft": 200, "step": 302, "alike": 200, "discard": 302, "comment": 404},
            **{"write": 409, "choose": 409, "answer": 404, "submit": 302, "take back": 302},
            "throw": 302,
        }
    elif role in REVIEWERS:
        assert found == {
            **{"draft": 200, "step": 200, "alike": 403, "discard": 403, "comment": 403},
            **{"write": 409, "choose": 403, "answer": 403, "submit": 403, "take back": 403},
            "throw": 403,
        }
    else:
        assert set(found.values()) == {404}


@pytest.mark.parametrize("state", ["utkast", "inlamnat", "atersant"])
@pytest.mark.parametrize("role", sorted(READERS, key=lambda role: role.key))
def test_another_unit_sees_nothing(role, state, unit):
    draft, comment = draft_in(unit, state)
    client, _ = browser_of(role, make_unit("Köket", make_district("Bromma")))
    assert set(asked(client, draft, comment).values()) == {404}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_pages_that_are_of_no_draft(role, unit):
    project = make_project(lead=unit)
    client, user = browser_of(role, unit)
    addresses = ("/inventering/lamna-in/", "/inventering/lamna-in/ny/")
    rule, revise = (
        f"/inventering/lamna-in/enhet/{unit.slug}/",
        f"{project.get_absolute_url()}andra/",
    )
    found = [client.get(each).status_code for each in (*addresses, rule, revise)]
    if user is None:
        assert found == [302] * 4
    elif role is roles.UnitManager:
        assert found == [200] * 4
    elif role is roles.Reporter:
        assert found == [200, 200, 404, 200]
    else:
        assert found == [200, 403, 404, 404]
    assert client.post(revise).status_code == (302 if role in READERS or not user else 404)


def test_a_comment_of_another_draft_is_a_404(unit):
    draft, _ = draft_in(unit, "atersant")
    other = make_draft(unit, state="atersant")
    client, _ = browser_of(roles.Reporter, unit)
    said = Comment.objects.get(draft=draft)
    assert client.get(f"/inventering/lamna-in/{draft.pk}/kommentar/{said.pk}/").status_code == 200
    assert client.get(f"/inventering/lamna-in/{other.pk}/kommentar/{said.pk}/").status_code == 404


def test_reading_changes_nothing(unit):
    draft, comment = draft_in(unit, "atersant")
    before = Draft.objects.values().get(pk=draft.pk)
    client, _ = browser_of(roles.UnitManager, unit)
    for method, rest in ASKED.values():
        if method == "get":
            client.get(f"/inventering/lamna-in/{draft.pk}/{rest.format(comment=comment.pk)}")
    assert Draft.objects.values().get(pk=draft.pk) == before
    assert before["changed_at"] < timezone.now()
