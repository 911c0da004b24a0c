"""Forms of accounts: allauth's, with the portal's words."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as second
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from core.forms import careful_formfield, one_line, refuse_unseen
from core.mail import refuse_bad_address
from core.personnummer import refuse_personnummer
from people.accounts import is_allowed_domain
from people.adapters import WRONG_CODE, invited_address
from people.models import User

ADDRESS_ERRORS = {
    "required": "Skriv din e-postadress",
    "invalid": "Skriv en e-postadress, till exempel namn@example.org",
}
NOT_ALLOWED = (
    "Med den adressen går det inte att skapa konto. Skriv din e-postadress i arbetet, eller be en"
    " redaktör om en inbjudan."
)
NO_PASSKEY = "Nyckeln gick inte att använda. Försök igen, eller välj ett annat sätt."
# A code from an app counts in the period before and after its own; none counts twice.
APP_CODE_LASTS = 3 * 30


def word(field: forms.Field, label: str, *, help_text: Any = "", **attrs: str) -> None:
    """Give a field of allauth's the portal's words; its placeholder goes."""
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def word_address(field: forms.Field, help_text: str = "") -> None:
    """A field for one's own address."""
    word(field, "E-postadress i arbetet", help_text=help_text, autocomplete="username")
    field.error_messages.update(ADDRESS_ERRORS)
    field.validators.append(refuse_bad_address)
    for validator in field.validators:
        if hasattr(validator, "message") and hasattr(validator, "domain_allowlist"):
            validator.message = ADDRESS_ERRORS["invalid"]


def word_code(field: forms.Field, label: str, help_text: str = "") -> None:
    """A field for a code of digits."""
    word(field, label, help_text=help_text, inputmode="numeric", autocomplete="one-time-code")
    field.widget.attrs["class"] = "short"
    field.error_messages["required"] = "Skriv koden"


def word_password(field: forms.Field, label: str, help_text: str | None = None) -> None:
    """A field for a password."""
    word(field, label, help_text=field.help_text if help_text is None else help_text)
    field.error_messages["required"] = "Skriv lösenordet"


class CodeLoginForm(account.LoginForm):
    """An address to which a code is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_address(self.fields["login"], "Vi skickar en kod dit. Du behöver inget lösenord.")

    def _clean_without_password(self, email: str | None, phone: str | None) -> dict:
        """One question to the database, whether there is such an account or not."""
        self.user = User.objects.filter(email=email, is_active=True).first()
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            self.add_error("login", get_adapter().validation_error("too_many_login_attempts"))
        return self.cleaned_data


class PasswordLoginForm(account.LoginForm):
    """Address and password, for those who have set one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_address(self.fields["login"])
        word_password(self.fields["password"], "Lösenord", "")

    def _setup_password_field(self) -> None:
        """Allauth takes it away where accounts are made without."""

    def _login_with_password(
        self, request: HttpRequest, redirect_url: str, credentials: dict
    ) -> HttpResponse:
        """As allauth's, but the adapter decides how long the session lasts."""
        self._login.redirect_url = redirect_url
        return perform_password_login(request, credentials, self._login)


class SignupForm(account.SignupForm):
    """Name and address."""

    name = forms.CharField(
        label="Ditt namn",
        max_length=100,
        help_text="Visas för kollegor som du arbetar med i portalen.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        validators=[refuse_personnummer],
        error_messages={"required": "Skriv ditt namn"},
    )
    field_order = ("name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invited = invited_address(context.request)
        told = "" if invited else "Vi skickar en kod dit för att se att adressen är din."
        word_address(self.fields["email"], told)
        self.fields["email"].initial = invited or None

    def clean_name(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["name"])

    def clean_email(self) -> str:
        """Refuse who may not make an account, before asking whether there is one."""
        email = self.cleaned_data["email"].lower()
        invited = invited_address(context.request)
        if invited and email != invited:
            raise forms.ValidationError(f"Inbjudan gäller bara {invited}")
        if not invited and not is_allowed_domain(email):
            raise forms.ValidationError(NOT_ALLOWED)
        return super().clean_email()


class NameForm(forms.ModelForm):
    """One's own name."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": "Ditt namn"}
        help_texts = {"name": "Visas för kollegor som du arbetar med i portalen."}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        formfield_callback = careful_formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].error_messages["required"] = "Skriv ditt namn"
        self.fields["name"].validators.remove(refuse_unseen)

    def clean_name(self) -> str:
        """On one line; what nobody sees is left out without a word."""
        return one_line(self.cleaned_data["name"])


class ConfirmLoginCodeForm(account.ConfirmLoginCodeForm):
    """The code that was sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"], "Kod", "Åtta siffror, med eller utan streck.")


class ConfirmAddressForm(account.ConfirmEmailVerificationCodeForm):
    """The code that was sent to a new address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"], "Kod", "Åtta siffror, med eller utan streck.")


class SetPasswordForm(account.SetPasswordForm):
    """A first password, written once: who mistypes logs in with a code and sets it again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_password(self.fields["password1"], "Nytt lösenord")
        del self.fields["password2"]


class ChangePasswordForm(account.ChangePasswordForm):
    """Another password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_password(self.fields["oldpassword"], "Nuvarande lösenord", "")
        word_password(self.fields["password1"], "Nytt lösenord")
        del self.fields["password2"]


class PasswordAgainForm(account.ReauthenticateForm):
    """The password once more before something delicate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_password(self.fields["password"], "Lösenord", "")


class SecondCode(second.BaseAuthenticateForm):
    """A code from an app, or a recovery code, that counts once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "Sex siffror från appen, eller en av dina reservkoder."
        word_code(self.fields["code"], "Kod", help_text)

    def clean_code(self) -> str:
        """Allauth forgets a used code after its own period, but takes it for longer."""
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            used = f"ksi:totp:{self.authenticator.pk}:{code.strip()}"
            if not cache.add(used, True, timeout=APP_CODE_LASTS):
                raise forms.ValidationError(WRONG_CODE)
        return code


class SecondFactorForm(SecondCode, second.AuthenticateForm):
    """At login."""


class SecondFactorAgainForm(SecondCode, second.ReauthenticateForm):
    """Before something delicate."""


class ActivateAppForm(totp.ActivateTOTPForm):
    """The first code of a new app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_code(self.fields["code"], "Kod från appen", "Sex siffror.")


class Credential(forms.Form):
    """What the browser writes when a passkey has been used."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for error in ("required", "invalid"):
            self.fields["credential"].error_messages[error] = NO_PASSKEY


class AddPasskeyForm(Credential, webauthn.AddWebAuthnForm):
    """A new passkey."""

    name = forms.CharField(required=False, validators=[refuse_personnummer])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(
            self.fields["name"],
            "Namn på nyckeln",
            help_text="Så att du känner igen den, till exempel ”Mobilen”.",
            maxlength="60",
        )
        self.fields["passwordless"].initial = True
        word(
            self.fields["passwordless"],
            "Använd nyckeln också i stället för kod",
            help_text="Då skyddas den av fingeravtryck, ansikte eller pinkod."
            " Ta bort krysset för en säkerhetsnyckel utan pinkod.",
        )


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(validators=[refuse_personnummer])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self.fields["name"], "Namn på nyckeln", maxlength="60")
        self.fields["name"].error_messages["required"] = "Skriv ett namn"


class UsePasskeyForm(Credential, webauthn.AuthenticateWebAuthnForm):
    """A passkey as second factor."""


class LoginPasskeyForm(Credential, webauthn.LoginWebAuthnForm):
    """A passkey instead of a code."""


class PasskeyAgainForm(Credential, webauthn.ReauthenticateWebAuthnForm):
    """A passkey before something delicate."""
