"""Ideas that are alike: shown before one is published, and their units told of each other, once."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, override_settings

from core.models import AuditEntry, Mail
from inventory import actions, tasks
from inventory.models import Idea, Introduction
from people.models import Membership, Organisation, User
from search import indexing
from tests.core.test_tasks import work_off
from tests.factories import make_district, make_idea, make_organisation, make_project, make_user
from tests.reading import page, text_of
from tests.searching import hits

pytestmark = pytest.mark.django_db

LIST = "/inventering/ideer/"
NEW = f"{LIST}ny/"
HOARDING = {
    "title": "Samlarsyndrom hos äldre",
    "text": "Vi vill pröva motiverande samtal och städhjälp för äldre med samlarsyndrom.",
}
SIMILAR = {
    "title": "Äldre med samlarsyndrom",
    "text": "Många äldre med samlarsyndrom riskerar vräkning. Vi saknar städhjälp.",
}
OTHER = {"title": "Frukost på träfflokalen", "text": "En gång i veckan, lagad av besökarna."}


@pytest.fixture
def city() -> Organisation:
    return make_organisation("Stockholms stad", kind=Organisation.Kind.MUNICIPALITY)


@pytest.fixture
def farsta(city) -> Organisation:
    return make_district("Farsta", parent=city)


@pytest.fixture
def bromma(city) -> Organisation:
    return make_district(
        "Bromma", parent=city, contact_function="Växeln", contact_email="bromma@example.org"
    )


@pytest.fixture
def crowd() -> None:
    """Things about something else, so that words tell apart."""
    for name in ("Cykling", "Läxhjälp", "Odling", "Kör", "Teater", "Simning"):
        make_project(title=name, plain_summary=f"{name} för alla.", need=f"Mer {name}.")
    indexing.index()


def have(organisation: Organisation, **fields: Any) -> Idea:
    """An idea that has been read and compared, as a worker does."""
    made = make_idea(organisation, **fields)
    work_off()
    return made


def reporter(organisation: Organisation) -> User:
    user = make_user(f"{organisation.slug}@example.org")
    Membership.objects.create(
        user=user, organisation=organisation, role="uppgiftslamnare", state="godkand"
    )
    return user


def browser_of(organisation: Organisation) -> Client:
    browser = Client()
    browser.force_login(reporter(organisation))
    return browser


def typed(organisation: Organisation, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "ide",
        "organisation": organisation.pk,
        "contact_function": "Chefen i Bromma",
        "contact_email": "chefen@example.org",
        "visibility": "personal",
        "opened": "a1",
    } | fields


def letters() -> list[tuple[str, str]]:
    """To whom, and where an answer goes."""
    return list(Mail.objects.order_by("pk").values_list("to", "reply_to"))


# --- Shown before it is published -----------------------------------------------------------------


def test_what_is_alike_is_shown_once_and_nothing_typed_is_lost(farsta, bromma, crowd):
    there = have(farsta, **HOARDING)
    project = make_project(
        title="Städhjälp vid samlarsyndrom",
        plain_summary="Äldre med samlarsyndrom får städhjälp.",
        contact_function="Enheten för äldre",
    )
    indexing.index()
    browser = browser_of(bromma)
    response = browser.post(NEW, typed(bromma, **SIMILAR))
    markup = response.content.decode()
    assert (response.status_code, Idea.objects.count(), letters()) == (200, 1, [])
    assert "<h1>Finns det redan?</h1>" in markup
    text = text_of(markup)
    assert f"{there.title} (öppnas i en ny flik)" in text
    assert "Kontakt Enhetschefen" in text
    assert f"{there.get_absolute_url()}vi-ocksa/" in markup
    assert "Städhjälp vid samlarsyndrom" in text
    assert "Kontakt Enheten för äldre" in text
    assert f"{project.get_absolute_url()}kontakt/" in markup
    assert 'value="Äldre med samlarsyndrom"' in markup
    assert f"{SIMILAR['text']}</textarea>" in markup
    (seen,) = re.findall(r'name="compared" value="(\w+)"', markup)
    (opened,) = re.findall(r'name="opened" value="(\w+)"', markup)
    assert opened == "a1"

    other_words = browser.post(NEW, typed(bromma, **SIMILAR | {"compared": "x" * 32}))
    assert "<h1>Finns det redan?</h1>" in other_words.content.decode()
    going_on = typed(bromma, **SIMILAR, compared=seen)
    first, again = browser.post(NEW, going_on), browser.post(NEW, going_on)
    assert (first.status_code, again["Location"]) == (302, first["Location"])
    assert Idea.objects.count() == 2
    # A click on the first button that comes in late finds that it is told already.
    indexing.index()
    assert browser.post(NEW, typed(bromma, **SIMILAR)).status_code == 302
    assert Idea.objects.count() == 2


def test_what_is_like_nothing_is_published_at_once(farsta, bromma, crowd):
    have(farsta, **HOARDING)
    assert browser_of(bromma).post(NEW, typed(bromma, **OTHER)).status_code == 302


def test_nobody_is_shown_what_she_may_not_see(farsta, crowd):
    have(farsta, **HOARDING)
    association = make_organisation("En förening", kind=Organisation.Kind.USERS)
    user = reporter(association)
    User.objects.filter(pk=user.pk).update(is_city_staff=False)
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk))
    response = browser.post(NEW, typed(association, **SIMILAR, visibility="alla"))
    assert (response.status_code, letters()) == (302, [])


def test_the_page_shows_what_is_like_it_to_those_who_may_see_it(client, farsta, bromma, crowd):
    public = have(farsta, **HOARDING, visibility="alla")
    have(bromma, **SIMILAR)
    here = public.get_absolute_url()
    assert "Liknande idéer och projekt" not in page(client, here)
    staff = Client()
    staff.force_login(make_user("a@example.org"))
    markup = page(staff, here).partition("Liknande idéer och projekt")[2]
    assert re.findall(r'<h3><a href="[^"]*">(.*?)</a>', markup) == ["Äldre med samlarsyndrom"]
    actions.close_idea(idea=Idea.objects.latest("pk"), reason="Slut.", by=make_user("b@x.se"))
    assert "Liknande idéer och projekt" not in page(staff, here)


# --- Found by the search --------------------------------------------------------------------------


def test_the_search_finds_ideas_of_those_who_may_see_them_until_they_are_closed(
    client, farsta, crowd
):
    idea = have(farsta, **HOARDING)
    staff = Client()
    staff.force_login(make_user("a@example.org"))
    found = page(staff, "/sok/?q=samlarsyndrom&slag=ide")
    assert (hits(found), hits(page(client, "/sok/?q=samlarsyndrom"))) == ([idea.title], [])
    assert "Idé · uppgift från" in found
    assert "Samlarsyndrom" not in page(client, "/sok.json?q=samlar")
    actions.close_idea(idea=idea, reason="Slut.", by=make_user("b@x.se"))
    assert hits(page(staff, "/sok/?q=samlarsyndrom&slag=ide")) == []


# --- Told of each other ---------------------------------------------------------------------------


@override_settings(PORTAL_URL="https://ksi.example.org")
def test_two_units_with_like_ideas_are_told_of_each_other(farsta, bromma, crowd):
    there = have(farsta, **HOARDING)
    here = have(bromma, **SIMILAR, contact_function="Chefen", contact_email="chefen@example.org")
    assert letters() == [
        ("enheten@example.org", "chefen@example.org"),
        ("chefen@example.org", "enheten@example.org"),
    ]
    first, second = Mail.objects.order_by("pk")
    assert first.subject == "Ni är inte ensamma om idén: Samlarsyndrom hos äldre"
    assert first.text == (
        "Till Enhetschefen. Farsta och Bromma tänker på samma sak. Därför får ni veta om"
        " varandra.\n\n"
        "Ni har lagt upp idén Samlarsyndrom hos äldre:"
        f" https://ksi.example.org{there.get_absolute_url()} på KSI.\n\n"
        "Bromma har lagt upp idén Äldre med samlarsyndrom:"
        f" https://ksi.example.org{here.get_absolute_url()}, som liknar er.\n\n"
        "Kontakta varandra om ni vill göra något tillsammans: Chefen, chefen@example.org. Svarar"
        " du på det här mejlet går svaret dit.\n\n"
        "KSI skickar det här brevet en gång till er var.\n\n"
        "--\nKSI – Kunskap om sociala insatser\nhttps://ksi.example.org/\n"
    )
    assert second.text.startswith("Till Chefen. Bromma och Farsta tänker på samma sak.")


def test_two_who_tell_the_same_within_a_moment_are_told_of_each_other_once(farsta, bromma, crowd):
    """Neither has been read by the search when the other is told; whichever order they come in."""
    first, second = make_idea(farsta, **HOARDING), make_idea(bromma, **SIMILAR)
    assert letters() == []
    work_off()
    assert (len(letters()), Introduction.objects.count()) == (2, 2)
    for idea in (second, first, second):
        tasks.introduce_idea.call(idea.pk)
    work_off()
    assert (len(letters()), Introduction.objects.count()) == (2, 2)


def test_what_was_closed_before_it_was_compared_introduces_nobody(farsta, bromma, crowd):
    there, here = make_idea(farsta, **HOARDING), make_idea(bromma, **SIMILAR)
    actions.close_idea(idea=here, reason="Fel.", by=make_user("b@x.se"))
    work_off()
    assert letters() == []
    actions.close_idea(idea=there, reason="Fel.", by=make_user("c@x.se"))
    tasks.introduce_idea.call(there.pk)
    tasks.introduce_idea.call(999_999)
    assert letters() == []


@override_settings(PORTAL_URL="https://ksi.example.org")
def test_vi_ocksa_tells_the_units_of_each_other_once(farsta, bromma):
    idea = make_idea(farsta, kind="behov")
    echo = actions.echo_idea(idea=idea, organisation=bromma, by=make_user("b@x.se"))
    assert letters() == [
        ("enheten@example.org", "bromma@example.org"),
        ("bromma@example.org", "enheten@example.org"),
    ]
    owner, other = (text_of(mail.html) for mail in Mail.objects.order_by("pk"))
    assert "Bromma säger ”vi också” om behovet." in owner
    assert "Ni har sagt ”vi också” om behovet Kvällsöppen träffpunkt, som Farsta har" in (
        other.replace(" , ", ", ")
    )
    actions.take_back_echo(echo=echo, by=make_user("c@x.se"))
    actions.echo_idea(idea=idea, organisation=bromma, by=make_user("d@x.se"))
    assert (len(letters()), Introduction.objects.count()) == (2, 1)


def test_a_unit_without_a_mailbox_is_reached_by_the_nearest_above(farsta, bromma, settings):
    settings.CONTACT = "ksi@example.org"
    unit = make_organisation("Boendestöd", kind=Organisation.Kind.UNIT, parent=bromma)
    actions.echo_idea(idea=make_idea(farsta), organisation=unit, by=make_user("b@x.se"))
    assert letters()[1][0] == "bromma@example.org"
    actions.echo_idea(idea=make_idea(bromma), organisation=farsta, by=make_user("c@x.se"))
    assert letters()[3][0] == "ksi@example.org"


def test_who_has_been_told_by_likeness_is_not_told_again_by_vi_ocksa(farsta, bromma, crowd):
    there = have(farsta, **HOARDING)
    here = have(bromma, **SIMILAR)
    by = make_user("b@x.se")
    actions.echo_idea(idea=there, organisation=bromma, by=by)
    actions.echo_idea(idea=here, organisation=farsta, by=by)
    have(bromma, **SIMILAR | {"title": "Samlarsyndrom hos äldre i Bromma"})
    assert len(letters()) == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.create(idea=there, other=bromma)


def test_the_nearest_alone_is_told_and_never_ones_own_unit_or_what_is_closed(farsta, bromma, crowd):
    have(bromma, **SIMILAR)
    closed = make_district("Hägersten-Älvsjö", parent=farsta.parent)
    actions.close_idea(idea=have(closed, **SIMILAR), reason="Slut.", by=make_user("b@x.se"))
    Mail.objects.all().delete()
    Introduction.objects.all().delete()
    have(bromma, **HOARDING)
    have(farsta, **OTHER)
    assert letters() == []


def test_what_is_for_staff_is_never_told_to_an_association(farsta, crowd):
    association = make_organisation("En förening", kind=Organisation.Kind.USERS)
    staff = have(farsta, **HOARDING)
    have(association, **SIMILAR, visibility="alla")
    assert letters() == []
    actions.close_idea(idea=staff, reason="Slut.", by=make_user("b@x.se"))
    have(farsta, **HOARDING, visibility="alla")
    assert len(letters()) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["core.mail.write", "core.models.AuditEntry.record"])
def test_a_fault_drops_all_of_it(monkeypatch, fault):
    farsta, bromma = make_district("Farsta"), make_district("Bromma")
    idea = make_idea(farsta, visibility="alla")
    by, before = make_user(), AuditEntry.objects.count()
    monkeypatch.setattr(fault, lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.echo_idea(idea=idea, organisation=bromma, by=by)
    assert (idea.echoes.count(), Introduction.objects.count(), Mail.objects.count()) == (0, 0, 0)
    assert AuditEntry.objects.count() == before
