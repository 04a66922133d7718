"""Experiment 6 at full size: every fault on every honest shape of a provider. Run by `make prove`."""

import pytest
from tests import proof

from gangway.identity.models import Session
from gangway.identity.tests.conftest import Browser, World
from gangway.identity.tests.connections import connect, prove
from gangway.identity.tests.oidc_way import Way, tell
from gangway.identity.tests.openid import OpenIdProvider
from gangway.identity.tests.test_oidc_sign_in import BAD, GOOD

pytestmark = pytest.mark.django_db
# Without an announcement it is no fault to leave `iss` out, nor is a chain one that the provider lists.
NO_FAULT = {
    ("no iss where none is announced", "iss announced and not sent"),
    ("a long chain, as it is listed", "right key, and a chain"),
}


def came_in(way: Way, *cases: str) -> bool:
    """Whether somebody comes in at a provider that is honest but for these cases, the last one on top."""
    way.provider.be_honest()
    way.browser = Browser()
    Session.objects.all().delete()
    *shapes, last = cases
    for shape in shapes:
        GOOD[shape](way.provider)
    if last in GOOD:
        GOOD[last](way.provider)
    tell(way.connection, way.provider)
    if last in BAD:
        BAD[last][0](way.provider)
    way.sign_in()
    return Session.objects.exists()


@pytest.mark.prove
def test_every_fault_on_every_honest_shape(
    house: World, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(house.ana.partner_id)
    prove(house.ana.partner_id)
    way = Way(provider, connection)
    honest = list(GOOD)
    faulty = [(shape, fault) for shape in GOOD for fault in BAD if (shape, fault) not in NO_FAULT]
    wrong_rejects = [shape for shape in honest if not came_in(way, shape)]
    wrong_accepts = [pair for pair in faulty if came_in(way, *pair)]
    monkeypatch.setattr("gangway.identity.oidc.tokens.jws.validate_compact", lambda *args, **options: True)
    control = came_in(way, "as it should be", "right kid, wrong key")
    proof.write(
        "6 OpenID Connect",
        sign_ins=len(honest) + len(faulty),
        honest=len(honest),
        faulty=len(faulty),
        wrong_accepts=wrong_accepts,
        wrong_rejects=wrong_rejects,
        control="without the signature, a wrong key comes in" if control else "void: the control found nothing",
    )
    assert (wrong_accepts, wrong_rejects, control) == ([], [], True)
