"""Every address of the portal; docs/addresses.md says what each answers."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sitemaps import views as sitemap_views
from django.urls import include, path

from core.reading import reading
from ksi import search_views, views
from ksi.sitemaps import SITEMAPS

admin.site.site_header = "KSI – redaktörernas verktyg"
admin.site.site_title = "KSI"
admin.site.index_title = "Innehåll"
# One way in, with its limits and its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# What allauth keeps is its users' own business; people.admin has what an administrator needs.
for model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(model)
# Rights come from roles alone (people.roles).
admin.site.unregister(Group)

urlpatterns = [
    path("", views.start, name="start"),
    path("sok/", search_views.search_page, name="search"),
    path("sok.json", search_views.suggestions, name="search-json"),
    path("opensearch.xml", search_views.opensearch, name="opensearch"),
    path("om/", views.about, name="about"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("personuppgifter/", views.personal_data, name="personal-data"),
    path("", include("inventory.urls")),
    path("", include("library.urls")),
    path("", include("people.urls")),
    path("driftstatus/", views.alive, name="alive"),
    path("driftstatus/redo/", views.ready, name="ready"),
    path(
        "sitemap.xml",
        reading(sitemap_views.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap-section"},
        name="sitemap",
    ),
    path(
        "sitemap-<slug:section>.xml",
        reading(sitemap_views.sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap-section",
    ),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("admin/", admin.site.urls),
]

handler400 = "core.errors.bad_request"
handler403 = "core.errors.forbidden"
handler404 = "core.errors.not_found"
handler429 = "people.views.too_many"  # allauth asks for it
handler500 = "core.errors.server_error"
