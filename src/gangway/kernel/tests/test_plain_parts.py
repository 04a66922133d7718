"""Parts of the kernel that need no database: secrets, addresses, rights, cells of a spreadsheet."""

import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from uuid import UUID

import httpcore
import httpx
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel import access, outbound, secrets
from gangway.kernel import console as console_module
from gangway.kernel.access import Grant, Principal, Reach, Right
from gangway.kernel.console import plain, speaking, table
from gangway.kernel.ids import new_id
from gangway.kernel.lists import safe_cell
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy.scopes import Mode


@given(st.text())
def test_what_is_sealed_can_be_read_again_and_by_old_keys_too(text):
    from django.test import override_settings

    with override_settings(KEY_RING=["old"]):
        sealed, digest = secrets.seal(text), secrets.digest(text)
    with override_settings(KEY_RING=["new", "old"]):
        assert secrets.unseal(sealed) == text
        assert secrets.digest(text) == digest, "digests stay comparable while keys rotate"
        assert secrets.same(secrets.digest(text), digest)
    with override_settings(KEY_RING=["other"]), pytest.raises(ValueError, match="No key"):
        secrets.unseal(sealed)


def test_a_changed_text_is_noticed(settings):
    settings.KEY_RING = ["k"]
    sealed = secrets.seal("secret")
    with pytest.raises((InvalidTag, ValueError)):
        secrets.unseal(sealed[:-6] + "AAAAAA")


def test_codes_keep_their_zeros_and_tokens_differ():
    assert all(len(secrets.code()) == 6 and secrets.code().isdigit() for _ in range(200))
    assert len({secrets.token() for _ in range(200)}) == 200


HOSTILE = [
    *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1"),
    *("fd12::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    *("2001::1", "ff02::1", "2001:db8::1", "fe80::1%lo", "64:ff9b:1::1", "3fff::1"),
]


@pytest.mark.parametrize("address", HOSTILE)
def test_no_inner_address_counts_as_public(address):
    assert not outbound.public_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_do(address):
    assert outbound.public_address(address)


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_public(address):
    if ipaddress.ip_address(address).is_private or address.is_multicast or address.is_reserved:
        assert not outbound.public_address(str(address))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://0x7f.1:9/"])
def test_the_client_refuses_at_the_socket(url):
    with outbound.http() as client, pytest.raises((outbound.NotOutside, httpx.ConnectError)):
        client.get(url)


def test_an_allowed_pair_is_reached_but_no_other_port():
    with outbound.http(allow=[("127.0.0.1", 9)]) as client:
        with pytest.raises(httpx.ConnectError):  # reached the socket: nobody listens there
            client.get("http://127.0.0.1:9/")
        with pytest.raises(outbound.NotOutside):
            client.get("http://127.0.0.1:10/")


def test_unix_sockets_are_not_outside():
    with pytest.raises(outbound.NotOutside):
        outbound._Backend(frozenset(), 0.0).connect_unix_socket("/run/x")
    assert issubclass(outbound.NotOutside, OSError)
    assert httpcore.ConnectError


def person(*grants: Grant, kind: str = "partner") -> Principal:
    return Principal(
        person_id=new_id(),
        partner_id=new_id(),
        partner_kind=kind,
        name="",
        email="",
        locale="en",
        zone="UTC",
        access_epoch=0,
        grants=grants,
    )


SEE = Right("kernel.test.see", "sees tests", (access.PARTNER_ADMIN, access.PLATFORM_ADMIN, access.CHANNEL_MANAGER))
OWN = Right("kernel.test.own", "sees their own", own=True)
for declared in (SEE, OWN):  # the register is for rights of the house
    access.RIGHTS.pop(declared.name)


def test_a_right_is_a_predicate_and_a_scope():
    nobody = person()
    assert not SEE.allows(nobody)
    assert OWN.allows(nobody)
    assert OWN.scope(nobody).partner_id == nobody.partner_id
    admin = person(Grant(access.PARTNER_ADMIN, Reach.ONE))
    assert SEE.allows(admin)
    assert (SEE.scope(admin).mode, SEE.scope(admin).partner_id) == (Mode.ONE, admin.partner_id)
    below = new_id()
    tree = person(Grant(access.PARTNER_ADMIN, Reach.ONE), Grant(access.PARTNER_ADMIN, Reach.TREE, below))
    assert (SEE.scope(tree).mode, SEE.scope(tree).partner_id) == (Mode.TREE, below)
    staff = person(Grant(access.PLATFORM_ADMIN, Reach.HOST), kind="host")
    assert SEE.scope(staff).mode is Mode.HOST
    manager = person(Grant(access.CHANNEL_MANAGER, Reach.PORTFOLIO), kind="host")
    assert (SEE.scope(manager).mode, SEE.scope(manager).person_id) == (Mode.PORTFOLIO, manager.person_id)


def test_a_host_role_at_a_partner_carries_nothing():
    assert not SEE.allows(person(Grant(access.PLATFORM_ADMIN, Reach.HOST)))


@pytest.fixture
def registered() -> Iterator[Right]:
    """A right that stands in the register for the length of a test."""
    access.RIGHTS[SEE.name] = SEE
    yield SEE
    del access.RIGHTS[SEE.name]


def test_a_right_is_declared_once(registered):
    assert Right(registered.name, registered.words, registered.roles) == registered, "read again, it is the same"
    for other in ({"words": "sees something else"}, {"roles": (access.LEARNER,)}, {"own": True}):
        with pytest.raises(ValueError, match="declared twice"):
            Right(**{"name": registered.name, "words": registered.words, "roles": registered.roles, **other})


@given(st.text())
def test_no_cell_starts_a_formula(text):
    assert safe_cell(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert safe_cell(text).removeprefix("'") == text.removeprefix("'") or safe_cell(text) == text


def test_a_command_says_a_refusal_in_one_sentence(capsys):
    with pytest.raises(SystemExit) as left, speaking():
        raise NotFound(field="slug")
    assert left.value.code == 1
    assert "There is nothing here" in capsys.readouterr().err
    with pytest.raises(TypeError):
        plain(object())
    assert plain(UUID(int=1)) == "00000000-0000-0000-0000-000000000001"


def test_a_table_breaks_no_instant(capsys, monkeypatch):
    monkeypatch.setattr(console_module.console, "_width", 40)
    at = datetime(2026, 11, 30, 9, 18, 0, 295676, tzinfo=timezone(timedelta(hours=1)))
    table([{"at": at, "why": "a reason that is longer than a line"}, {"at": None, "why": None}])
    said = capsys.readouterr().out
    assert "2026-11-30T08:18:00Z" in said
    assert "None" not in said
    table([])
    assert "Nothing to show yet." in capsys.readouterr().out
