from django.urls import path

from inventory import contact_views, desk_views, review_views, temporary_views, views
from inventory import export_views as exports
from people.urls import BUTTON, READ, own

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
    own("inventering/lamna-in/<number:pk>/", temporary_views.draft, "draft", READ),
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
]
