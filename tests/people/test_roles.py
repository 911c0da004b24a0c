"""One matrix of who may do what: asked of every role, and told the same in the documents."""

import pytest

from people import roles
from people.actions import give_role, rebuild_lineage, take_role
from people.management.commands.write_roles import PATH, page
from people.models import Membership, User
from tests.factories import make_district, make_unit, make_user

pytestmark = pytest.mark.django_db


def somebody(role: type[roles.Role], organisation) -> User | None:
    """Somebody with that role alone, in that organisation where the role is of one."""
    if role is roles.Visitor:
        return None
    user = make_user(f"{role.key}@annan.example.org")
    User.objects.filter(pk=user.pk).update(is_city_staff=role is roles.CityStaff)
    if issubclass(role, roles.OrganisationRole):
        Membership.objects.create(
            user=user, organisation=organisation, role=role.key, state=Membership.State.APPROVED
        )
    if issubclass(role, roles.SiteRole):
        give_role(user=user, role=role.key, by=None)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_each_role_may_do_what_the_matrix_says_and_nothing_else(role):
    from django.contrib.auth.models import AnonymousUser

    farsta = make_district("Farsta")
    user = somebody(role, farsta) or AnonymousUser()
    allowed = {
        action.key
        for action in roles.MATRIX
        if roles.may(user, action, farsta if action.within else None)
    }
    # An organisation's role gives nothing besides what every account has, outside organisations.
    held = {role, roles.Visitor} | (set() if role is roles.Visitor else {roles.Account})
    assert allowed == {action.key for action in roles.MATRIX if action.roles & held}


def test_a_role_covers_the_units_and_predecessors_of_its_organisation_and_no_others():
    farsta, bromma = make_district("Farsta"), make_district("Bromma")
    unit = make_unit("Träfflokalen", farsta)
    rebuild_lineage()
    manager = somebody(roles.UnitManager, farsta)
    asked = (farsta, unit, bromma)
    assert [roles.may(manager, roles.DECIDE_MEMBERSHIP, each) for each in asked] == [
        True,
        True,
        False,
    ]


def test_a_forgotten_organisation_is_a_fault_and_not_a_refusal():
    with pytest.raises(ValueError, match="without an organisation"):
        roles.may(make_user(), roles.DECIDE_MEMBERSHIP)


@pytest.mark.parametrize("state", ["begard", "avslagen"])
def test_a_membership_that_is_not_approved_gives_no_role(state):
    farsta = make_district("Farsta")
    user = make_user()
    Membership.objects.create(user=user, organisation=farsta, role="enhetschef", state=state)
    assert roles.may(user, roles.DECIDE_MEMBERSHIP, farsta) is False


def test_a_closed_account_has_no_roles():
    user = somebody(roles.Administrator, None)
    user.is_active = False
    assert roles.roles_of(user) == {roles.Visitor}


def test_roles_open_and_close_the_admin():
    user, by = make_user("ny@example.org"), make_user("chef@example.org")
    give_role(user=user, role="administrator", by=by)
    give_role(user=user, role="redaktor", by=by)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, True)
    take_role(user=user, role="administrator", by=by)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, False)
    take_role(user=user, role="redaktor", by=by)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.parametrize(
    ("role", "project", "user", "history"),
    [
        ("redaktor", 200, 403, 200),
        ("registrator", 403, 403, 200),
        ("administrator", 200, 200, 200),
    ],
)
def test_the_admin_shows_each_role_its_own_part(client, role, project, user, history):
    someone = make_user()
    give_role(user=someone, role=role, by=None)
    client.force_login(User.objects.get(pk=someone.pk))
    asked = ("inventory/project", "people/user", "core/auditentry")
    answers = tuple(client.get(f"/admin/{each}/").status_code for each in asked)
    assert answers == (project, user, history)


def test_the_document_says_what_the_code_says():
    assert PATH.read_text(encoding="utf-8") == page()
