"""Routes of messaging, mounted at the root."""

from django.urls import path

from gangway.messaging import views

app_name = "messaging"
urlpatterns = [
    path("console/mail", views.mail, name="list"),
    path("mail/events/<slug:provider>/", views.provider_events, name="events"),
    path("mail/decline/<str:token>", views.decline, name="decline"),
    path("console/mail/<uuid:message_id>", views.message, name="message"),
]
