"""The curators' desk for words: who comes in, what may be written, what follows."""

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from core.models import AuditEntry, Edition
from people.actions import give_role
from people.models import User
from search.models import CompoundOverride, ProtectedWord, Synonyms
from tests.factories import make_user
from tests.reading import page, text_of
from tests.search.texts import found, tasks, write

pytestmark = pytest.mark.django_db

LISTS = ("synonyms", "protectedword", "compoundoverride")


def sign_in(client, role: str = "") -> User:
    user = make_user()
    if role:
        give_role(user=user, role=role, by=None)
    client.force_login(User.objects.get(pk=user.pk))
    return user


@pytest.fixture
def desk(client):
    sign_in(client, "redaktor")
    return client


def post(desk, model: str, pk: int | None = None, **fields: str) -> str:
    """Send the form; what it says at its fields, nothing when it is saved."""
    where = ("change", [pk]) if pk else ("add", [])
    response = desk.post(reverse(f"admin:search_{model}_{where[0]}", args=where[1]), fields)
    if response.status_code == 302:
        return ""
    errors = response.context["adminform"].form.errors
    return " ".join(message for messages in errors.values() for message in messages)


# --- Who ------------------------------------------------------------------------------------------


ASKED = [f"/admin/search/{each}/" for each in (*LISTS, "missedword", "synonyms/prova")]


@pytest.mark.parametrize(
    ("role", "answer"),
    [("redaktor", 200), ("administrator", 200), ("registrator", 403), ("forskningsrad", 403)],
)
def test_those_who_edit_content_come_in_and_no_others(client, role, answer):
    sign_in(client, role)
    assert {client.get(address, follow=True).status_code for address in ASKED} == {answer}


def test_an_account_without_a_role_is_refused_and_a_stranger_led_to_the_login(client):
    led = {client.get(address, follow=True).request["PATH_INFO"] for address in ASKED}
    assert led == {"/konto/logga-in/"}
    sign_in(client)
    assert {client.get(address, follow=True).status_code for address in ASKED} == {403}


# --- What may be written --------------------------------------------------------------------------


def test_a_group_of_synonyms_is_kept_tidy_in_lower_case_each_once(desk):
    assert (
        post(desk, "synonyms", words=" Anhörig \r\nNÄRSTÅENDE\n\nanhörig\nstöd  till\tnära") == ""
    )
    assert Synonyms.objects.get().words == "anhörig\nnärstående\nstöd till nära"


@pytest.mark.parametrize(
    ("words", "leads_to", "told"),
    [
        ("", "", "Detta fält måste fyllas i."),
        (
            "anhörig",
            "",
            "Skriv minst två ord som betyder samma sak, eller vad ordet leder till.",
        ),
        (
            "anhörig\nett två tre fyra fem sex",
            "",
            "”ett två tre fyra fem sex” är för långt. En rad får ha högst 5 ord och 60 bokstäver.",
        ),
        (
            f"anhörig\n{'a' * 61}",
            "",
            f"”{'a' * 61}” är för långt. En rad får ha högst 5 ord och 60 bokstäver.",
        ),
        ("anhörig\när", "", "”är” säger för lite och hoppas över i sökningen. Ta bort det."),
        ("mamma", "och", "”och” säger för lite och hoppas över i sökningen. Ta bort det."),
        (
            "mamma",
            "mot min vilja",
            "”mot min vilja” hittar inget: det är bara småord, som sökningen hoppar över. Lägg"
            " till ett ord som säger vad det handlar om.",
        ),
        (
            "anhörig, närstående",
            "",
            "”anhörig, närstående”: skriv ett ord eller uttryck på varje rad, utan komma.",
        ),
        (
            "mamma\nanhörig",
            "anhörig",
            "Står på båda ställena: anhörig. Ta bort det ur det ena.",
        ),
    ],
)
def test_what_nobody_could_search_for_is_refused_in_a_sentence(desk, words, leads_to, told):
    assert post(desk, "synonyms", words=words, leads_to=leads_to) == told
    assert Synonyms.objects.count() == 0


def test_a_word_alone_may_lead_to_others_and_a_line_may_be_as_long_as_is_said(desk):
    longest = " ".join(["a" * 11, *["b" * 11] * 3, "c" * 12])
    assert len(longest) == 60
    assert post(desk, "synonyms", words="mamma", leads_to=f"anhörig\n{longest}") == ""


def test_an_expression_of_small_words_may_lead_somewhere(desk):
    write("Vård enligt lag.")
    assert post(desk, "synonyms", words="mot min vilja", leads_to="vård enligt lag") == ""
    assert found("mot min vilja") == ["Ett"]


@pytest.mark.parametrize(
    ("model", "fields", "told"),
    [
        ("protectedword", {"word": "två ord"}, "två ord"),
        ("protectedword", {"word": "kurs", "forms": "kursen\nkurs-er"}, "kurs-er"),
        ("compoundoverride", {"word": "asi-intervju"}, "asi-intervju"),
        ("compoundoverride", {"word": "framtid", "parts": "fram + tid"}, "+"),
    ],
)
def test_a_word_is_one_word(desk, model, fields, told):
    said = f"”{told}” är inte ett ord. Skriv ett enda ord, utan mellanslag och bindestreck."
    assert post(desk, model, **fields) == said


def test_words_and_parts_are_kept_in_lower_case(desk):
    assert post(desk, "protectedword", word="Kurs", forms="KURSEN\nKurser") == ""
    assert post(desk, "compoundoverride", word="Gruppboende", parts=" Grupp  Boende") == ""
    word, override = ProtectedWord.objects.get(), CompoundOverride.objects.get()
    assert (word.word, word.forms) == ("kurs", "kursen\nkurser")
    assert (override.word, override.parts) == ("gruppboende", "grupp boende")


def test_a_word_is_protected_once(desk):
    ProtectedWord.objects.create(word="kurs")
    assert post(desk, "protectedword", word="KURS") == ("Skyddat ord med detta Ord finns redan.")


# --- What is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("synonyms", ["anhörig, närstående varandra", "mamma anhörig, förälder"]),
        ("protectedword", ["kur kuren, kurens 1 textstycke", "studie - 0 textstycken"]),
        ("compoundoverride", ["framtid delas inte", "gruppboende grupp + boende"]),
    ],
)
def test_a_list_says_what_each_row_does(desk, model, told):
    write("Kurser för anhöriga.")
    Synonyms.objects.create(words="anhörig\nnärstående")
    Synonyms.objects.create(words="mamma", leads_to="anhörig\nförälder")
    ProtectedWord.objects.create(word="kur", forms="kuren\nkurens")
    ProtectedWord.objects.create(word="studie")
    CompoundOverride.objects.create(word="framtid")
    CompoundOverride.objects.create(word="gruppboende", parts="grupp boende")
    text = text_of(page(desk, f"/admin/search/{model}/"))
    assert [row for row in told if row not in text] == []


def test_lists_are_searched_and_lead_to_where_a_word_is_tried(desk):
    Synonyms.objects.create(words="anhörig\nnärstående")
    Synonyms.objects.create(words="brukare\nklient")
    markup = page(desk, "/admin/search/synonyms/?q=klient")
    assert '<a href="/admin/search/synonyms/prova/?q=brukare">Prova</a>' in markup
    assert "anhörig" not in markup
    for model in (*LISTS, "missedword"):
        assert '<a href="/admin/search/synonyms/prova/">Prova sökningen</a>' in page(
            desk, f"/admin/search/{model}/"
        )


# --- What follows ---------------------------------------------------------------------------------


def test_synonyms_act_at_the_next_question_without_anything_being_read_again(desk):
    write("Kurser för anhöriga.")
    assert found("närstående") == []

    post(desk, "synonyms", words="anhörig\nnärstående")
    assert (found("närstående"), tasks()) == (["Ett"], [])

    group = Synonyms.objects.get()
    desk.post(reverse("admin:search_synonyms_delete", args=[group.pk]), {"post": "yes"})
    assert (found("närstående"), tasks()) == ([], [])


def asked(what: str = "search.tasks.words_changed") -> list[list[str]]:
    """The words that workers are asked to read again; then they have."""
    found = [arguments[0] for path, arguments in tasks() if path == what]
    DBTaskResult.objects.all().delete()
    return found


def test_a_protected_word_is_read_again_as_it_was_and_as_it_is(desk):
    post(desk, "protectedword", word="kurs", forms="kurser")
    assert asked() == [["kurs", "kurser"]]

    word = ProtectedWord.objects.get()
    post(desk, "protectedword", word.pk, word="brukare", forms="kurser\nbrukarna")
    assert asked() == [["brukare", "brukarna", "kurs", "kurser"]]

    chosen = {"action": "delete_selected", "_selected_action": [word.pk], "post": "yes"}
    desk.post(reverse("admin:search_protectedword_changelist"), chosen)
    assert (asked(), ProtectedWord.objects.count()) == ([["brukare", "brukarna", "kurser"]], 0)


def test_a_compound_is_read_again_as_it_was_and_as_it_is(desk):
    post(desk, "compoundoverride", word="ungdom")
    assert asked() == [["ungdom"]]

    override = CompoundOverride.objects.get()
    post(desk, "compoundoverride", override.pk, word="framtid", parts="fram tid")
    assert asked() == [["framtid", "ungdom"]]
    post(desk, "compoundoverride", override.pk, word="framtid", parts="")
    assert asked() == [["framtid"]]

    address = reverse("admin:search_compoundoverride_delete", args=[override.pk])
    desk.post(address, {"post": "yes"})
    assert asked() == [["framtid"]]


def test_what_is_saved_unchanged_is_not_read_again(desk):
    post(desk, "protectedword", word="kurs", forms="kurser")
    asked()
    post(desk, "protectedword", ProtectedWord.objects.get().pk, word="kurs", forms="kurser")
    assert asked() == []


def test_a_change_is_told_and_raises_the_edition(desk):
    post(desk, "synonyms", words="anhörig\nnärstående")
    group, edition = Synonyms.objects.get(), Edition.current()
    post(desk, "synonyms", group.pk, words="anhörig\nfamilj")
    entry = AuditEntry.about(group).first()
    assert (entry.verb, entry.changes) == (
        "ändrad",
        {"words": ["anhörig\nnärstående", "anhörig\nfamilj"]},
    )
    assert Edition.current() == edition + 1
