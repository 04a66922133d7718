from django.urls import path

from gangway.credentials.views import defining, holder, keeping, staff, stranger

app_name = "credentials"
urlpatterns = [
    path("certificates", holder.mine, name="mine"),
    path("certificates/of/<uuid:enrolment>", holder.of_enrolment, name="of_enrolment"),
    path("certificates/transcript", holder.transcript, name="transcript"),
    path("certificates/keep", keeping.keep, name="keep"),
    path("certificates/keep/code", keeping.prove, name="prove"),
    path("certificates/keep/end", keeping.let_go, name="let_go"),
    path("certificates/kept", keeping.ask_kept, name="ask_kept"),
    path("certificates/kept/<str:token>", keeping.kept, name="kept"),
    path("certificates/kept/<str:token>/<str:number>.pdf", keeping.kept_certificate, name="kept_certificate"),
    path("certificates/name", holder.name, name="name"),
    path("certificates/<str:number>.pdf", holder.certificate, name="certificate"),
    path("certificates/<str:number>/renew", holder.renew, name="renew"),
    path("verify", stranger.ask, name="ask"),
    path("verify/<str:number>", stranger.verify, name="verify"),
    path("console/credentials", defining.definitions, name="definitions"),
    path("console/credentials/<slug:credential>", defining.definition, name="definition"),
    path("console/awards", staff.awards, name="awards"),
    path("console/awards/<uuid:award_id>", staff.award, name="award"),
    path("console/awards/<uuid:award_id>/revoke", staff.revoke, name="revoke"),
]
