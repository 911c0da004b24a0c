"""Digests: what is told to whom, once, on Mondays; and the way out without a login."""

import datetime
import re
from collections.abc import Callable

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import mail, periodic
from core.models import AuditEntry, Mail
from core.tasks import TaskWorker
from inventory import actions, following, tasks
from inventory.models import DigestSetting, Follow, Project
from people.models import User
from tests.factories import (
    make_district,
    make_follow,
    make_project,
    make_succession,
    make_user,
    save_project,
)
from tests.reading import page, text_of
from tests.searching import publish

pytestmark = pytest.mark.django_db

PURPOSE = "utskick-foljer"


def local(text: str) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.fromisoformat(text))


@pytest.fixture(autouse=True)
def clock():
    """A Wednesday, until the story goes on."""
    with time_machine.travel(local("2026-12-02T10:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def me() -> User:
    return make_user("jag@example.org", is_city_staff=False)


@pytest.fixture
def monday(clock) -> Callable[..., list[Mail]]:
    """Go to that Monday morning, have what is due written, and see what new mail there is."""

    def go(day: str = "2026-12-07", hour: str = "06:00") -> list[Mail]:
        clock.move_to(local(f"{day}T{hour}"))
        before = set(Mail.objects.values_list("pk", flat=True))
        actions.digests_due()
        for task in DBTaskResult.objects.filter(task_path="inventory.tasks.write_digest"):
            tasks.write_digest.call(*task.args_kwargs["args"])
        return list(Mail.objects.filter(purpose=PURPOSE).exclude(pk__in=before))

    return go


def long_ago(**fields) -> Project:
    """A project that was published before the story begins."""
    with time_machine.travel(local("2026-11-02T10:00"), tick=False):
        return make_project(**fields)


def told(letter: Mail) -> dict[str, list[str]]:
    """Heading → what stands under it."""
    found = {}
    for part in letter.html.split("<h2")[1:]:
        heading, _, rest = part.partition("</h2>")
        items = re.findall(r"<li[^>]*>(.*?)</li>", rest, re.S)
        found[text_of(f"<{heading}")] = [text_of(item) for item in items]
    return found


# --- What is told ---------------------------------------------------------------------------------


def test_a_digest_tells_what_came_and_what_was_changed(me, monday, clock, settings):
    settings.PORTAL_URL = "https://ksi.example.org"
    old = long_ago(title="Gammalt", themes=["Boende"])
    other = long_ago(title="Annat", themes=["Arbete"])
    make_follow(me, query="tema=boende")
    clock.shift(60)
    new = make_project(
        title="Nytt & <fint>", themes=["Boende"], plain_summary="Stöd till kl. 22 på kvällen. Mer."
    )
    clock.shift(60)
    for project in (old, other):
        actions.record_change(project=project, by=None, changes={})

    (letter,) = monday()

    assert (letter.to, letter.subject) == ("jag@example.org", "Nytt i det du följer på KSI")
    token = DigestSetting.objects.get().token
    assert letter.text == (
        "Tema: Boende\n\n"
        f"- Gammalt: https://ksi.example.org{old.get_absolute_url()}\n"
        "Ändrat 2 december. Boendestödet kommer också på kvällen.\n"
        f"- Nytt & <fint>: https://ksi.example.org{new.get_absolute_url()}\n"
        "Publicerat 2 december. Stöd till kl. 22 på kvällen.\n\n"
        "Du får det här mejlet på måndagar, när något har hänt med det du följer. Ändra vad du"
        " följer och hur ofta du får mejl: https://ksi.example.org/mina-sidor/foljer/.\n\n"
        "--\nKSI – Kunskap om sociala insatser\nhttps://ksi.example.org/\n\n"
        "Vill du inte ha sådana här mejl? Avsluta här:\n"
        f"https://ksi.example.org/foljer/avsluta/{token}/\n"
    )
    headers = mail.message_of(letter).message()
    assert (headers["List-Unsubscribe"], headers["List-Unsubscribe-Post"]) == (
        f"<https://ksi.example.org/foljer/avsluta/{token}/>",
        "List-Unsubscribe=One-Click",
    )


def test_of_a_project_all_is_told_and_of_a_choice_not_that_it_was_confirmed(me, monday):
    project = long_ago(title="Kvällsstöd", themes=["Boende"])
    curator = make_user("redaktor@example.org")
    make_follow(me, query="tema=boende")
    actions.confirm(project=project, by=curator)
    assert monday() == []

    make_follow(me, project=project)
    actions.confirm(project=project, by=curator)
    (letter,) = monday("2026-12-14")
    told_of = "Kvällsstöd Bekräftat 7 december. Boendestödet kommer också på kvällen."
    assert told(letter) == {"Projekt du följer": [told_of]}


def test_the_most_telling_change_stands_for_all(me, monday):
    make_follow(me, query="tema=boende")
    project = make_project(title="Nytt", themes=["Boende"])
    for _ in range(3):
        actions.record_change(project=project, by=None, changes={})
    (letter,) = monday()
    assert [item[:27] for item in told(letter)["Tema: Boende"]] == ["Nytt Publicerat 2 december."]


def test_each_project_stands_once_under_what_is_followed_most_closely(me, monday):
    long_ago(themes=["Boende", "Arbete"])
    make_follow(me, query="tema=boende")
    make_follow(me, query="tema=arbete")
    both = make_project(title="Båda", themes=["Boende", "Arbete"])
    make_project(title="Ett", themes=["Arbete"])
    make_follow(me, project=both)
    actions.record_change(project=both, by=None, changes={})
    (letter,) = monday()
    assert {
        label: [item.split()[0] for item in items] for label, items in told(letter).items()
    } == {
        "Projekt du följer": ["Båda"],
        "Tema: Arbete": ["Ett"],
    }


def test_many_are_counted(me, monday, monkeypatch):
    monkeypatch.setattr("inventory.following.MOST_ITEMS", 2)
    long_ago(themes=["Boende"])
    make_follow(me, query="tema=boende")
    for number in range(5):
        make_project(title=f"Projekt {number}", themes=["Boende"])
    (letter,) = monday()
    assert len(told(letter)["Tema: Boende"]) == 2
    way = r"Och 3 till i inventeringen: http://localhost:8000/inventering/\?tema=boende\n"
    assert re.search(way, letter.text)


def test_words_are_followed_too(me, monday):
    make_follow(me, query="q=trädgård")
    publish("Trädgården i Farsta")
    publish("Köket i Farsta")
    (letter,) = monday()
    assert [item[:19] for item in told(letter)["Sökord: trädgård"]] == ["Trädgården i Farsta"]


def test_a_predecessors_follow_finds_what_its_successor_does(me, monday):
    old, new = make_district("Norrmalm"), make_district("Norra innerstaden")
    make_follow(me, query="stadsdel=norrmalm")
    make_succession(old, new)
    make_project(title="Efter", lead=new)
    make_project(title="Före", lead=old)
    (letter,) = monday()
    (items,) = told(letter).values()
    assert sorted(item.split()[0] for item in items) == ["Efter", "Före"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Ett. Två.", "Ett."),
        ("Öppet till kl. 22. Alla får komma.", "Öppet till kl. 22."),
        ("Fungerar det?\nÅsikterna går isär.", "Fungerar det?"),
        ("I t.ex. Farsta och bl.a. Bromma. Mer.", "I t.ex. Farsta och bl.a. Bromma."),
        ("Utan punkt", "Utan punkt"),
        ("", ""),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_the_first_sentence(text, first):
    assert following.first_sentence(text) == first


# --- What is never told ---------------------------------------------------------------------------


def hidden(kind: str) -> Project:
    """A project that was published, or changed, and that the public may not see."""
    if kind == "staff":
        return make_project(title="Hemligt", themes=["Boende"], visibility="personal")
    if kind == "embargoed":
        return make_project(title="Hemligt", themes=["Boende"], embargo_until="2026-12-24")
    project = make_project(title="Hemligt", themes=["Boende"])
    if kind == "withdrawn":
        actions.withdraw(project=project, reason="Hemligt skäl.", by=None)
    if kind == "closed later":
        Project.objects.filter(pk=project.pk).update(visibility="personal")
        actions.record_change(project=project, by=None, changes={})
    return project


@pytest.mark.parametrize("kind", ["staff", "embargoed", "withdrawn", "closed later"])
def test_what_one_may_not_see_is_not_told(me, monday, kind):
    long_ago(themes=["Boende"])
    make_follow(me, query="tema=boende")
    project = hidden(kind)
    make_follow(me, project=project)
    actions.record_change(project=project, by=None, changes={})
    assert monday() == []

    make_project(title="Öppet", themes=["Boende"])
    actions.record_change(project=project, by=None, changes={})
    (letter,) = monday("2026-12-14")
    assert "Hemligt" not in letter.text + letter.html


def test_staff_are_told_of_what_is_for_staff_until_they_leave(monday):
    user = make_user("personal@example.org", is_city_staff=True)
    long_ago(themes=["Boende"])
    make_follow(user, query="tema=boende")
    project = hidden("staff")
    (letter,) = monday()
    assert "Hemligt" in letter.text
    User.objects.update(is_city_staff=False)
    actions.record_change(project=project, by=None, changes={})
    assert monday("2026-12-14") == []


def test_an_embargoed_project_is_told_when_its_day_has_come(me, monday, clock):
    long_ago(themes=["Boende"])
    make_follow(me, query="tema=boende")
    hidden("embargoed")
    assert [monday("2026-12-07"), monday("2026-12-21")] == [[], []]
    clock.move_to(local("2026-12-24T00:10"))
    assert actions.publish_due() == 1
    (letter,) = monday("2026-12-28")
    assert "Publicerat 24 december." in letter.text


def test_what_is_not_published_is_not_told(me, monday):
    long_ago(themes=["Boende"])
    make_follow(me, query="tema=boende")
    save_project(title="Hemligt", themes=["Boende"])
    assert monday() == []


def test_a_choice_that_no_longer_exists_tells_nothing(me, monday):
    make_follow(me, query="tema=borttaget")
    make_project(themes=["Boende"])
    assert monday() == []


def test_what_happened_before_one_began_to_follow_is_no_news(me, monday, clock):
    make_follow(me, query="tema=arbete")  # so that digests have begun
    make_project(themes=["Boende"])
    clock.shift(60)
    make_follow(me, query="tema=boende")
    assert monday() == []


def test_a_closed_account_gets_no_mail(me, monday):
    long_ago(themes=["Boende"])
    make_follow(me, query="tema=boende")
    make_project(themes=["Boende"])
    User.objects.update(is_active=False)
    assert monday() == []
    assert DigestSetting.objects.get().next_on == datetime.date(2026, 12, 14)


# --- When -----------------------------------------------------------------------------------------


def changed(project: Project) -> None:
    actions.record_change(project=project, by=None, changes={})


def test_without_news_there_is_no_mail_and_nothing_is_told_twice(me, monday, clock):
    project = long_ago(title="Kvällsstöd")
    make_follow(me, project=project)
    assert monday("2026-12-07") == []
    changed(project)  # on Monday morning: for the next one
    assert monday("2026-12-07", "08:00") == []
    assert len(monday("2026-12-14")) == 1
    assert [monday(day) for day in ("2026-12-14", "2026-12-21")] == [[], []]


def test_what_happens_on_sunday_night_is_told_and_what_happens_on_monday_waits(me, monday, clock):
    late, early = long_ago(title="Sent"), long_ago(title="Tidigt")
    for project in (late, early):
        make_follow(me, project=project)
    clock.move_to(local("2026-12-06T23:59:59"))
    changed(late)
    clock.move_to(local("2026-12-07T00:00"))
    changed(early)
    letters = [monday(day)[0] for day in ("2026-12-07", "2026-12-14")]
    assert [("Sent" in each.text, "Tidigt" in each.text) for each in letters] == [
        (True, False),
        (False, True),
    ]


def test_a_monday_when_nothing_ran_is_made_up_for(me, monday, clock):
    project = long_ago()
    make_follow(me, project=project)
    changed(project)
    clock.move_to(local("2026-12-09T12:00"))
    changed(project)
    (letter,) = monday("2026-12-10")
    assert "Ändrat 2 december." in letter.text  # of the week that had ended
    assert DigestSetting.objects.get().next_on == datetime.date(2026, 12, 14)
    (letter,) = monday("2026-12-14")
    assert "Ändrat 9 december." in letter.text


def test_once_a_month_is_told_of_the_whole_month(me, monday, clock):
    project = long_ago()
    make_follow(me, project=project)
    monday("2026-12-07")
    actions.change_frequency(user=me, frequency="manadsvis", by=me)
    clock.move_to(local("2026-12-08T12:00"))
    changed(project)
    assert [monday(day) for day in ("2026-12-14", "2026-12-21", "2026-12-28")] == [[], [], []]
    (letter,) = monday("2027-01-04")
    assert "Ändrat 8 december." in letter.text
    assert "den första måndagen i månaden" in letter.text


def test_who_wants_no_mail_gets_none(me, monday):
    project = long_ago()
    make_follow(me, project=project)
    actions.change_frequency(user=me, frequency="aldrig", by=me)
    changed(project)
    assert monday() == []


def test_the_clock_has_it_done_each_morning():
    work = periodic.works["utskick"]
    assert (work.function, work.at) == ("inventory.actions.digests_due", datetime.time(6))
    for day in ("2026-03-28", "2026-10-24"):  # the nights when clocks are turned
        moment = timezone.localtime(work.next_after(local(f"{day}T12:00")))
        assert moment.time() == datetime.time(6)


# --- Once -----------------------------------------------------------------------------------------


def test_a_worker_writes_what_the_clock_enqueued_twice_once(me, clock):
    project = long_ago()
    make_follow(me, project=project)
    make_follow(make_user("ointresserad@example.org"), query="typ=forstudie")
    changed(project)
    clock.move_to(local("2026-12-07T06:00"))
    assert (actions.digests_due(), actions.digests_due()) == (2, 2)
    worker = TaskWorker()
    while worker.step():
        pass
    assert list(Mail.objects.filter(purpose=PURPOSE).values_list("to", flat=True)) == [me.email]
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()
    assert actions.digests_due() == 0


def test_two_workers_at_the_same_time_write_one(me, clock):
    make_follow(me, project=make_project())
    clock.move_to(local("2026-12-07T06:00"))
    as_both_read = [DigestSetting.objects.select_related("user").get() for _ in range(2)]
    until = following.this_monday()
    sections = following.news(me, since=as_both_read[0].told_until, until=until)
    sent = [
        actions.send_digest(setting=setting, sections=sections, until=until)
        for setting in as_both_read
    ]
    assert (sent, Mail.objects.count()) == ([True, False], 1)


@pytest.mark.parametrize("meanwhile", ["ended", "erased"])
def test_who_ended_it_while_it_was_written_gets_none(me, clock, meanwhile):
    make_follow(me, project=make_project())
    clock.move_to(local("2026-12-07T06:00"))
    setting = DigestSetting.objects.select_related("user").get()
    until = following.this_monday()
    sections = following.news(me, since=setting.told_until, until=until)
    assert len(sections) == 1
    if meanwhile == "ended":
        actions.change_frequency(user=me, frequency="aldrig", by=me)
    else:
        me.delete()
    assert actions.send_digest(setting=setting, sections=sections, until=until) is False
    assert Mail.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_fault_loses_nothing(me, monday, monkeypatch):
    project = long_ago()
    make_follow(me, project=project)
    changed(project)
    with monkeypatch.context() as patch:
        patch.setattr("core.mail.write", lambda **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            monday()
    assert DigestSetting.objects.get().next_on == datetime.date(2026, 12, 7)
    assert len(monday()) == 1


def test_batches_are_transactions_of_their_own(clock, monkeypatch):
    monkeypatch.setattr("inventory.actions.following.AT_ONCE", 2)
    users = [make_user(f"{number}@example.org") for number in range(5)]
    for user in users:
        make_follow(user, query="typ=projekt")
    clock.move_to(local("2026-12-07T06:00"))
    begun = []
    atomic = transaction.atomic
    monkeypatch.setattr(
        "inventory.actions.following.transaction.atomic", lambda: begun.append(1) or atomic()
    )
    assert (actions.digests_due(), len(begun)) == (5, 3)


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_of_a_digest(me, clock, count, django_assert_num_queries):
    for number in range(count):
        make_follow(me, project=make_project(title=f"Projekt {number}", themes=["Boende"]))
        make_follow(me, query=f"fran={2000 + number}&stadsdel=bromma")
    page(Client(), "/inventering/")  # reads the catalogue
    clock.move_to(local("2026-12-07T06:00"))
    # The setting with its account; history, projects, edition, follows, successors of districts;
    # the setting moved, and the mail, in a savepoint.
    with django_assert_num_queries(10):
        tasks.write_digest.call(me.pk)
    assert Mail.objects.count() == 1


# --- The way out ----------------------------------------------------------------------------------


@pytest.fixture
def way_out(me) -> str:
    make_follow(me, query="typ=projekt")
    return f"/foljer/avsluta/{DigestSetting.objects.get().token}/"


def frequency() -> str:
    return DigestSetting.objects.get().frequency


def test_opening_the_link_changes_nothing_and_needs_no_cookie(way_out):
    browser = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = browser.get(way_out)
        assert "Då får du inga fler mejl om det du följer på KSI." in answer.content.decode()
        assert (len(answer.cookies), "no-store" in answer["Cache-Control"]) == (0, True)
    browser.head(way_out)
    assert frequency() == "veckovis"


def test_a_mail_program_ends_it_with_one_post_and_no_redirect(way_out, me):
    browser = Client(enforce_csrf_checks=True)
    for sent in ({"List-Unsubscribe": "One-Click"}, {}):  # twice is as good as once
        answer = browser.post(way_out, sent)
        assert (answer.status_code, len(answer.cookies)) == (200, 0)
        assert "Du får inga fler mejl om det du följer på KSI." in answer.content.decode()
        assert 'method="post"' not in answer.content.decode()
    assert (frequency(), Follow.objects.count()) == ("aldrig", 1)
    entry = AuditEntry.about(DigestSetting.objects.get()).get()
    assert (entry.verb, entry.by, entry.reason, entry.changes) == (
        *("ändrad", None, "Länken i ett utskick."),
        {"frequency": ["Varje vecka, på måndagen", "Aldrig"]},
    )
    assert "Mejlen är avslutade" in page(browser, way_out)


def test_who_is_signed_in_may_take_it_back(client, way_out, me):
    actions.change_frequency(user=me, frequency="manadsvis", by=me)
    client.force_login(me)
    markup = client.post(way_out).content.decode()
    assert '<form method="post" action="/mina-sidor/foljer/">' in markup
    assert '<input type="hidden" name="frequency" value="manadsvis">' in markup
    assert frequency() == "aldrig"
    client.post("/mina-sidor/foljer/", {"frequency": "manadsvis"})
    assert frequency() == "manadsvis"


def test_another_who_is_signed_in_ends_it_but_is_offered_nothing(client, way_out):
    client.force_login(make_user("annan@example.org"))
    markup = client.post(way_out).content.decode()
    assert 'name="frequency"' not in markup
    assert "jag@example.org" not in markup
    assert frequency() == "aldrig"


def test_a_token_that_is_none_ends_nothing(client, way_out, me):
    token = way_out.split("/")[3]
    pk, _, signature = token.partition(".")
    for wrong in (token[:-1], f"{int(pk) + 1}.{signature}", pk, f"{pk}.", "x", ".", "1.2.3"):
        for method in (client.get, client.post):
            answer = method(f"/foljer/avsluta/{wrong}/")
            assert answer.status_code == 404
            assert "Länken går inte att använda." in answer.content.decode()
    assert frequency() == "veckovis"
    me.delete()
    assert client.post(way_out).status_code == 404


def test_the_token_is_long_and_not_kept(way_out):
    signature = way_out.split("/")[3].partition(".")[2]
    assert len(signature) == 43  # 256 bits
    assert signature not in str(list(DigestSetting.objects.values()))
