"""What a type's spec is made of: what most sheets say; and that whatever a partner does otherwise is told."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.sheets import ROUTINE, WHOLE, About, Fact, Said, Sheet, read
from gangway.identity.rules.specs import OF_KIND, OF_PARTNER, departures, meets, templated, usual

VALUES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2).map(tuple)
FIRST = st.sampled_from([("oidc",), ("saml",), ("oidc", "saml"), ("mail",)])
KINDS = st.sampled_from(["oidc", "saml", "scim"])


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """A partner's sheet with any number of connections, each of a kind."""
    facts = [Said(WHOLE, fact, draw(VALUES)) for fact in OF_PARTNER]
    facts.append(Said(WHOLE, Fact.PRIMARY, draw(FIRST)))
    for key in draw(st.lists(st.sampled_from(["one", "two"]), unique=True)):
        facts.append(Said(key, Fact.KIND, (draw(KINDS),)))
        facts += [Said(key, fact, draw(VALUES)) for fact in OF_KIND]
    return Sheet("nordwind", tuple(facts))


def spec_of(many: list[Sheet]) -> Sheet:
    kinds = {values for one in many for key in one.connections for values in one.values(key, Fact.KIND)}
    there = [Said(kind, Fact.KIND, (kind,)) for kind in sorted(kinds)]
    there.append(Said(WHOLE, Fact.PRIMARY, ("company",)))
    return Sheet("reseller", (*there, *templated(many)), About.TYPE)


@given(st.lists(VALUES, min_size=1))
def test_what_is_usual_is_said_by_most_and_by_the_first_of_these(found: list[tuple[str, ...]]) -> None:
    counted = Counter(found)
    most = max(counted.values())
    assert usual(found) == next(one for one in found if counted[one] == most)
    assert usual([]) == ()


@given(sheets())
def test_a_partner_alone_departs_from_nothing_unless_it_differs_from_itself(sheet: Sheet) -> None:
    told = {(one.of, one.fact) for one in departures(spec_of([sheet]), sheet)}
    twice = Counter(sheet.values(key, Fact.KIND)[0] for key in sheet.connections)
    assert all(twice[of] > 1 for of, fact in told if fact is not Fact.PRIMARY)


@given(st.lists(sheets(), min_size=1, max_size=4), sheets())
def test_every_difference_is_a_departure_and_nothing_else_is(many: list[Sheet], sheet: Sheet) -> None:
    spec = spec_of(many)
    told = {(one.of, one.fact, one.theirs) for one in departures(spec, sheet)}
    wanted = {
        (WHOLE, fact, sheet.values(WHOLE, fact))
        for fact in OF_PARTNER
        if sheet.values(WHOLE, fact) != spec.values(WHOLE, fact)
    }
    if sheet.values(WHOLE, Fact.PRIMARY) == ("mail",):
        wanted.add((WHOLE, Fact.PRIMARY, ("mail",)))
    for key in sheet.connections:
        (kind,) = sheet.values(key, Fact.KIND)
        for fact in OF_KIND if kind in spec.connections else (Fact.KIND,):
            if sheet.values(key, fact) != spec.values(kind, fact):
                wanted.add((kind, fact, sheet.values(key, fact)))
    assert told == wanted


def test_what_meets_the_first_way_in_that_is_proposed() -> None:
    assert meets(("company",), ("oidc",))
    assert meets(("company",), ("oidc", "saml"))
    assert not meets(("company",), ("mail",))
    assert not meets(("mail",), ("mail", "oidc"))
    assert not meets(("portal",), ("mail",))


@given(st.lists(sheets(), min_size=1, max_size=3))
def test_a_spec_is_read_back_as_one_of_a_type(many: list[Sheet]) -> None:
    spec = spec_of(many)
    assert read(spec.text) == spec
    assert '"type": "reseller"' in spec.text


def test_what_a_spec_is_the_template_of_was_agreed() -> None:
    """Whatever a partner may depart in is material in its own sheet; what partners add up to is not in the spec."""
    assert not {Fact.PRIMARY, *OF_PARTNER, *OF_KIND} & ROUTINE
    assert {Fact.TIERS, Fact.PROVIDERS, Fact.CERTIFICATES, Fact.LED, Fact.USED_BY} <= ROUTINE
