"""The register of personal data: what is over is erased at night, counted, and told."""

import datetime
from io import StringIO

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core import register
from core.models import AuditEntry, Mail, RetentionRule
from core.register import Holding, Period
from people import personal_data
from tests.factories import make_curator

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 24, 3, tzinfo=datetime.UTC)


def make_mail(*, days_old: int, **fields: object) -> Mail:
    """A sent message, written so many days before NOW."""
    mail = Mail.objects.create(
        message_id=f"{Mail.objects.count()}@example.org",
        purpose="prov",
        to="nagon@example.org",
        subject="Ämne",
        text="Text",
        state=Mail.State.SENT,
        sent_at=NOW,
        next_at=NOW,
        **fields,
    )
    written = NOW - datetime.timedelta(days=days_old)
    Mail.objects.filter(pk=mail.pk).update(written_at=written)
    return mail


def holding(key: str, **period: object) -> Holding:
    """A holding of somebody's shoe sizes."""
    return Holding(
        key=key,
        label=f"Uppgift {key}",
        whom="Alla.",
        what="Skostorlek.",
        purpose="Skor.",
        ground="Allmänt intresse",
        seen_by="Ingen.",
        left=lambda: (0, None),
        period=Period(since="skorna", **period) if period else None,
    )


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is declared yet."""
    monkeypatch.setattr(register, "_holdings", {})


def told() -> list[tuple[str, dict]]:
    """What the history says of erasing, oldest first."""
    found = AuditEntry.objects.filter(verb="gallrat").order_by("pk")
    return [(entry.object_label, entry.changes) for entry in found]


def test_mail_is_kept_for_ninety_days():
    kept, over = make_mail(days_old=89), make_mail(days_old=91)
    assert register.count_due(NOW)["mejl"] == 1
    assert register.erase_due(NOW)["mejl"] == 1
    assert [Mail.objects.get(pk=mail.pk).to for mail in (kept, over)] == ["nagon@example.org", ""]


def test_what_was_erased_is_told_with_counts_and_without_values():
    make_mail(days_old=91)
    make_mail(days_old=100)
    register.erase_due(NOW)
    counted = {"antal": ["", "2"], "äldre än": ["", "2026-08-26"]}
    assert told() == [("Mejl från KSI", counted)]


def test_a_night_with_nothing_to_erase_is_not_told():
    make_mail(days_old=1)
    register.erase_due(NOW)
    assert told() == []


def test_the_second_night_finds_nothing_more():
    make_mail(days_old=91)
    register.erase_due(NOW)
    assert register.erase_due(NOW)["mejl"] == 0


def test_an_administrator_enters_another_period_and_its_decision(client):
    register.enter_rules()
    rule = RetentionRule.objects.get(key="mejl")
    client.force_login(make_curator())
    address = f"/admin/core/retentionrule/{rule.pk}/change/"
    client.post(address, {"days": "30", "decision": "Arkivnämndens beslut 2026-10-01, dnr 1"})

    make_mail(days_old=31)
    assert register.erase_due(NOW)["mejl"] == 1
    page = client.get("/personuppgifter/").content.decode()
    assert "Raderas 30 dagar efter att mejlet skrevs." in page
    assert "Stadens beslut om radering: Arkivnämndens beslut 2026-10-01, dnr 1." in page
    changed = AuditEntry.about(rule).get(verb="ändrad")
    assert changed.changes["days"] == ["90", "30"]


@pytest.mark.parametrize(
    ("key", "days", "told"),
    [
        ("mejl", 800_000, "Kontrollera att detta värde är mindre än eller lika med 36500."),
        ("konto", 59, "Skriv minst 60 dagar: den som berörs ska hinna få veta det innan."),
    ],
)
def test_a_period_that_cannot_be_meant_is_refused(client, key, days, told):
    register.enter_rules()
    rule = RetentionRule.objects.get(key=key)
    client.force_login(make_curator())
    answer = client.post(f"/admin/core/retentionrule/{rule.pk}/change/", {"days": days})
    assert told in answer.content.decode()
    before = rule.days
    rule.refresh_from_db()
    assert rule.days == before


def test_a_period_shorter_than_its_holding_needs_is_never_in_force():
    register.enter_rules()
    RetentionRule.objects.filter(key="konto").update(days=1)
    assert register.rules()["konto"].days == 60


def test_entering_the_rules_again_keeps_what_was_entered():
    register.enter_rules()
    RetentionRule.objects.filter(key="mejl").update(days=7)
    register.enter_rules()
    assert RetentionRule.objects.filter(key="mejl").values_list("days", flat=True).get() == 7
    with_period = [holding for holding in register.holdings() if holding.period]
    assert RetentionRule.objects.count() == len(with_period)


@pytest.mark.usefixtures("alone")
def test_one_holding_that_fails_leaves_the_others_alone():
    def broken(before: datetime.datetime) -> int:
        make_mail(days_old=0)  # rolled back with the failure
        raise RuntimeError("sönder")

    register.register(
        holding("a", days=1, due=lambda before: 0, erase=broken),
        holding("b", days=1, due=lambda before: 3, erase=lambda before: 3),
    )
    with pytest.raises(ExceptionGroup) as problem:
        register.erase_due(NOW)
    assert [str(each) for each in problem.value.exceptions] == ["sönder"]
    assert [label for label, _ in told()] == ["Uppgift b"]
    assert Mail.objects.count() == 0


@pytest.mark.usefixtures("alone")
def test_what_has_no_period_is_not_erased_by_time():
    register.register(holding("c"))
    assert (register.erase_due(NOW), register.count_due(NOW)) == ({}, {})


def test_the_command_counts_without_erasing():
    mail = make_mail(days_old=400)
    out = StringIO()
    call_command("gallra", "--dry-run", stdout=out)
    assert "mejl: 1\n" in out.getvalue()
    assert out.getvalue().endswith("Inget är raderat.\n")
    mail.refresh_from_db()
    assert mail.to == "nagon@example.org"


def test_the_command_erases():
    mail = make_mail(days_old=400)
    out = StringIO()
    call_command("gallra", stdout=out)
    assert "mejl: 1\n" in out.getvalue()
    mail.refresh_from_db()
    assert mail.to == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "natten efter"),
        (1, "1 dag efter"),
        (7, "7 dagar efter"),
        (30, "30 dagar efter"),
        (90, "3 månader efter"),
        (365, "1 år efter"),
        (730, "2 år efter"),
    ],
)
def test_a_period_is_said_in_words(days, words):
    assert RetentionRule(days=days).spoken == words


def test_every_holding_says_all_that_the_page_needs():
    for each in register.holdings():
        said = (each.label, each.whom, each.what, each.purpose, each.ground, each.seen_by)
        assert all(said), each.key
        assert bool(each.period) != bool(each.kept), each.key


def test_the_page_is_the_register(client):
    page = client.get("/personuppgifter/")
    shown = [holding.key for holding, _ in page.context["kept"]]
    assert shown == [holding.key for holding in register.holdings()]
    text = page.content.decode()
    for each in register.holdings():
        assert f'<h3 id="{each.key}">{each.label}</h3>' in text


def test_gallring_is_done_every_night():
    from core import periodic

    work = periodic.works["gallring"]
    assert (work.function, work.at) == ("core.register.erase_due", datetime.time(3))
    assert periodic.works["varna-vilande-konton"].function == (
        f"{personal_data.warn_idle.__module__}.warn_idle"
    )


def test_expired_counts_leave_the_database_cache(settings):
    """Django's database cache keeps what has expired until it is full."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "ksi_cache",
        }
    }
    call_command("createcachetable", verbosity=0)
    for address in ("192.0.2.1", "192.0.2.2"):
        caches["default"].set(f"ip:{address}", 1, timeout=3600)
    an_hour_ago = (timezone.now() - datetime.timedelta(hours=1)).replace(microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ksi_cache SET expires = %s WHERE cache_key = ':1:ip:192.0.2.1'",
            [connection.ops.adapt_datetimefield_value(an_hour_ago)],
        )
    assert (register.count_due()["rakning"], register.erase_due()["rakning"]) == (1, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM ksi_cache")
        assert cursor.fetchall() == [(":1:ip:192.0.2.2",)]
