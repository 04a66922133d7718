import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_key
from gangway.partners.rules import (
    CLEAR,
    COLUMNS,
    Fallback,
    Kind,
    PartnerSpec,
    Primary,
    Register,
    TypeSpec,
    clean_hours,
    fresh,
    judge,
    keys_meant,
    parents_first,
    parse_row,
    slug_of,
)

slugs = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)


def known(*slugs_and_facts: tuple[str, dict[str, str]]) -> Register:
    register = Register(types={"msp": "Managed service provider"}, tiers={"gold": ("Gold", 3)})
    register.note("host", fresh(name="Acme", kind=Kind.HOST))
    for slug, facts in slugs_and_facts:
        register.note(slug, fresh(**facts))
    return register


def test_an_empty_cell_says_nothing_and_a_dash_takes_away() -> None:
    spec = parse_row({"slug": "nordwind", "name": "Nordwind", "parent": CLEAR, "tier": "", "zone": None})
    assert spec.said() == {"name": "Nordwind", "parent": ""}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Nordwind Systems GmbH", "nordwind-systems-gmbh"),
        ("Südstern IT & Söhne", "suedstern-it-soehne"),
        ("Łódź", "lodz"),
    ],
)
def test_a_row_without_a_key_has_the_one_its_name_makes(name: str, slug: str) -> None:
    assert parse_row({"slug": "", "name": name}).slug == slug
    assert parse_row({"name": name}).slug == slug


def test_a_name_without_latin_letters_needs_a_key() -> None:
    with pytest.raises(Invalid) as refusal:
        parse_row({"name": "شركة النور"})
    assert refusal.value.field == "slug"


@given(st.text(max_size=200))
def test_a_key_made_of_a_name_is_a_key_or_nothing(name: str) -> None:
    slug = slug_of(name)
    assert slug == "" or clean_key(slug) == slug


def test_names_are_understood_where_keys_are_meant() -> None:
    register = Register(types={"msp": "Managed service provider"}, tiers={"gold": ("Gold", 3)})
    register.note("nordwind", fresh(name="Nordwind Systems"))
    cells = {"type": "managed service provider", "tier": "GOLD", "parent": "Nordwind systems", "zone": "UTC"}
    assert keys_meant(cells, register) == {"type": "msp", "tier": "gold", "parent": "nordwind", "zone": "UTC"}
    assert keys_meant({"tier": "Platin", "parent": "New Partner"}, register) == {
        "tier": "platin",
        "parent": "new-partner",
    }
    assert keys_meant({"parent": CLEAR}, register) == {"parent": CLEAR}


def test_a_row_without_a_key_means_the_partner_that_has_its_name() -> None:
    register = Register()
    register.note("nordwind", fresh(name="Nordwind Systems"))
    assert keys_meant({"name": "Nordwind systems"}, register)["slug"] == "nordwind"
    assert keys_meant({"name": "Nordwind Systems", "slug": "other"}, register)["slug"] == "other"
    register.note("nordwind-2", fresh(name="Nordwind Systems"))
    assert "slug" not in keys_meant({"name": "Nordwind Systems"}, register)


@pytest.mark.parametrize("hours", ["0", "721", "-1", "1.5", "²", "١٢", "", "99999"])
def test_hours_are_whole_and_never_longer_than_usual(hours: str) -> None:
    with pytest.raises(Invalid):
        clean_hours(hours)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("slug", "Nord Wind"),
        ("name", "a\x00b"),
        ("name", "\udcff"),
        ("name", CLEAR),
        ("kind", "vendor"),
        ("zone", "Mars/Olympus"),
        ("locale", "deutsch!"),
        ("accent", "blue"),
        ("host", "10.0.0.1"),
        ("host", "http://x.example"),
        ("parent_sees", "all"),
        ("contact_email", "ana"),
        ("tier", ["gold"]),
        ("type", True),
        ("colour", "red"),
    ],
)
def test_a_bad_value_is_refused_by_name(column: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_row({"slug": "nordwind", "name": "Nordwind"} | {column: value})
    assert refusal.value.field == column
    assert str(refusal.value).isprintable()


@given(st.dictionaries(st.sampled_from(COLUMNS) | st.text(max_size=5), st.text() | st.none() | st.integers()))
def test_any_row_is_read_or_refused(row: dict[str, object]) -> None:
    try:
        spec = parse_row(row)
    except Invalid as refusal:
        " ".join((str(refusal), refusal.step, refusal.field or "")).encode()
    else:
        assert spec.slug
        "".join(spec.said().values()).encode()


def test_a_new_partner_needs_a_name() -> None:
    with pytest.raises(Invalid, match="is new and has no name"):
        judge(PartnerSpec(slug="nordwind"), known())


def test_only_differences_are_changes() -> None:
    register = known(("nordwind", {"name": "Nordwind", "type": "msp"}))
    assert judge(PartnerSpec(slug="nordwind", name="Nordwind", type="msp"), register) == {}
    assert judge(PartnerSpec(slug="nordwind", name="Nordwind AG", type=""), register) == {
        "name": "Nordwind AG",
        "type": "",
    }


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (PartnerSpec(slug="b", name="B", type="mps"), "type “mps” is not known"),
        (PartnerSpec(slug="b", name="B", tier="platin"), "tier “platin” is not known"),
        (PartnerSpec(slug="b", name="B", parent="nobody"), "parent “nobody” is not known"),
        (PartnerSpec(slug="b", name="B", parent="host"), "below the host anyway"),
        (PartnerSpec(slug="a", parent="c"), "“c” is below “a”"),
        (PartnerSpec(slug="a", kind="shell"), "kind never changes"),
        (PartnerSpec(slug="b", name="B", kind="host"), "there is only one"),
        (PartnerSpec(slug="b", name="B", host="learn.a.example"), "belongs to “a”"),
    ],
)
def test_what_cannot_be_is_refused_in_words(spec: PartnerSpec, words: str) -> None:
    register = known(
        ("a", {"name": "A", "host": "learn.a.example"}),
        ("c", {"name": "C", "parent": "b1"}),
        ("b1", {"name": "B1", "parent": "a"}),
    )
    with pytest.raises(Invalid, match=words):
        judge(spec, register)


@given(st.dictionaries(slugs, st.none() | slugs, max_size=12))
def test_every_row_comes_once_and_after_its_parent(parents: dict[str, str | None]) -> None:
    specs = [PartnerSpec(slug=slug, name=slug, parent=parent) for slug, parent in parents.items()]
    ordered, circle = parents_first(specs)
    assert sorted(spec.slug for spec in ordered + circle) == sorted(parents)
    place = {spec.slug: index for index, spec in enumerate(ordered)}
    for spec in ordered:
        assert spec.parent not in parents or place[spec.parent] < place[spec.slug]
    for spec in circle:
        above, steps = spec.parent, 0
        while above in parents and above != spec.slug and steps <= len(parents):
            above, steps = parents[above], steps + 1
        assert above in parents, "a row in the circle has a way up that ends"


@given(
    st.sampled_from(Primary),
    st.sampled_from(Fallback),
    st.sampled_from(Primary) | st.none(),
    st.sampled_from(Fallback) | st.none(),
)
def test_a_type_differs_where_it_says_what_is_not_so(
    is_primary: Primary, is_fallback: Fallback, primary: Primary | None, fallback: Fallback | None
) -> None:
    register = Register(types={"msp": "Operator"}, ways={"msp": (is_primary, is_fallback)})
    says_more = primary not in (None, is_primary) or fallback not in (None, is_fallback)
    assert TypeSpec("msp", "Operator", primary, fallback).differs(register) is says_more
    assert TypeSpec("msp", "Other", primary, fallback).differs(register)
    assert TypeSpec("new", "New", primary, fallback).differs(register)
