import pytest
from django.apps import apps

from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.kernel.tests.conftest import MONDAY, make_partner


def partner():
    return apps.get_model("partners", "Partner")


def brand():
    return apps.get_model("partners", "Brand")


def slugs() -> set[str]:
    return set(partner().objects.values_list("slug", flat=True))


def test_without_a_scope_nothing_is_read_or_written(nordwind):
    with pytest.raises(scopes.NoScope):
        partner().objects.all()
    with pytest.raises(scopes.NoScope):
        brand()(partner_id=nordwind).save()


def test_one_sees_its_own_partner_and_writes_there_only(nordwind, suedstern):
    with scopes.one(nordwind):
        assert slugs() == {"nordwind"}
        row = brand()(accent="#123456")
        row.save()
        assert row.partner_id == nordwind, "filled from the scope"
        with pytest.raises(scopes.WrongScope):
            brand()(partner_id=suedstern).save()
        with pytest.raises(scopes.WrongScope):
            brand().objects.bulk_create([brand()(partner_id=suedstern)])
    with scopes.one(suedstern):
        assert not brand().objects.exists()
        with pytest.raises(scopes.WrongScope):
            row.save()
        with pytest.raises(scopes.WrongScope):
            row.delete()
        assert brand().objects.filter(pk=row.pk).update(accent="#000000") == 0
        assert brand().objects.filter(pk=row.pk).delete()[0] == 0


def test_bulk_rows_take_the_partner_of_the_scope(nordwind):
    with scopes.one(nordwind):
        (row,) = brand().objects.bulk_create([brand()(accent="#123456")])
    assert row.partner_id == nordwind


def test_tree_and_portfolio_and_host_read_as_far_as_they_reach(nordwind, suedstern):
    child = make_partner("child")
    apps.get_model("partners", "PartnerClosure").objects.create(ancestor_id=nordwind, descendant_id=child, depth=1)
    manager = new_id()
    apps.get_model("partners", "PortfolioPartner").objects.create(person_id=manager, partner_id=suedstern)
    with scopes.tree(nordwind):
        assert slugs() == {"nordwind", "child"}
    with scopes.portfolio(manager):
        assert slugs() == {"suedstern"}
    with scopes.portfolio(new_id()):
        assert slugs() == set()
    with scopes.host():
        assert slugs() == {"nordwind", "suedstern", "child"}
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        assert slugs() == {"nordwind", "suedstern", "child"}


@pytest.mark.parametrize("mode", ["tree", "portfolio", "host"])
def test_wide_scopes_never_write(nordwind, mode):
    scope = {"tree": scopes.tree, "portfolio": scopes.portfolio}.get(mode)
    with scope(nordwind) if scope else scopes.host():
        with pytest.raises(scopes.WrongScope):
            brand()(partner_id=nordwind).save()
        with pytest.raises(scopes.WrongScope):
            partner().objects.filter(pk=nordwind).update(name="x")
        with pytest.raises(scopes.WrongScope):
            partner().objects.filter(pk=nordwind).delete()


def test_following_a_key_stays_inside_the_partner(nordwind, suedstern):
    person, external = apps.get_model("people", "Person"), apps.get_model("people", "ExternalId")
    with scopes.one(suedstern):
        caz = person.objects.create(name="Caz", sort_key="caz", invited_at=MONDAY)
    with scopes.one(nordwind):
        ana = person.objects.create(name="Ana", sort_key="ana", invited_at=MONDAY)
        link = external.objects.create(person=ana, source="csv", value="1")
        link.person_id = caz.pk
        with pytest.raises(person.DoesNotExist):
            _ = link.person
        sql = str(external.objects.filter(person__name="Ana").query)
        assert sql.count("partner_id") >= 2, "the join carries partner = partner"
        assert person._meta.base_manager_name == "objects"


def test_the_scope_before_is_restored():
    with scopes.host():
        with scopes.one(new_id()):
            pass
        assert scopes.required().mode is scopes.Mode.HOST
    assert scopes.current() is None
