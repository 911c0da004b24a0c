"""Accounts and organisations, edited by curators."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import models
from django.http import HttpRequest

from core.admin import AuditedAdmin, Changes
from people import actions
from people.models import Organisation, Succession, User


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
        ("Rättigheter", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Tider", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})
    ]
    filter_horizontal = ["groups"]
    personal_fields = frozenset({"email", "name", "password", "password1", "password2"})


class SuccessionInline(admin.TabularInline):
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

    def after_change(self, request: HttpRequest, obj: models.Model, changes: Changes) -> None:
        """Filters, labels and rows follow the organisation."""
        assert isinstance(obj, Organisation)  # noqa: S101
        actions.organisation_changed(organisation=obj, old_slug=changes.get("slug", ("",))[0])

    def after_delete(self, obj: Any) -> None:
        """Filters forget it."""
        actions.rebuild_lineage()
