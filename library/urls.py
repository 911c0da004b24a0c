from django.urls import path

from library import (
    attention_views,
    draft_file_views,
    draft_views,
    gap_views,
    import_views,
    instrument_views,
    item_views,
    method_views,
    moderation_views,
    story_views,
    theme_views,
    voice_views,
    workshop_views,
)
from library import reading_list_views as lists
from library.export_views import FILES, item_feed
from people.urls import BUTTON, READ, own
from search.export_views import file_urls

app_name = "library"

# What readers say and propose; the forms have addresses of their own.
voices = [
    own("bibliotek/<number:pk>/<str:slug>/stammer-det/", voice_views.item_voice, "item-voice"),
    path(
        "bibliotek/<number:pk>/<str:slug>/stammer-det/tack/",
        voice_views.item_thanks,
        name="item-voice-thanks",
    ),
    *(
        pattern
        for kind, place, form, thanks in (
            ("method", "metoder", voice_views.method_voice, voice_views.method_thanks),
            (
                "instrument",
                "instrument",
                voice_views.instrument_voice,
                voice_views.instrument_thanks,
            ),
        )
        for pattern in (
            own(f"{place}/<slug:slug>/stammer-det/", form, f"{kind}-voice"),
            path(f"{place}/<slug:slug>/stammer-det/tack/", thanks, name=f"{kind}-voice-thanks"),
        )
    ),
    own("beratta/", story_views.new_story, "story-new"),
    own("beratta/min/<str:token>/", story_views.story, "story", READ),
    own(
        "beratta/min/<str:token>/svar/<number:pk>/",
        story_views.story_answer,
        "story-answer",
        BUTTON,
    ),
    own("beratta/min/<str:token>/ta-tillbaka/", story_views.story_take_back, "story-take-back"),
    path("kunskapsluckor/", gap_views.gap_list, name="gaps"),
    path("kunskapsluckor/export.csv", gap_views.gap_export, name="gaps-csv"),
    own("kunskapsluckor/foresla/", gap_views.new_gap, "gap-new"),
    path("kunskapsluckor/foresla/tack/", gap_views.gap_thanks, name="gap-thanks"),
    path("kunskapsluckor/<number:pk>/<str:slug>/", gap_views.gap_detail, name="gap"),
    own("kunskapsluckor/<number:pk>/<str:slug>/stod/", gap_views.support, "gap-support"),
]
DESK = "redaktion/roster/"
moderation = [
    own(DESK, moderation_views.desk, "moderation", READ),
    *(
        own(f"{DESK}{place}/<number:pk>/", view, f"moderate-{kind}", READ)
        for place, kind, view in (
            ("rost", "voice", moderation_views.voice),
            ("berattelse", "story", moderation_views.story),
            ("lucka", "gap", moderation_views.gap),
        )
    ),
    *(
        own(f"{DESK}{place}/<number:pk>/{do}/", view, name, BUTTON)
        for place, do, name, view in (
            ("rost", "godta", "voice-accept", moderation_views.voice_accept),
            ("rost", "avboj", "voice-decline", moderation_views.voice_decline),
            ("berattelse", "godta", "story-accept", moderation_views.story_accept),
            ("berattelse", "avboj", "story-decline", moderation_views.story_decline),
            ("berattelse", "fraga", "story-ask", moderation_views.story_ask),
            ("lucka", "publicera", "gap-open", moderation_views.gap_open),
            ("lucka", "avboj", "gap-decline", moderation_views.gap_decline),
            ("lucka", "besvara", "gap-answer", moderation_views.gap_answer),
            ("lucka", "samma-som", "gap-merge", moderation_views.gap_merge),
        )
    ),
]

urlpatterns = [
    *voices,
    *moderation,
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
