from django.urls import path

from library import (
    gap_views,
    instrument_views,
    item_views,
    method_views,
    moderation_views,
    story_views,
    voice_views,
)
from people.urls import BUTTON, READ, own

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
    path("bibliotek/<number:pk>/", item_views.item_by_number, name="number"),
    path("bibliotek/<number:pk>/filer/<number:file>/", item_views.item_file, name="file"),
    path("bibliotek/<number:pk>/<str:slug>/", item_views.item_detail, name="item"),
    path("metoder/", method_views.method_list, name="methods"),
    path("metoder/<slug:slug>/", method_views.method_detail, name="method"),
    path("instrument/", instrument_views.instrument_list, name="instruments"),
    path("instrument/<slug:slug>/", instrument_views.instrument_detail, name="instrument"),
]
