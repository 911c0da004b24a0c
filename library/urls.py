from django.urls import path

from library import instrument_views, item_views, method_views
from library.export_views import FILES, item_feed
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
    path("instrument/", instrument_views.instrument_list, name="instruments"),
    path("instrument/<slug:slug>/", instrument_views.instrument_detail, name="instrument"),
]
