"""Pages of identity: getting in (`doors`, `factors`), being in (`account`, `security`), the very first person
(`setup`), who waits for help (`requests`), mail domains (`domains`), a company's own sign-in (`provider`, `oidc`) and
directory (`directory`)."""

from gangway.identity.views.account import (
    end_of_people,
    end_of_team,
    end_others,
    end_session,
    sessions,
    sign_out,
    welcome,
)
from gangway.identity.views.directory import scim
from gangway.identity.views.domains import domain, domains
from gangway.identity.views.doors import again, choose, code, invitation, link, sign_in, stuck
from gangway.identity.views.factors import by_passkey, factor, factor_question, passkey_question
from gangway.identity.views.joining import (
    answer_joining,
    answer_stranger,
    close_code,
    join,
    join_by_link,
    join_company,
    joining,
    make_code,
    strangers,
)
from gangway.identity.views.oidc import begin as begin_oidc
from gangway.identity.views.oidc import oidc_callback
from gangway.identity.views.requests import answer, answer_team, requests, team_requests
from gangway.identity.views.saml import begin_saml, saml_acs, saml_arrive, saml_metadata
from gangway.identity.views.security import (
    add_passkey,
    app,
    begin_app,
    factor_policy,
    new_passkey_question,
    recovery_codes,
    remove_app,
    remove_passkey,
    reset_factors,
    security,
    sign_in_again,
)
from gangway.identity.views.setup import set_up
from gangway.identity.views.viewing import stop_viewing, view_as

__all__ = [
    "add_passkey",
    "again",
    "answer",
    "answer_joining",
    "answer_stranger",
    "answer_team",
    "app",
    "begin_app",
    "begin_oidc",
    "begin_saml",
    "by_passkey",
    "choose",
    "close_code",
    "code",
    "domain",
    "domains",
    "end_of_people",
    "end_of_team",
    "end_others",
    "end_session",
    "factor",
    "factor_policy",
    "factor_question",
    "invitation",
    "join",
    "join_by_link",
    "join_company",
    "joining",
    "link",
    "make_code",
    "new_passkey_question",
    "oidc_callback",
    "passkey_question",
    "recovery_codes",
    "remove_app",
    "remove_passkey",
    "requests",
    "reset_factors",
    "saml_acs",
    "saml_arrive",
    "saml_metadata",
    "scim",
    "security",
    "sessions",
    "set_up",
    "sign_in",
    "sign_in_again",
    "sign_out",
    "stop_viewing",
    "strangers",
    "stuck",
    "team_requests",
    "view_as",
    "welcome",
]
