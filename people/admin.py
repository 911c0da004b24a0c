"""Accounts and organisations, edited by curators."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from core.admin import (
    AuditedAdmin,
    CarefulAdmin,
    CarefulInline,
    Changes,
    Desk,
    WatchedAdmin,
    old_value,
)
from core.errors import forbidden, wrong_method
from people import accounts, actions, roles
from people.history import of_merger
from people.merger_forms import NUMBER, CancelForm, MergeForm
from people.merging import CannotMerge
from people.models import (
    Invitation,
    Membership,
    Merger,
    Organisation,
    SiteRole,
    Succession,
    User,
)


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):
    """Accounts; the address is the login."""

    add_form = AdminUserCreationForm
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["email", "name"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("Rättigheter", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Tider", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined", "is_staff", "is_superuser"]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})
    ]
    personal_fields = frozenset({"email", "name", "password", "password1", "password2"})
    actions = ["remove_second_factor"]

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Django's own page tells only Django's log of a password that was set or taken away."""
        kept = User.objects.filter(pk=id) if id.isdecimal() else User.objects.none()
        before = kept.values_list("password", flat=True).first()
        response = super().user_change_password(request, id, form_url)
        if user := kept.exclude(password=before).first():
            reason = "Av en administratör."
            accounts.password_changed(user=user, by=request.user, reason=reason)
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not the last who could give roles."""
        last = isinstance(obj, User) and obj.is_last_administrator
        return not last and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Of several chosen together one administrator stays: all or none are deleted."""
        if obj.is_last_administrator:
            raise PermissionDenied
        super().delete_model(request, obj)

    @admin.action(description="Ta bort nycklar, app och reservkoder; logga ut överallt")
    def remove_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """For who has lost telephone and recovery codes; only an administrator may."""
        for user in users:
            accounts.remove_second_factor(user=user, by=request.user)
        messages.success(request, f"Klart för {len(users)} konton. De loggar in med en kod igen.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The action is shown to who may use it."""
        found = super().get_actions(request)
        if not getattr(request.user, "is_superuser", False):
            found.pop("remove_second_factor", None)
        return found


@admin.register(Invitation)
class InvitationAdmin(CarefulAdmin, Desk):
    """Invite somebody by her address; the link goes by mail and is shown nowhere."""

    list_display = ["email", "invited_by", "created_at", "expires_at", "used_at"]
    list_select_related = ["invited_by"]
    search_fields = ["email"]
    fields = ["email"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Invite, and send the link when the invitation is surely there."""
        assert isinstance(request.user, User)  # noqa: S101
        invitation, token = accounts.invite(email=obj.email, by=request.user)
        obj.pk = invitation.pk
        link = request.build_absolute_uri(reverse("invitation", args=[token]))

        def send() -> None:
            if not accounts.send_invitation(invitation=invitation, link=link):
                messages.error(request, "Mejlet kunde inte skickas. Bjud in igen om en stund.")

        transaction.on_commit(send)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An invitation is not changed: invite again, or take it back."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may invite sees the invitations."""
        return self.has_add_permission(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take it back; told in the history."""
        accounts.take_back_invitation(invitation=obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Each is told."""
        for invitation in queryset:
            self.delete_model(request, invitation)

    def log_addition(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""

    def log_deletions(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""


class SuccessionInline(CarefulInline):
    """What the organisation went over into."""

    model = Succession
    fk_name = "predecessor"
    autocomplete_fields = ["successor"]
    extra = 0
    verbose_name_plural = "efterföljare"


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin):
    """Districts, units and other bodies, with their dates and successors."""

    list_display = ["name", "kind", "parent", "valid_from", "valid_to"]
    list_filter = ["kind", ("valid_to", admin.EmptyFieldListFilter)]
    search_fields = ["name", "short_name", "slug"]
    list_select_related = ["parent"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [SuccessionInline]
    personal_fields = frozenset({"contact_function", "contact_email"})
    actions = ["merge"]

    def after_change(self, request: HttpRequest, obj: models.Model, changes: Changes) -> None:
        """Filters, labels and rows follow the organisation."""
        assert isinstance(obj, Organisation)  # noqa: S101
        actions.organisation_changed(organisation=obj, old_slug=old_value(changes, "slug"))

    def after_delete(self, obj: Any) -> None:
        """Filters forget it."""
        actions.rebuild_lineage()

    @admin.action(description="Slå samman")
    def merge(self, request: HttpRequest, queryset: QuerySet[Organisation]) -> HttpResponse:
        """Lead on to the page where it is planned."""
        pks = queryset.order_by("pk").values_list("pk", flat=True)
        chosen = urlencode([("organisations", pk) for pk in pks])
        return redirect(f"{reverse('admin:people_organisation_merge')}?{chosen}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The action is shown to who may use it."""
        found = super().get_actions(request)
        if not may_merge(request):
            found.pop("merge", None)
        return found

    def get_urls(self) -> list[URLPattern]:
        """With the pages that merge."""
        view = self.admin_site.admin_view
        own = [
            path("sla-samman/", view(self.merge_view), name="people_organisation_merge"),
            path("sla-samman/nu/", view(self.merged_view), name="people_organisation_merged"),
        ]
        return [*own, *super().get_urls()]

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """Ask into what, from when and why; what is sent is shown as it would be, and not done."""
        if not may_merge(request):
            return forbidden(request)
        if request.method != "POST":
            chosen = [pk for pk in request.GET.getlist("organisations") if NUMBER.fullmatch(pk)]
            return self._merge_page(request, MergeForm(initial={"organisations": chosen}), chosen)
        form = MergeForm(request.POST)
        if not form.is_valid():
            return self._merge_again(request, form)
        form.auto_id = False  # its fields are hidden there, without what describes them
        context = self._merge_context(request) | {"form": form, "plan": form.plan}
        return TemplateResponse(request, "admin/people/organisation_merge_preview.html", context)

    def merged_view(self, request: HttpRequest) -> HttpResponse:
        """Do what has been shown, now or on its day."""
        if not may_merge(request):
            return forbidden(request)
        if request.method != "POST":
            return wrong_method(request, "POST")
        form, merger = MergeForm(request.POST), None
        if form.is_valid():
            try:
                merger = actions.merge_organisations(
                    organisations=form.plan.organisations,
                    successor=form.plan.successor,
                    date=form.plan.date,
                    reason=form.cleaned_data["reason"],
                    key=form.key,
                    by=_administrator(request),
                )
            except CannotMerge as refused:
                form.add_problems(refused.problems)
        if merger is None and form.key:  # sent twice: the first has done it
            merger = Merger.objects.filter(key=form.key).first()
        if merger is None:
            return self._merge_again(request, form)
        told = merger.get_state_display().lower()
        messages.success(request, f"{merger}: {told}.")
        return redirect("admin:people_merger_change", merger.pk)

    def _merge_again(self, request: HttpRequest, form: MergeForm) -> HttpResponse:
        chosen = [pk for pk in request.POST.getlist("organisations") if NUMBER.fullmatch(pk)]
        return self._merge_page(request, form, chosen, status=422)

    def _merge_page(
        self, request: HttpRequest, form: MergeForm, chosen: list[str], status: int = 200
    ) -> HttpResponse:
        found = Organisation.objects.filter(pk__in=chosen).alphabetical()
        context = self._merge_context(request) | {"form": form, "chosen": found}
        name = "admin/people/organisation_merge.html"
        return TemplateResponse(request, name, context, status=status)

    def _merge_context(self, request: HttpRequest) -> dict[str, Any]:
        each = self.admin_site.each_context(request)
        return {**each, "title": "Slå samman organisationer", "opts": self.opts}


@admin.register(Merger)
class MergerAdmin(WatchedAdmin):
    """Mergers, done and planned, to read; a planned one can be cancelled."""

    change_form_template = "admin/people/merger_change.html"
    list_display = ["__str__", "what", "date", "state", "planned_by", "settled_at"]
    list_filter = ["state", ("date", admin.DateFieldListFilter)]
    list_select_related = ["successor", "planned_by"]
    fields = [
        *("what", "successor", "name", "short_name", "slug", "parent", "date", "reason", "state"),
        *("planned_at", "planned_by", "settled_at", "cancelled_because", "moved"),
    ]
    readonly_fields = ["what", "moved"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merger]:
        """With what ceases."""
        return super().get_queryset(request).prefetch_related("organisations")

    @admin.display(description="slås samman")
    def what(self, merger: Merger) -> str:
        """What ceases."""
        return ", ".join(str(each) for each in merger.organisations.all())

    @admin.display(description="det som flyttades")
    def moved(self, merger: Merger) -> str:
        """What it has moved, and how it is put right."""
        return render_to_string("admin/people/_moved.html", {"moved": of_merger(merger)})

    def get_urls(self) -> list[URLPattern]:
        """With the page that cancels."""
        own = path(
            "<int:pk>/stall-in/",
            self.admin_site.admin_view(self.cancel_view),
            name="people_merger_cancel",
        )
        return [own, *super().get_urls()]

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then cancel."""
        if not may_merge(request):
            return forbidden(request)
        merger = get_object_or_404(Merger.objects.select_related("successor"), pk=pk)
        form = CancelForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            by, reason = _administrator(request), form.cleaned_data["reason"]
            try:
                actions.cancel_merger(merger=merger, reason=reason, by=by)
            except actions.NotAllowedMove:
                messages.warning(request, "Sammanslagningen är redan genomförd eller inställd.")
            else:
                messages.success(request, f"{merger}: inställd.")
            return redirect("admin:people_merger_change", merger.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Ställ in: {merger}",
            "merger": merger,
            "form": form,
            "opts": self.opts,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/people/merger_cancel.html", context, status=status)


@admin.register(SiteRole)
class SiteRoleAdmin(Desk):
    """Roles in the whole portal, given and taken back by administrators."""

    list_display = ["user", "role", "given_at", "given_by"]
    list_filter = ["role"]
    list_select_related = ["user", "given_by"]
    search_fields = ["user__email", "user__name"]
    autocomplete_fields = ["user"]

    def save_model(self, request: HttpRequest, obj: SiteRole, form: Any, change: bool) -> None:
        """Give the role, told in the history."""
        actions.give_role(user=obj.user, role=obj.role, by=_administrator(request))

    def delete_model(self, request: HttpRequest, obj: SiteRole) -> None:
        """Take it back, told in the history."""
        actions.take_role(user=obj.user, role=obj.role, by=_administrator(request))

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[SiteRole]) -> None:
        """One by one, so that each is told."""
        for held in queryset:
            self.delete_model(request, held)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not that of the last who could give it back."""
        last = obj is not None and obj.role == SiteRole.Role.ADMINISTRATOR
        last = last and obj.user.is_last_administrator
        return not last and super().has_delete_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is given or taken back, never turned into another."""
        return False

    def log_addition(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""

    def log_deletions(self, *args: Any) -> Any:
        """The history is core.AuditEntry alone."""


def may_merge(request: HttpRequest) -> bool:
    """Whether the visitor may merge organisations; who may edit them may not always."""
    return isinstance(request.user, User) and roles.may(request.user, roles.MERGE_ORGANISATIONS)


def _administrator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


@admin.register(Membership)
class MembershipAdmin(Desk):
    """Memberships and requests, to read; decided on the unit's own page."""

    list_display = ["user", "organisation", "role", "state", "asked_at", "decided_at"]
    list_filter = ["state", "role"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__email", "user__name", "organisation__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People ask for themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Decided on the unit's own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ended, not deleted."""
        return False
