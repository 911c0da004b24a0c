"""Words that found nothing: counted, shown when many have asked, forgotten after a season."""

import datetime
import threading

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from core import register
from core.models import AuditEntry, Edition
from people.actions import give_role
from people.models import User
from search.actions import note_missed
from search.models import MissedWord
from tests.factories import make_user
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    user = make_user()
    give_role(user=user, role="redaktor", by=None)
    client.force_login(User.objects.get(pk=user.pk))
    return client


def counted() -> dict[str, int]:
    return dict(MissedWord.objects.order_by("word").values_list("word", "times"))


# --- Counting -------------------------------------------------------------------------------------


def test_each_question_counts_a_word_once():
    note_missed(["Skuldsatt"])
    first = MissedWord.objects.get()
    note_missed(["skuldsatt", "SKULDSATT", "vräkt"])
    assert counted() == {"skuldsatt": 2, "vräkt": 1}
    again = MissedWord.objects.get(word="skuldsatt")
    assert again.first_at == first.first_at
    assert again.last_at > first.last_at


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ab", "a" * 41, "två ord", "19811218-9876", "070123", "ada@example.org"),
        *("x1y", "bra!", "na\0mn", "under_streck", "asi-intervju", "';--"),
    ],
)
def test_what_is_no_word_is_not_kept(typed):
    note_missed([typed])
    assert counted() == {}


def test_at_most_three_words_of_a_question_are_kept():
    note_missed(["ett", "två", "tre", "fyra", "fem"])
    assert counted() == {"ett": 1, "tre": 1, "två": 1}


def test_letters_are_composed_so_that_a_word_is_counted_as_one():
    note_missed(["a\u030angest"])
    note_missed(["ångest"])
    assert counted() == {"ångest": 2}


def test_counting_raises_no_edition_and_tells_no_history():
    note_missed(["vräkt"])
    assert (Edition.current(), AuditEntry.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_all_who_ask_at_once_are_counted():
    def ask() -> None:
        try:
            for _ in range(5):
                note_missed(["vräkt", "skuldsatt"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == {"skuldsatt": 20, "vräkt": 20}


# --- The list -------------------------------------------------------------------------------------


def make_missed(word: str, times: int) -> MissedWord:
    return MissedWord.objects.create(word=word, times=times)


def shown(desk) -> list[str]:
    response = desk.get("/admin/search/missedword/")
    return [word.word for word in response.context["cl"].result_list]


def test_a_word_is_shown_from_the_third_time_the_most_asked_for_first(desk):
    make_missed("andersson", 2)
    make_missed("vräkt", 3)
    make_missed("skuldsatt", 9)
    assert shown(desk) == ["skuldsatt", "vräkt"]
    response = desk.get("/admin/search/missedword/?q=andersson")
    assert list(response.context["cl"].result_list) == []


def test_a_word_is_neither_added_nor_changed_by_hand(desk):
    word = make_missed("vräkt", 3)
    answers = [
        desk.get(reverse("admin:search_missedword_add")).status_code,
        desk.post(reverse("admin:search_missedword_change", args=[word.pk]), {}).status_code,
        desk.get(reverse("admin:search_missedword_delete", args=[word.pk])).status_code,
    ]
    assert answers == [403, 403, 403]


def test_a_word_that_is_not_shown_is_not_reached_by_its_number_either(desk):
    word = make_missed("andersson", 2)
    address = reverse("admin:search_missedword_change", args=[word.pk])
    assert "andersson" not in desk.get(address, follow=True).content.decode()


def test_a_word_leads_to_a_form_where_it_stands_already(desk):
    make_missed("vräkt", 3)
    markup = page(desk, "/admin/search/missedword/")
    address = "/admin/search/synonyms/add/?words=vr%C3%A4kt"
    assert f'<a href="{address}">Lägg till som synonym</a>' in markup
    assert desk.get(address).context["adminform"].form.initial["words"] == "vräkt"


def test_a_word_is_taken_out_and_the_history_does_not_say_which(desk):
    gone, kept = make_missed("andersson", 3), make_missed("vräkt", 3)
    response = desk.post(
        "/admin/search/missedword/",
        {"action": "remove", "_selected_action": [gone.pk]},
        follow=True,
    )
    assert "Borttagna ur listan: 1." in text_of(response.content.decode())
    assert list(MissedWord.objects.all()) == [kept]
    entry = AuditEntry.objects.get(app_model="search.missedword")
    assert (entry.verb, entry.object_label) == ("raderad", "ord utan träff")
    assert "andersson" not in str(list(AuditEntry.objects.values()))
    history = f"/redaktion/historik/search.missedword/{gone.pk}/"
    assert desk.get(history).status_code == 200


# --- Gallring -------------------------------------------------------------------------------------


def test_a_word_that_nobody_has_asked_for_in_90_days_is_forgotten():
    now = timezone.now()
    for word, days in (("gammalt", 91), ("nytt", 89)):
        made = make_missed(word, 5)
        MissedWord.objects.filter(pk=made.pk).update(
            first_at=now - datetime.timedelta(days=400),
            last_at=now - datetime.timedelta(days=days),
        )
    assert register.count_due(now)["sokord"] == 1
    assert register.erase_due(now)["sokord"] == 1
    assert counted() == {"nytt": 5}


def test_the_page_about_personal_data_tells_of_it(client):
    text = text_of(page(client, "/personuppgifter/"))
    assert "Sökord utan träff" in text
    assert "Bara enstaka ord, aldrig hela frågan." in text
