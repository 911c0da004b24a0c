from django.urls import path

from library import (
    attention_views,
    draft_file_views,
    draft_views,
    import_views,
    instrument_views,
    item_views,
    method_views,
)
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
    path(
        "bibliotek/<number:pk>/filer/<number:file>/bild/", item_views.item_picture, name="picture"
    ),
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
    # What curators and the research council write.
    own("redaktion/bibliotek/", draft_views.drafts, "drafts", READ),
    own("redaktion/bibliotek/ny/", draft_views.draft_new, "draft-new"),
    own("redaktion/bibliotek/att-gora/", attention_views.attention, "attention", READ),
    own("redaktion/bibliotek/import/", import_views.import_references, "import"),
    own("redaktion/bibliotek/import/spara/", import_views.accept, "import-accept", BUTTON),
    own("redaktion/bibliotek/andra/<str:subject>/<number:pk>/", draft_views.revise, "revise"),
    own("redaktion/bibliotek/<number:pk>/", draft_views.draft_page, "draft"),
    own(
        "redaktion/bibliotek/<number:pk>/forhandsvisning/",
        draft_views.draft_preview,
        "draft-preview",
        READ,
    ),
    own("redaktion/bibliotek/<number:pk>/publicera/", draft_views.publish, "publish"),
    own("redaktion/bibliotek/<number:pk>/kasta/", draft_views.discard, "discard"),
    own("redaktion/bibliotek/<number:pk>/filer/", draft_file_views.files, "draft-files"),
    own(
        "redaktion/bibliotek/<number:pk>/filer/<number:file>/",
        draft_file_views.file_of_draft,
        "draft-file",
        READ,
    ),
    own(
        "redaktion/bibliotek/<number:pk>/filer/<number:file>/bild/",
        draft_file_views.picture_of_draft,
        "draft-picture",
        READ,
    ),
    own(
        "redaktion/bibliotek/<number:pk>/filer/<number:file>/andra/",
        draft_file_views.file_change,
        "draft-file-change",
    ),
]
