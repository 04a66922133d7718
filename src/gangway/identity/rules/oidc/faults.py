"""Which rule failed, and what a sign-in that failed by it is kept as. Pure."""

from enum import StrEnum

from gangway.identity.rules import Step


class Reason(StrEnum):
    """Which rule failed. What their IT is told to look at, and what a failed sign-in keeps."""

    NOT_SET_UP = "not_set_up"
    ADDRESS = "address"
    NO_ANSWER = "no_answer"
    STATUS = "status"
    UNREADABLE = "unreadable"
    ISSUER = "issuer"
    UNSUPPORTED = "unsupported"
    KEYS = "keys"
    DENIED = "denied"
    ERROR = "error"
    CODE_MISSING = "code_missing"
    ISS_MISSING = "iss_missing"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a reason, no secret
    ALGORITHM = "algorithm"
    CRITICAL = "critical"
    KEY_IN_TOKEN = "key_in_token"  # noqa: S105  # a reason, no secret
    KEY_UNKNOWN = "key_unknown"
    KEY_UNFIT = "key_unfit"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    PARTY = "party"
    EXPIRED = "expired"
    TIME = "time"
    NONCE = "nonce"
    ACCESS_TOKEN = "access_token"  # noqa: S105  # a reason, no secret
    SUBJECT = "subject"
    CLAIM = "claim"


class Fault(Exception):
    """A rule that failed: `reason` for machines, the text for their IT. It holds nothing about a person."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def step_of(reason: Reason) -> Step:
    """What a failed sign-in is kept as. Broken, which may open another way in, is only what we saw break ourselves:
    what comes by way of the browser (the provider's own trouble, a code that is none) anybody could bring about."""
    match reason:
        case Reason.DENIED:
            return Step.PROVIDER_REFUSED
        case Reason.NOT_SET_UP | Reason.NO_ANSWER | Reason.STATUS | Reason.TOKEN_REFUSED | Reason.KEYS:
            return Step.PROVIDER_BROKEN
        case _:
            return Step.PROVIDER_FOREIGN
