"""Accounts, roles in the whole portal, and what somebody may read by them."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from core.models import AuditEntry
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


def audiences_of(user: User | AnonymousUser) -> frozenset[str]:
    """Which audiences somebody belongs to: what they may see is what is meant for one of them."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Audience.PUBLIC})
    if user.is_city_staff or user.reads_internal:
        return frozenset({Audience.PUBLIC, Audience.STAFF})
    return frozenset({Audience.PUBLIC})


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
