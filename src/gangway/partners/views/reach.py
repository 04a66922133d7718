"""Work over all partners is for those who reach all of them."""

from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes


class ReachesSome(Refusal):
    code = "partners.reaches_some"
    status = 403
    message = "This page changes partners all over; your role reaches only some of them."
    next_step = "Ask a programme lead whose role reaches every partner."


def everywhere() -> None:
    """ReachesSome unless the open scope is the whole house."""
    if scopes.required().mode is not scopes.Mode.HOST:
        raise ReachesSome
