"""Routes of identity, mounted at the root: the doors are what people type and what letters hold."""

from django.urls import path

from gangway.identity import views
from gangway.identity.views import connections
from gangway.identity.views.provider import begins

app_name = "identity"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-in/code", views.code, name="code"),
    path("sign-in/again", views.again, name="again"),
    path("sign-in/choose", views.choose, name="choose"),
    path("sign-in/factor", views.factor, name="factor"),
    path("sign-in/factor/question", views.factor_question, name="factor_question"),
    path("sign-in/passkey", views.by_passkey, name="by_passkey"),
    path("sign-in/passkey/question", views.passkey_question, name="passkey_question"),
    path("sign-in/link/<str:token>", views.link, name="link"),
    path("sso/<str:route_name>", begins({"oidc": views.begin_oidc}), name="sso"),
    path("sso/<str:route_name>/callback", views.oidc_callback, name="oidc_callback"),
    path("sign-in/stuck", views.stuck, name="stuck"),
    path("invitation/<str:token>", views.invitation, name="invitation"),
    path("welcome", views.welcome, name="welcome"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("account/sessions", views.sessions, name="sessions"),
    path("account/sessions/<uuid:session_id>/end", views.end_session, name="end_session"),
    path("console/requests", views.requests, name="requests"),
    path("console/requests/<uuid:request_id>/<slug:answer>", views.answer, name="answer"),
    path("desk/requests", views.team_requests, name="team_requests"),
    path("desk/requests/<uuid:request_id>/<slug:answer>", views.answer_team, name="answer_team"),
    path("desk/domains", views.domains, name="domains"),
    path("desk/domains/<uuid:claim_id>", views.domain, name="domain"),
    path("account/security", views.security, name="security"),
    path("account/security/again", views.sign_in_again, name="sign_in_again"),
    path("account/security/passkeys", views.add_passkey, name="add_passkey"),
    path("account/security/passkeys/question", views.new_passkey_question, name="new_passkey_question"),
    path("account/security/passkeys/<uuid:passkey_id>/remove", views.remove_passkey, name="remove_passkey"),
    path("account/security/app", views.app, name="app"),
    path("account/security/app/begin", views.begin_app, name="begin_app"),
    path("account/security/app/remove", views.remove_app, name="remove_app"),
    path("account/security/codes", views.recovery_codes, name="recovery_codes"),
    path("account/security/policy", views.factor_policy, name="factor_policy"),
    path("console/people/<uuid:person_id>/factors/reset", views.reset_factors, name="reset_factors"),
    path("account/sessions/end-others", views.end_others, name="end_others"),
    path("console/people/end-sessions", views.end_of_people, name="end_of_people"),
    path("desk/team/end-sessions", views.end_of_team, name="end_of_team"),
    path("console/people/view-as", views.view_as, name="view_as"),
    path("stop-viewing", views.stop_viewing, name="stop_viewing"),
    path("desk/connections", connections.connections, name="connections"),
    path("desk/connections/new", connections.add_connection, name="add_connection"),
    path("desk/connections/<uuid:connection_id>", connections.connection, name="connection"),
    path("desk/connections/<uuid:connection_id>/state", connections.connection_state, name="connection_state"),
    path("desk/connections/<uuid:connection_id>/tokens", connections.new_token, name="new_token"),
    path(
        "desk/connections/<uuid:connection_id>/tokens/<uuid:token_id>/revoke",
        connections.revoke_token,
        name="revoke_token",
    ),
    path("desk/connections/<uuid:connection_id>/people/<uuid:identity_id>/unlink", connections.unlink, name="unlink"),
    path("console/partners/<uuid:partner_id>/connections", connections.connections_of, name="connections_of"),
    path(
        "console/partners/<uuid:partner_id>/connections/<uuid:connection_id>",
        connections.connection_of,
        name="connection_of",
    ),
    path("set-up/<str:token>", views.set_up, name="set_up"),
]
