from django.urls import path

from inventory import (
    adoption_views,
    contact_views,
    desk_views,
    draft_alike_views,
    draft_step_views,
    draft_views,
    following_views,
    import_views,
    review_views,
    silence_views,
    views,
)
from inventory import follow_up_views as follow_up
from inventory import idea_views as ideas
from inventory.export_views import FILES
from people.urls import BUTTON, READ, own
from search.export_views import file_urls

app_name = "inventory"

urlpatterns = [
    path("inventering/", views.project_list, name="list"),
    path("inventering/oversikt/", views.overview, name="overview"),
    path("inventering/jamfor/", views.compare, name="compare"),
    own("inventering/lamna-in/likadant/<number:pk>/", adoption_views.how_it_went, "how-it-went"),
    own("inventering/<number:public_id>/<str:slug>/gor-likadant/", adoption_views.adopt, "adopt"),
    own("inventering/lamna-in/lista/", import_views.import_list, "draft-import"),
    own(
        "inventering/lamna-in/lista/spara/", import_views.accept_list, "draft-import-accept", BUTTON
    ),
    own("inventering/lamna-in/mall.xlsx", import_views.list_template, "draft-template", READ),
    *file_urls("inventering/export", FILES),
    path("inventering/ideer/", ideas.idea_list, name="ideas"),
    path("inventering/ideer/ny/", ideas.new_idea, name="idea-new"),
    path("inventering/ideer/export.csv", ideas.needs_export, {"form": "csv"}, name="needs-csv"),
    path("inventering/ideer/export.xlsx", ideas.needs_export, {"form": "xlsx"}, name="needs-xlsx"),
    path("inventering/ideer/<number:pk>/<str:slug>/", ideas.idea_detail, name="idea"),
    path("inventering/ideer/<number:pk>/<str:slug>/andra/", ideas.change_idea, name="idea-change"),
    path("inventering/ideer/<number:pk>/<str:slug>/avsluta/", ideas.close_idea, name="idea-close"),
    path("inventering/ideer/<number:pk>/<str:slug>/vi-ocksa/", ideas.echo_idea, name="idea-echo"),
    path(
        "inventering/ideer/<number:pk>/<str:slug>/vi-ocksa/<number:echo>/angra/",
        ideas.take_back_echo,
        name="echo-take-back",
    ),
    own("inventering/stammer/<str:token>/", follow_up.inquiry_page, "inquiry", READ),
    own("inventering/stammer/<str:token>/alla/", follow_up.confirm_rest, "inquiry-all", BUTTON),
    *(
        own(f"inventering/stammer/<str:token>/<number:public_id>/{route}", view, f"inquiry-{name}")
        for route, view, name in (
            ("stammer/", follow_up.confirm, "confirm"),
            ("andra/", follow_up.change, "change"),
            ("avslutat/", follow_up.end, "end"),
            ("matt/<number:pk>/", follow_up.point, "point"),
        )
    ),
    own(
        "inventering/<number:public_id>/<str:slug>/folj-upp/",
        follow_up.follow_up,
        "follow-up",
        READ,
    ),
    *(
        own(f"inventering/<number:public_id>/<str:slug>/{route}", view, f"follow-up-{name}")
        for route, view, name in (
            ("stammer/", follow_up.confirm, "confirm"),
            ("avslutat/", follow_up.end, "end"),
            ("matt/<number:pk>/", follow_up.point, "point"),
        )
    ),
    own("redaktion/tysta-enheter/", silence_views.silent_units, "silent-units", READ),
    own("redaktion/tysta-enheter.csv", silence_views.silent_units_file, "silent-units-csv", READ),
    own(
        "redaktion/tysta-enheter/<number:pk>/skicka-igen/",
        silence_views.send_again,
        "silent-unit-ask",
        BUTTON,
    ),
    path("inventering/lamna-in/", draft_views.drafts, name="drafts"),
    path("inventering/lamna-in/ny/", draft_views.draft_new, name="draft-new"),
    path("inventering/lamna-in/enhet/<slug:slug>/", draft_views.unit_rules, name="unit-rules"),
    path("inventering/lamna-in/<number:pk>/", draft_views.draft, name="draft"),
    path(
        "inventering/lamna-in/<number:pk>/lamna-in/",
        draft_views.draft_submit,
        name="draft-submit",
    ),
    path(
        "inventering/lamna-in/<number:pk>/ta-tillbaka/",
        draft_views.draft_take_back,
        name="draft-take-back",
    ),
    path(
        "inventering/lamna-in/<number:pk>/kasta/",
        draft_views.draft_discard,
        name="draft-discard",
    ),
    path(
        "inventering/lamna-in/<number:pk>/kommentar/<number:comment>/",
        draft_views.comment_answer,
        name="draft-comment",
    ),
    path(
        "inventering/lamna-in/<number:pk>/finns-redan/",
        draft_alike_views.draft_alike,
        name="draft-alike",
    ),
    path(
        "inventering/lamna-in/<number:pk>/<slug:step>/",
        draft_step_views.draft_step,
        name="draft-step",
    ),
    path(
        "inventering/<number:public_id>/<str:slug>/andra/",
        draft_views.revise,
        name="revise",
    ),
    path("inventering/<number:public_id>/", views.project_by_number, name="number"),
    path("inventering/<number:public_id>/<str:slug>/", views.project_detail, name="project"),
    path(
        "inventering/<number:public_id>/<str:slug>/faktablad.pdf",
        views.project_sheet,
        name="sheet",
    ),
    path(
        "inventering/<number:public_id>/<str:slug>/kontakt/",
        contact_views.contact,
        name="contact",
    ),
    path(
        "inventering/<number:public_id>/<str:slug>/kontakt/tack/",
        contact_views.contact_thanks,
        name="contact-thanks",
    ),
    path(
        "inventering/<number:public_id>/filer/<number:pk>/",
        views.project_document,
        name="document",
    ),
    own("redaktion/", desk_views.desk, "desk", READ),
    own("redaktion/granska/<number:pk>/", review_views.review, "review", READ),
    own("redaktion/granska/<number:pk>/ta/", review_views.claim, "review-claim", BUTTON),
    own("redaktion/granska/<number:pk>/slapp/", review_views.release, "review-release", BUTTON),
    own(
        "redaktion/granska/<number:pk>/kommentar/",
        review_views.comment,
        "review-comment",
        BUTTON,
    ),
    own("redaktion/granska/<number:pk>/atersand/", review_views.give_back, "review-return", BUTTON),
    own("redaktion/granska/<number:pk>/publicera/", review_views.publish, "review-publish", BUTTON),
    own("redaktion/granska/<number:pk>/avboj/", review_views.decline, "review-decline", BUTTON),
    path("stadsdelar/", views.district_list, name="district-list"),
    path("stadsdelar/<slug:slug>/", views.district_detail, name="district"),
    own("mina-sidor/foljer/", following_views.following, "following"),
    own("mina-sidor/foljer/<number:pk>/sluta/", following_views.unfollow, "unfollow", BUTTON),
    own("foljer/ny/", following_views.follow, "follow"),
    own("foljer/avsluta/<str:token>/", following_views.unsubscribe, "unsubscribe"),
]
