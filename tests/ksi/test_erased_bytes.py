"""Nothing is left of a person, not a byte, when her time is over.

A rare string is planted in every personal field that the register names, of every model, and looked
for in the database and the stored files after gallring. A model that the register learns of
without a way to plant in it here fails the first test.
"""

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, models
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import register
from core.models import Mail
from inventory.models import DraftFile, Follow, Message
from library.models import Draft, Gap, GapSupport, ReadingList, StoryOffer, StoryQuestion, Voice
from people.models import ErasureRequest, Invitation, Session, User
from search.models import MissedWord
from tests.factories import make_draft, make_project, make_user
from tests.library_factories import make_gap, make_item

RARE = "xqzplommonstop"
LONG_AGO = timezone.now() - datetime.timedelta(days=4000)


def planted_fields() -> set[tuple[str, str]]:
    """Every personal field that the register names."""
    return {
        (model, name)
        for holding in register.holdings()
        for model, names in holding.fields.items()
        for name in names
    }


# --- One way to plant for each model ------------------------------------------------------------


def plant_account() -> User:
    user = make_user(f"{RARE}@example.org", name=RARE, password=RARE, last_login=LONG_AGO)
    User.objects.filter(pk=user.pk).update(password=RARE, erasure_warned_at=timezone.now())
    User.objects.update(
        last_login=LONG_AGO - datetime.timedelta(days=60),
        erasure_warned_at=LONG_AGO,
        date_joined=LONG_AGO - datetime.timedelta(days=61),
    )
    return user


def plant_mail() -> None:
    fields = dict.fromkeys(("subject", "text", "html", "trouble"), RARE)
    mail = Mail.objects.create(
        **fields,
        message_id="1@example.org",
        purpose="prov",
        to=f"{RARE}@example.org",
        reply_to=f"{RARE}@example.org",
        unsubscribe=f"https://example.org/{RARE}",
        state=Mail.State.SENT,
        sent_at=LONG_AGO,
        next_at=LONG_AGO,
    )
    Mail.objects.filter(pk=mail.pk).update(written_at=LONG_AGO)


def plant_task() -> None:
    DBTaskResult.objects.create(
        task_path="prov",
        backend_name="default",
        queue_name="default",
        status="FAILED",
        finished_at=LONG_AGO,
        args_kwargs={"args": [RARE], "kwargs": {}},
        return_value=RARE,
        traceback=RARE,
        exception_class_path="",
        run_after=LONG_AGO,
        worker_ids=[],
    )


def plant_session() -> None:
    Session.objects.create(session_key="a" * 32, session_data=RARE, expire_date=LONG_AGO)


def plant_login() -> None:
    UserSession.objects.create(
        user=make_user("kvar@example.org"),
        ip="2001:db8::beef",
        user_agent=RARE,
        data={"x": RARE},
        session_key="b" * 32,
        last_seen_at=LONG_AGO,
    )


def plant_message() -> None:
    Message.objects.create(
        project=make_project(),
        name=RARE,
        email=f"{RARE}@example.org",
        text=RARE,
        sent_to_function="Enheten",
        received_at=LONG_AGO,
        key="x",
    )


def plant_draft_file() -> None:
    draft = make_draft(state="avbojt")
    file = DraftFile(draft=draft, title="Rapport", size=9, handed_in_at=LONG_AGO, key="x")
    file.file.save(f"{RARE}.txt", ContentFile(RARE.encode()), save=False)
    file.save()


def plant_declined() -> None:
    ErasureRequest.objects.create(
        user=make_user("kvar-2@example.org"),
        state="avslagen",
        decided_at=LONG_AGO,
        reason=RARE,
    )


def plant_invitation() -> None:
    Invitation.objects.create(
        email=f"{RARE}@example.org",
        token_hash="x",
        created_at=LONG_AGO - datetime.timedelta(days=1),
        expires_at=LONG_AGO,
    )


DECIDED = {"decided_at": LONG_AGO, "decided_reason": RARE, "state": "avbojd"}


def plant_voice() -> None:
    Voice.objects.create(item=make_item(), answer="inte", text=RARE, key="x", **DECIDED)


def plant_story() -> None:
    words = dict.fromkeys(("title", "text", "learning", "signature"), RARE)
    words["email"] = f"{RARE}@example.org"
    StoryOffer.objects.create(kind="erfarenhet", key="x", token_hash="x", **words, **DECIDED)


def plant_question() -> None:
    offer = StoryOffer.objects.filter(text=RARE).first()
    StoryQuestion.objects.create(offer=offer, text=RARE, answer=RARE, key="x")


def plant_gap() -> None:
    Gap.objects.create(title=RARE, text=RARE, received=RARE, key="x", **DECIDED)


def plant_support() -> None:
    GapSupport.objects.create(gap=make_gap(), visitor=RARE, supported_at=LONG_AGO)


def plant_missed_word() -> None:
    MissedWord.objects.create(word=RARE)
    MissedWord.objects.update(first_at=LONG_AGO, last_at=LONG_AGO)


def hang_on_account(model: type[models.Model], **fields: object) -> Callable[[], None]:
    """Rows that go with the account they belong to."""

    def plant() -> None:
        user = User.objects.filter(name=RARE).first() or plant_account()
        model._default_manager.create(user=user, **fields)

    return plant


def plant_discarded() -> None:
    Draft.objects.create(
        subject="post",
        state=Draft.State.DISCARDED,
        payload={"title": [RARE]},
        base={"title": [RARE]},
        key="kastat",
        changed_at=LONG_AGO,
        changed_by=make_user("kvar-3@example.org"),
    )


def plant_reading_list() -> None:
    """One whose owner's account is gone."""
    ReadingList.objects.create(title=RARE, description=RARE, key="lista", created_at=LONG_AGO)


PLANTERS: dict[str, Callable[[], object]] = {
    "people.User": plant_account,
    "account.EmailAddress": hang_on_account(EmailAddress, email=f"{RARE}@example.org"),
    "mfa.Authenticator": hang_on_account(Authenticator, type="totp", data={"secret": RARE}),
    "socialaccount.SocialAccount": hang_on_account(
        SocialAccount, provider="sso", uid=RARE, extra_data={"name": RARE}
    ),
    "people.ErasureRequest": plant_declined,
    "people.Session": plant_session,
    "usersessions.UserSession": plant_login,
    "people.Invitation": plant_invitation,
    "core.Mail": plant_mail,
    "inventory.DraftFile": plant_draft_file,
    "inventory.Message": plant_message,
    "library.Draft": plant_discarded,
    "inventory.Follow": hang_on_account(Follow, query=f"q={RARE}"),
    "library.ReadingList": plant_reading_list,
    "library.Voice": plant_voice,
    "library.StoryOffer": plant_story,
    "library.StoryQuestion": plant_question,
    "library.Gap": plant_gap,
    "library.GapSupport": plant_support,
    "search.MissedWord": plant_missed_word,
    "django_tasks_database.DBTaskResult": plant_task,
}


# --- Looking ------------------------------------------------------------------------------------


def places_with(rare: str) -> Iterator[str]:
    """Where the string is: files of the database, tables where there is a server, stored files."""
    folder = Path(settings.VAR_DIR)
    stored = folder / "files"
    files = [path for path in stored.rglob("*") if path.is_file()] if stored.exists() else []
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        files += [Path(f"{name}{end}") for end in ("", "-wal", "-shm")]
    else:
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                quoted = connection.ops.quote_name(table)
                cursor.execute(
                    f"SELECT COUNT(*) FROM {quoted} AS row WHERE row::text LIKE %s", [f"%{rare}%"]
                )
                if cursor.fetchone()[0]:
                    yield table
    for path in files:
        if path.exists() and rare.encode() in path.read_bytes():
            yield path.name


# --- Tests --------------------------------------------------------------------------------------


def test_every_model_of_the_register_is_planted_in():
    assert set(PLANTERS) == {model for model, _ in planted_fields()}


@pytest.mark.django_db(transaction=True)
def test_after_gallring_not_a_byte_is_left():
    for plant in PLANTERS.values():
        plant()
    for model, name in planted_fields():
        column = apps.get_model(model)._default_manager.values_list(name, flat=True)
        assert any(RARE in str(value) or "beef" in str(value) for value in column), (model, name)
    assert list(places_with(RARE)) != []

    outcome = register.erase_due()

    assert list(places_with(RARE)) == []
    erased = {holding.key for holding in register.holdings() if holding.fields and holding.period}
    assert {key for key in erased if outcome[key]} == erased


# Models whose texts are about no person, or about functions; everything else is in the register.
WITHOUT_PEOPLE = {
    *("core.AuditEntry", "core.BackgroundTask", "core.WorkerSign", "core.PeriodicRun"),
    "core.LongWork",  # what the visitor typed is in its task's arguments and in a digest
    *("core.RetentionRule", "search.Entry", "search.EntryFacet", "search.FacetLabel"),
    *("search.Passage", "search.Word", "search.Term"),
    *("search.Synonyms", "search.ProtectedWord", "search.CompoundOverride"),
    *("people.Organisation", "people.Merger", "people.SigninToken"),
    *("library.ServiceArea", "library.Theme", "library.Intervention", "library.TargetGroup"),
    *("library.Source", "library.Method", "library.Instrument", "library.Grade"),
    # Published authors are named as their works name them; who moved is told by keys. A story names
    # its teller by a name that she has chosen; the register tells of it as an offer, and taking it
    # back empties the item and its drafts.
    *("library.StageMove", "library.Item", "library.ItemFile", "library.LinkCheck"),
    *("library.KnowledgeSource", "library.Reader"),
    # Of a list that its owner has.
    "library.ReadingListEntry",
    *("inventory.Project", "inventory.Measure", "inventory.MeasurePoint"),
    *("inventory.Document", "inventory.Link", "inventory.Inquiry"),
    "inventory.Idea",
    # As in a project: about functions. Who wrote is told by keys, which the register clears.
    *("inventory.Draft", "inventory.Submission", "inventory.Comment"),
    *("inventory.Adoption", "inventory.HowItWent"),
    # Of libraries: nothing is written in these (no tokens are stored, the admin tells
    # core.AuditEntry), or they are about the portal itself.
    *("account.EmailConfirmation", "socialaccount.SocialApp", "socialaccount.SocialToken"),
    *("admin.LogEntry", "auth.Permission", "auth.Group", "contenttypes.ContentType"),
}


def test_every_model_with_texts_is_in_the_register_or_known_to_be_without_people():
    texts = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
    with_texts = {
        model._meta.label
        for model in apps.get_models()
        if any(isinstance(field, texts) and not field.choices for field in model._meta.fields)
    }
    in_register = {model for model, _ in planted_fields()}
    assert with_texts - in_register == WITHOUT_PEOPLE
    assert in_register <= with_texts
