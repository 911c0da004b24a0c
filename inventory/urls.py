from django.urls import path

from inventory import (
    contact_views,
    draft_alike_views,
    draft_step_views,
    draft_views,
    review_views,
    views,
)
from inventory import export_views as exports

app_name = "inventory"

urlpatterns = [
    path("inventering/", views.project_list, name="list"),
    path("inventering/oversikt/", views.overview, name="overview"),
    path("inventering/jamfor/", views.compare, name="compare"),
    path("inventering/export.csv", exports.project_export, {"form": "csv"}, name="export-csv"),
    path("inventering/export.json", exports.project_export, {"form": "json"}, name="export-json"),
    path("inventering/export.xlsx", exports.project_export, {"form": "xlsx"}, name="export-xlsx"),
    path("inventering/export/bestall/", exports.order_file, name="order-file"),
    path("inventering/export/<str:token>/", exports.ordered, name="ordered"),
    path("inventering/export/<str:token>/fil/", exports.ordered_download, name="ordered-file"),
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
    path("redaktion/granska/<number:pk>/", review_views.review, name="review"),
    path("stadsdelar/", views.district_list, name="district-list"),
    path("stadsdelar/<slug:slug>/", views.district_detail, name="district"),
]
