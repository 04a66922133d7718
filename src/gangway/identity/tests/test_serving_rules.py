"""Whose sign-in it is, where one connection serves several partners: by the account key alone."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.connections import Asserted
from gangway.identity.rules.reach import Reach, Where, keys_of, whither

KEYS = st.sets(st.sampled_from(["own", "one", "two", "ONE"]), max_size=3)
REACHES = st.none() | st.builds(
    Reach,
    partner_id=st.just(uuid4()),
    served=st.just(uuid4()),
    held=st.booleans(),
    inside=st.booleans(),
    wanted=st.booleans(),
)


@given(KEYS, st.booleans(), st.booleans(), REACHES)
def test_only_one_allowed_key_leads_to_another_partner(
    keys: set[str], at_host: bool, staff: bool, found: Reach | None
) -> None:
    where = whither(keys, at_host=at_host, own_key="own", staff=staff, found=found)
    if where is Where.SERVED:
        assert len(keys) == 1
        assert found is not None
        assert found.held
        assert found.inside
        assert found.wanted
        assert not (at_host and staff)
    if where is Where.OWN:
        assert not at_host
        assert keys in (set(), {"own"})


@given(KEYS, st.booleans(), REACHES)
def test_at_the_vendor_nobody_is_of_its_own_and_staff_are_nobody(
    keys: set[str], staff: bool, found: Reach | None
) -> None:
    where = whither(keys, at_host=True, own_key="own", staff=staff, found=found)
    assert where is not Where.OWN
    assert not staff or where is Where.STAFF


@given(st.booleans())
def test_every_refusal_has_its_reason(at_host: bool) -> None:
    def led(*keys: str, **found: bool) -> Where:
        reach = Reach(uuid4(), uuid4(), **found) if found else None
        return whither(keys, at_host=at_host, own_key="own", found=reach)

    assert led() is (Where.NO_KEY if at_host else Where.OWN)
    assert led("one", "two", held=True) is Where.SEVERAL
    assert led("one") is Where.UNKNOWN
    assert led("one", held=False) is Where.CLOSED
    assert led("one", inside=False) is Where.OUTSIDE
    assert led("one", wanted=False) is Where.REFUSED
    assert led("one", held=True) is Where.SERVED


@given(st.lists(st.text(max_size=3), max_size=4))
def test_keys_are_taken_as_they_were_sent_and_from_no_other_claim(values: list[str]) -> None:
    asserted = Asserted("s", {"account": tuple(values), "email": ("one@x.example",)})
    assert keys_of(asserted, "account") == {value for value in values if value}
    assert keys_of(asserted, "Account") == frozenset()
