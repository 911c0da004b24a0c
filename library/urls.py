from django.urls import path

from library import instrument_views, item_views, method_views, workshop_views
from people.urls import READ, own

app_name = "library"

urlpatterns = [
    path("bibliotek/", item_views.item_list, name="items"),
    path("bibliotek/<number:pk>/", item_views.item_by_number, name="number"),
    path("bibliotek/<number:pk>/filer/<number:file>/", item_views.item_file, name="file"),
    path("bibliotek/<number:pk>/<str:slug>/", item_views.item_detail, name="item"),
    path("metoder/", method_views.method_list, name="methods"),
    path("metoder/<slug:slug>/", method_views.method_detail, name="method"),
    path("metoder/<slug:slug>/apt.pdf", method_views.method_sheet, name="method-sheet"),
    path("instrument/", instrument_views.instrument_list, name="instruments"),
    path("instrument/<slug:slug>/", instrument_views.instrument_detail, name="instrument"),
    own("redaktion/metodverkstad/", workshop_views.workshop, "workshop", READ),
    own("redaktion/metodverkstad/ny/", workshop_views.notice, "workshop-notice"),
    own("redaktion/metodverkstad/<number:pk>/flytta/", workshop_views.move, "workshop-move"),
]
