"""Who is who: users, organisations and how organisations follow one another."""

import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from core.models import AuditEntry
from core.text import fold, sort_key
from search.models import Audience


class UserManager(BaseUserManager["User"]):
    """Makes users whose e-mail is their login."""

    def get_by_natural_key(self, email: str | None) -> "User":
        """The user of this address, however it is capitalised."""
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user; without a password none can be used to log in. Raises ValueError for ""."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new administrator, made on the server. Writes history."""
        fields |= {"is_staff": True, "is_superuser": True, "reads_internal": True}
        with transaction.atomic():
            user = self.create_user(email, password, **fields)
            SiteRole.objects.using(self._db).create(user=user, role=SiteRole.Role.ADMINISTRATOR)
            role = str(SiteRole.Role.ADMINISTRATOR)
            reason = "manage.py createsuperuser"
            AuditEntry.record("skapad", user, by=None, to_state=role, reason=reason)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account. The address is the login; there is no user name."""

    email = models.EmailField("e-post", unique=True)
    name = models.CharField("namn", max_length=100, blank=True)
    is_active = models.BooleanField("aktiv", default=True)
    is_staff = models.BooleanField("får använda redaktörernas verktyg", default=False)
    date_joined = models.DateTimeField("tillagd", default=timezone.now, editable=False)

    # City staff by their address or by a unit of the city; kept by people.actions.
    is_city_staff = models.BooleanField("stadens personal", default=False, editable=False)

    # By a role in the portal (people.roles.READ_STAFF); kept by people.actions.update_access.
    reads_internal = models.BooleanField(
        "läser internt", default=False, db_default=False, editable=False
    )

    # When she was told that the account, which nobody used, would be erased.
    erasure_warned_at = models.DateTimeField("varnad om radering", null=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "användare"
        verbose_name_plural = "användare"
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=~Q(email=""), name="user_has_email"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def site_role_keys(self) -> frozenset[str]:
        """The site roles that the user holds now."""
        return frozenset(self.site_roles.values_list("role", flat=True))

    @property
    def needs_second_factor(self) -> bool:
        """Whether a code by e-mail is not enough to work as this user (see people.middleware)."""
        return self.is_staff or self.is_superuser

    @property
    def is_last_administrator(self) -> bool:
        """Whether nobody could give roles any longer without this account."""
        administrators = SiteRole.objects.filter(
            role=SiteRole.Role.ADMINISTRATOR, user__is_active=True
        )
        return list(administrators.values_list("user", flat=True)) == [self.pk]

    @property
    def audit_label(self) -> str:
        """What the history calls the account: neither name nor address, which are personal."""
        return f"Konto {self.pk}"

    @property
    def kept_as(self) -> tuple[object, ...]:
        """What a page depends on of its visitor; see core.keeping.kept_for_visitor."""
        return (self.pk, str(self), self.is_staff, audiences_of(self))

    def clean(self) -> None:
        """Addresses are compared in lower case."""
        super().clean()
        self.email = self.email.lower()


class Session(AbstractBaseSession):
    """One browser's session, and whose it is; see people.sessions."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "session"
        verbose_name_plural = "sessioner"


class Invitation(models.Model):
    """Somebody outside the allowed e-mail domains may make an account, by a link sent to her."""

    email = models.EmailField("e-post")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User,
        verbose_name="inbjuden av",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField("inbjuden", default=timezone.now, editable=False)
    expires_at = models.DateTimeField("gäller till", editable=False)
    used_at = models.DateTimeField("använd", null=True, editable=False)

    class Meta:
        verbose_name = "inbjudan"
        verbose_name_plural = "inbjudningar"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_lasts_a_while"
            ),
        ]

    def __str__(self) -> str:
        return f"Inbjudan {self.pk}"


class SigninToken(models.Model):
    """A link that signs in once, made by an administrator on the server (manage.py signin_url)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signin_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("gjord", default=timezone.now)
    expires_at = models.DateTimeField("gäller till")
    used_at = models.DateTimeField("använd", null=True)

    class Meta:
        verbose_name = "engångslänk"
        verbose_name_plural = "engångslänkar"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Engångslänk {self.pk}"


def audiences_of(user: User | AnonymousUser) -> frozenset[str]:
    """Which audiences somebody belongs to: what they may see is what is meant for one of them."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Audience.PUBLIC})
    if user.is_city_staff or user.reads_internal:
        return frozenset({Audience.PUBLIC, Audience.STAFF})
    return frozenset({Audience.PUBLIC})


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by what and when they are."""

    def on(self, day: datetime.date) -> "OrganisationQuerySet":
        """Those that existed that day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
        )

    def districts(self) -> "OrganisationQuerySet":
        """City districts, today's and earlier ones."""
        return self.filter(kind=Organisation.Kind.DISTRICT)

    def of_the_city(self) -> "OrganisationQuerySet":
        """The city itself and what it covers: its members read what is for its staff."""
        municipality = Organisation.Kind.MUNICIPALITY
        return self.filter(
            pk__in=Lineage.objects.filter(ancestor__kind=municipality).values("descendant")
        )

    def alphabetical(self) -> "OrganisationQuerySet":
        """In Swedish alphabetical order, on either database."""
        return self.order_by("sort_key", "pk")


class Organisation(models.Model):
    """A district, unit, university, user organisation…

    History is never rewritten: an old project stays under the organisation that ran it, and
    Lineage tells who came after.
    """

    class Kind(models.TextChoices):
        """What sort of organisation it is."""

        DISTRICT = "stadsdelsforvaltning", "Stadsdelsförvaltning"
        DEPARTMENT = "fackforvaltning", "Fackförvaltning"
        UNIT = "enhet", "Enhet"
        REGION = "region", "Region"
        USERS = "brukarorganisation", "Brukar- och anhörigorganisation"
        UNIVERSITY = "larosate", "Universitet och högskola"
        MUNICIPALITY = "kommun", "Kommun"
        AUTHORITY = "myndighet", "Myndighet"
        PROVIDER = "utforare", "Annan utförare"
        OTHER = "ovrig", "Övrig organisation"

    name = models.CharField("namn", max_length=150)
    short_name = models.CharField("kortnamn", max_length=60, blank=True)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    kind = models.CharField("typ", max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self",
        verbose_name="ingår i",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units",
    )
    valid_from = models.DateField("finns från", null=True, blank=True)
    valid_to = models.DateField(
        "finns till", null=True, blank=True, help_text="Första dagen som den inte längre fanns."
    )
    successors = models.ManyToManyField(
        "self",
        verbose_name="efterföljare",
        through="Succession",
        through_fields=("predecessor", "successor"),
        symmetrical=False,
        related_name="predecessors",
        blank=True,
    )
    description = models.TextField("beskrivning", blank=True)
    website = models.URLField("webbplats", blank=True)
    neighbourhoods = models.JSONField(
        "stadsdelar",
        default=list,
        blank=True,
        help_text="Namn på stadsdelar som hör hit, så att man hittar rätt (en lista).",
    )
    contact_function = models.CharField("kontakt (funktion)", max_length=150, blank=True)
    contact_email = models.EmailField("funktionsbrevlåda", blank=True)
    sort_key = models.CharField(max_length=150, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        verbose_name_plural = "organisationer"
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="organisation_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="organisation_not_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key that lists are sorted by."""
        self.sort_key = sort_key(self.label)
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def is_current(self) -> bool:
        """Whether it exists today."""
        return self.valid_to is None or self.valid_to > timezone.localdate()

    @property
    def is_district(self) -> bool:
        """Whether it is a city district, today's or earlier."""
        return self.kind == self.Kind.DISTRICT

    @property
    def all_names(self) -> list[str]:
        """What people may call it: name, short name and its neighbourhoods."""
        return [self.name, self.short_name, *self.neighbourhoods]

    def is_called(self, text: str) -> bool:
        """Whether the text is one of its names, however it is capitalised."""
        return fold(text) in {fold(name) for name in self.all_names if name}


class Succession(models.Model):
    """One organisation went over into another: mergers have many rows with one successor."""

    predecessor = models.ForeignKey(
        Organisation,
        verbose_name="föregångare",
        on_delete=models.CASCADE,
        related_name="succeeded_by",
    )
    successor = models.ForeignKey(
        Organisation, verbose_name="efterföljare", on_delete=models.CASCADE, related_name="succeeds"
    )
    date = models.DateField("datum")

    class Meta:
        verbose_name = "efterföljd"
        verbose_name_plural = "efterföljder"
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="succession_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} ({self.date})"


class Lineage(models.Model):
    """The closure over tree and successions: `ancestor` covers `descendant`.

    An organisation covers itself, its units and its predecessors, with theirs. Filters find what
    predecessors did, and a role in an organisation covers its units. Written by
    people.actions.rebuild_lineage.
    """

    ancestor = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="covers")
    descendant = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="covered_by"
    )

    class Meta:
        verbose_name = "släktskap"
        verbose_name_plural = "släktskap"
        constraints = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="lineage_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor} ⊇ {self.descendant}"


class MergerQuerySet(models.QuerySet["Merger"]):
    """Mergers by where they stand."""

    def planned(self) -> "MergerQuerySet":
        """Those whose day has not come, or has come and not been seen to."""
        return self.filter(state=Merger.State.PLANNED)

    def due(self) -> "MergerQuerySet":
        """Planned ones whose day has come, in the order in which they happened."""
        return self.planned().filter(date__lte=timezone.localdate()).order_by("date", "pk")


class Merger(models.Model):
    """Organisations that an administrator lets become one from a day.

    Until that day it is a plan, and nothing else has changed: the organisation that is to be new is
    made on the day, of `name`, `short_name`, `slug` and `parent`.
    """

    class State(models.TextChoices):
        """Where a merger stands."""

        PLANNED = "planerad", "Planerad"
        DONE = "genomford", "Genomförd"
        CANCELLED = "installd", "Inställd"

    MOVES = {
        State.PLANNED: {State.DONE, State.CANCELLED},
        State.DONE: set(),
        State.CANCELLED: set(),
    }

    organisations = models.ManyToManyField(
        Organisation, verbose_name="slås samman", through="MergerPart", related_name="mergers"
    )
    successor = models.ForeignKey(
        Organisation,
        verbose_name="går upp i",
        null=True,
        on_delete=models.PROTECT,
        related_name="formed_by",
    )
    name = models.CharField("den nyas namn", max_length=150, blank=True)
    short_name = models.CharField("den nyas kortnamn", max_length=60, blank=True)
    slug = models.SlugField("den nyas adressnamn", max_length=80, blank=True)
    parent = models.ForeignKey(
        Organisation,
        verbose_name="den nya ingår i",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    date = models.DateField("från och med")
    reason = models.TextField("skäl")
    state = models.CharField("läge", max_length=10, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField("beslutad", default=timezone.now)
    planned_by = models.ForeignKey(
        User, verbose_name="beslutad av", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_at = models.DateTimeField("genomförd eller inställd", null=True)
    cancelled_because = models.TextField("varför den ställdes in", blank=True)
    # The same for a form that is sent twice.
    key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)

    objects = MergerQuerySet.as_manager()

    class Meta:
        verbose_name = "sammanslagning"
        verbose_name_plural = "sammanslagningar"
        ordering = ["-date", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="merger_has_reason"),
            models.CheckConstraint(
                condition=Q(successor__isnull=False) | (~Q(name="") & ~Q(slug="")),
                name="merger_into_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="genomford") | Q(successor__isnull=False),
                name="merger_done_has_successor",
            ),
            models.CheckConstraint(
                condition=Q(state="planerad", settled_at=None)
                | (~Q(state="planerad") & Q(settled_at__isnull=False)),
                name="merger_settled_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="installd") | ~Q(cancelled_because=""),
                name="merger_cancelled_with_reason",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(state="planerad") & ~Q(slug=""),
                name="merger_new_slug_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Sammanslagning till {self.into} {self.date}"

    @property
    def into(self) -> Organisation:
        """What it goes over into: an organisation, unsaved until the day when it is to be new."""
        return self.successor or Organisation(
            name=self.name, short_name=self.short_name, slug=self.slug, parent=self.parent
        )


class MergerPart(models.Model):
    """An organisation that ceases by a merger. `waits` until the merger is done or cancelled."""

    merger = models.ForeignKey(Merger, on_delete=models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="organisation",
        on_delete=models.PROTECT,
        related_name="merger_parts",
    )
    waits = models.BooleanField("väntar", default=True)

    class Meta:
        verbose_name = "del i en sammanslagning"
        verbose_name_plural = "delar i sammanslagningar"
        ordering = ["organisation__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["merger", "organisation"], name="merger_part_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(waits=True), name="merger_part_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by where they stand."""

    def current(self) -> "MembershipQuerySet":
        """Those that give a role now."""
        return self.filter(state=Membership.State.APPROVED)

    def waiting(self) -> "MembershipQuerySet":
        """Requests that nobody has decided."""
        return self.filter(state=Membership.State.REQUESTED)

    def open(self) -> "MembershipQuerySet":
        """Those that give a role now, and requests."""
        return self.filter(state__in=[Membership.State.REQUESTED, Membership.State.APPROVED])


class Membership(models.Model):
    """Somebody's role in an organisation: asked for, approved, ended.

    What a unit has written stays with the unit when a member leaves.
    """

    class Role(models.TextChoices):
        """What a member may be; explained in people.roles."""

        REPORTER = "uppgiftslamnare", "Uppgiftslämnare"
        MANAGER = "enhetschef", "Enhetschef"
        COORDINATOR = "samordnare", "Samordnare"

    class State(models.TextChoices):
        """Where a membership stands."""

        REQUESTED = "begard", "Väntar på beslut"
        APPROVED = "godkand", "Godkänd"
        DECLINED = "avslagen", "Avslagen"
        ENDED = "avslutad", "Avslutad"

    MOVES = {
        State.REQUESTED: {State.APPROVED, State.DECLINED, State.ENDED},
        State.APPROVED: {State.ENDED},
        State.DECLINED: set(),
        State.ENDED: set(),
    }

    user = models.ForeignKey(
        User, verbose_name="användare", on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="organisation",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField("roll", max_length=20, choices=Role)
    state = models.CharField("läge", max_length=10, choices=State, default=State.REQUESTED)
    asked_at = models.DateTimeField("begärd", default=timezone.now)
    decided_at = models.DateTimeField("beslutad", null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name="beslutad av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    ended_at = models.DateTimeField("avslutad", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "medlemskap"
        verbose_name_plural = "medlemskap"
        ordering = ["organisation__sort_key", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(state__in=["begard", "godkand"]),
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | ~Q(state="begard"),
                name="membership_request_is_undecided",
            ),
            models.CheckConstraint(
                condition=~Q(state="avslutad") | Q(ended_at__isnull=False),
                name="membership_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.organisation}"

    @property
    def audit_label(self) -> str:
        """Without the name: the history outlives the account."""
        return f"Konto {self.user_id}: {self.get_role_display()}, {self.organisation}"


class ErasureRequest(models.Model):
    """Somebody asks to have her account erased; what no period covers a person decides.

    Granted, it goes with the account; the history tells that it was.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "vantar", "Väntar på beslut"
        DECLINED = "avslagen", "Avslagen"

    user = models.ForeignKey(
        User, verbose_name="konto", on_delete=models.CASCADE, related_name="erasure_requests"
    )
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField("begärd", default=timezone.now)
    decided_at = models.DateTimeField("beslutad", null=True)
    decided_by = models.ForeignKey(
        User, verbose_name="beslutad av", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField("skäl", blank=True)

    class Meta:
        verbose_name = "begäran om radering"
        verbose_name_plural = "begäranden om radering"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="vantar"), name="erasure_request_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="avslagen") | (Q(decided_at__isnull=False) & ~Q(reason="")),
                name="erasure_declined_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Begäran {self.pk} om radering"

    @property
    def answer_by(self) -> datetime.date:
        """Within a month, says article 12.3 of the General Data Protection Regulation."""
        return timezone.localdate(self.asked_at) + datetime.timedelta(days=30)


class SiteRole(models.Model):
    """A role in the whole portal, given by an administrator."""

    class Role(models.TextChoices):
        """What somebody may be; explained in people.roles."""

        CURATOR = "redaktor", "Redaktör"
        COUNCIL = "forskningsrad", "Forskningsråd"
        REGISTRAR = "registrator", "Registrator"
        ADMINISTRATOR = "administrator", "Administratör"

    user = models.ForeignKey(
        User, verbose_name="användare", on_delete=models.CASCADE, related_name="site_roles"
    )
    role = models.CharField("roll", max_length=20, choices=Role)
    given_at = models.DateTimeField("given", default=timezone.now, editable=False)
    given_by = models.ForeignKey(
        User,
        verbose_name="given av",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "roll i portalen"
        verbose_name_plural = "roller i portalen"
        ordering = ["role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="site_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
