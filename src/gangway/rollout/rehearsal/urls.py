"""Routes of the rehearsal, under /console."""

from django.urls import path

from gangway.rollout.rehearsal import views

app_name = "rehearsal"
urlpatterns = [
    path("rehearsal", views.rehearsal, name="rehearsal"),
    path("rehearsal/send", views.send, name="send"),
]
