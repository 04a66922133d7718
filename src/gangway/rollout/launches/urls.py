"""Routes of launches, under /console."""

from django.urls import path

from gangway.rollout.launches import views

app_name = "launches"
urlpatterns = [
    path("launches", views.waves, name="list"),
    path("launches/new", views.new, name="new"),
    path("launches/<uuid:wave_id>", views.wave, name="wave"),
    path("launches/<uuid:wave_id>/settings", views.change, name="change"),
    path("launches/<uuid:wave_id>/partners", views.choose, name="choose"),
    path("launches/<uuid:wave_id>/partners/add", views.add, name="add"),
    path("launches/<uuid:wave_id>/partners/<uuid:partner_id>/remove", views.remove, name="remove"),
    path("launches/<uuid:wave_id>/partners/<uuid:partner_id>/hold", views.hold, name="hold"),
    path("launches/<uuid:wave_id>/partners/<uuid:partner_id>/let-go", views.let_go, name="let_go"),
    path("launches/<uuid:wave_id>/letter/<slug:locale>", views.letter, name="letter"),
    path("launches/<uuid:wave_id>/letter/<slug:locale>/frame", views.letter_frame, name="letter_frame"),
    path("launches/<uuid:wave_id>/send", views.send, name="send"),
    path("launches/<uuid:wave_id>/undo", views.undo, name="undo"),
    path("launches/<uuid:wave_id>/untold", views.untold, name="untold"),
    path("launches/<uuid:wave_id>/receipt", views.receipt, name="receipt"),
]
