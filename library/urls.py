from django.urls import path

from library import instrument_views, item_views, method_views, theme_views, workshop_views
from library import reading_list_views as lists
from library.export_views import FILES, item_feed
from people.urls import BUTTON, READ, own
from search.export_views import file_urls

app_name = "library"

urlpatterns = [
    path("bibliotek/", item_views.item_list, name="items"),
    path("bibliotek/flode.atom", item_feed, name="feed"),
    *file_urls("bibliotek/export", FILES),
    path("bibliotek/<number:pk>/", item_views.item_by_number, name="number"),
    path("bibliotek/<number:pk>/filer/<number:file>/", item_views.item_file, name="file"),
    path("bibliotek/<number:pk>/<str:slug>/", item_views.item_detail, name="item"),
    *(
        path(
            f"bibliotek/<number:pk>/<str:slug>/referens.{form}",
            item_views.item_reference,
            {"form": form},
            name=f"reference-{form}",
        )
        for form in item_views.REFERENCES
    ),
    path("metoder/", method_views.method_list, name="methods"),
    path("metoder/<slug:slug>/", method_views.method_detail, name="method"),
    path("metoder/<slug:slug>/apt.pdf", method_views.method_sheet, name="method-sheet"),
    path("instrument/", instrument_views.instrument_list, name="instruments"),
    path("instrument/<slug:slug>/", instrument_views.instrument_detail, name="instrument"),
    path("teman/", theme_views.theme_list, name="themes"),
    path("teman/<slug:slug>/", theme_views.theme_detail, name="theme"),
    path("teman/<slug:slug>/flode.atom", theme_views.theme_feed, name="theme-feed"),
    path("laslistor/", lists.published_lists, name="reading-lists"),
    path("laslistor/<number:pk>/<str:slug>/", lists.published_list, name="reading-list"),
    own("laslistor/delad/<str:token>/", lists.shared_list, "shared-list"),
    own("mina-sidor/laslistor/", lists.my_lists, "my-lists"),
    own("mina-sidor/laslistor/lagg-till/", lists.add_to_list, "add-to-list"),
    own("mina-sidor/laslistor/<number:pk>/", lists.my_list, "my-list"),
    own("mina-sidor/laslistor/<number:pk>/ta-bort/", lists.delete, "my-list-delete"),
    *(
        own(f"mina-sidor/laslistor/<number:pk>/{route}/", view, f"my-list-{name}", BUTTON)
        for route, view, name in (
            ("dela", lists.share, "share"),
            ("sluta-dela", lists.stop_sharing, "stop-sharing"),
            ("publicera", lists.publish, "publish"),
            ("avpublicera", lists.withdraw, "withdraw"),
            ("rensa", lists.remove_hidden, "remove-hidden"),
            ("<number:entry>/upp", lists.move_up, "up"),
            ("<number:entry>/ner", lists.move_down, "down"),
            ("<number:entry>/bort", lists.remove, "remove"),
        )
    ),
    own("mina-sidor/laslistor/<number:pk>/<number:entry>/varfor/", lists.note, "my-list-note"),
    own("redaktion/metodverkstad/", workshop_views.workshop, "workshop", READ),
    own("redaktion/metodverkstad/ny/", workshop_views.notice, "workshop-notice"),
    own("redaktion/metodverkstad/<number:pk>/flytta/", workshop_views.move, "workshop-move"),
]
