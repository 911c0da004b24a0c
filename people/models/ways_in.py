"""Sessions, invitations and links that let somebody in."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from people.models.accounts import User


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
