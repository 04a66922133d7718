"""The second opinion: python3-saml, strict, reads the same answer. What either refuses is refused."""

from urllib.parse import urlsplit

import xmlsec
from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from gangway.identity.rules.saml import Expected, NotProven, SamlReason


def second_opinion(encoded: str, expected: Expected, *, response_signed: bool, assertion_signed: bool) -> None:
    """NotProven where the library would not take the answer. It must find the signatures that we found.

    It reads the clock itself, and is nowhere stricter with it than `verification`.
    """
    parts = urlsplit(expected.us.acs_url)
    asked: dict[str, object] = {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }
    settings = OneLogin_Saml2_Settings(_settings(expected, response_signed, assertion_signed), sp_validation_only=True)
    try:
        OneLogin_Saml2_Response(settings, encoded).is_valid(asked, expected.request_id, raise_exceptions=True)
    except (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError) as error:
        raise NotProven(SamlReason.LIBRARY, f"code {error.code}") from error
    except (ValueError, LookupError, xmlsec.Error, etree.LxmlError) as error:
        raise NotProven(SamlReason.LIBRARY, type(error).__name__) from error


def _settings(expected: Expected, response_signed: bool, assertion_signed: bool) -> dict[str, object]:
    return {
        "strict": True,
        "debug": False,
        "sp": {"entityId": expected.us.entity_id, "assertionConsumerService": {"url": expected.us.acs_url}},
        "idp": {"entityId": expected.provider_id, "x509certMulti": {"signing": list(expected.certificates)}},
        "security": {
            "allowSingleLabelDomains": True,
            "allowRepeatAttributeName": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantAssertionsSigned": assertion_signed,
            "wantMessagesSigned": response_signed,
            "wantAttributeStatement": False,
            "wantNameId": False,
        },
    }
