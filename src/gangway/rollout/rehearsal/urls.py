"""Routes of the rehearsal, under /console."""

from django.urls import path

from gangway.rollout.rehearsal import views

app_name = "rehearsal"
urlpatterns = [
    path("rehearsal", views.rehearsal, name="rehearsal"),
    path("rehearsal/begin", views.begin, name="begin"),
    path("rehearsal.json", views.as_json, name="json"),
    path("rehearsal.pdf", views.as_pdf, name="pdf"),
    path("rehearsal/send", views.send, name="send"),
]
