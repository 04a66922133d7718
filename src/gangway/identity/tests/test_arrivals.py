"""Who came in, who is stuck and why; sending once more, to the same address or to one that was put right."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity import actions, queries
from gangway.identity.actions import BeforeLaunch, CameIn, NoSuchMailbox, OnItsWay, WrittenLately
from gangway.identity.models import Invitation
from gangway.identity.queries.arrivals import ARRIVAL_WORDS, _with_arrival
from gangway.identity.rules.arrivals import (
    AGAIN_AFTER_RETURN,
    AGAIN_AFTER_SENT,
    GONE,
    ORDER,
    Arrival,
    again_at,
    arrival,
)
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.kernel import clock
from gangway.kernel.lists import page
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging import queries as letters
from gangway.messaging.queries import messages
from gangway.messaging.rules import SENT, Stage, judge
from gangway.people import actions as people
from gangway.people import queries as people_queries
from gangway.people.actions import AlreadyHere, ChangedElsewhere, InByThisAddress
from gangway.people.models import Person

NOBODY_THERE = judge(550, "5.1.1 User unknown", Stage.RECIPIENT)
DAY = timedelta(days=1)


def invited(who: Someone, now: datetime) -> UUID:
    """Their letter, queued."""
    with scopes.one(who.partner_id):
        assert actions.invite(person_id=who.id, actor=ME, now=now)
        return letters.letter_states([who.id], ["identity.launch"])[who.id].message_id


def ended(who: Someone, message_id: UUID, outcome: Any, now: datetime) -> None:
    with scopes.one(who.partner_id):
        for claimed in messaging.claim(message_ids=[message_id], actor=ME, now=now):
            messaging.record_delivery(message_id=message_id, lease=claimed.lease, outcome=outcome, actor=ME, now=now)


def letter_now(who: Someone) -> tuple[str, str]:
    with scopes.one(who.partner_id):
        found = letters.letter_states([who.id], ["identity.launch"])[who.id]
        return found.state.value, found.reason


# ---------------------------------------------------------------- rules

STATES = ("invited", "active", "suspended", "left", "erased")
LETTERS = (None, "queued", "sending", "sent", "kept", "bounced", "failed", "cancelled")


@given(st.sampled_from(STATES), st.booleans(), st.booleans(), st.sampled_from(LETTERS))
def test_everybody_stands_somewhere_and_has_words(state: str, inside: bool, address: bool, letter: str | None) -> None:
    where = arrival(state=state, came_in=inside, has_address=address, letter=letter)
    assert ARRIVAL_WORDS[where]
    assert (where is Arrival.LEFT) == (state in GONE)


@given(st.sampled_from(LETTERS))
def test_nobody_is_written_to_twice_a_day_unless_it_came_back(letter: str | None) -> None:
    at = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    waits = {"sent": AGAIN_AFTER_SENT, "bounced": AGAIN_AFTER_RETURN, "failed": AGAIN_AFTER_RETURN}
    assert again_at(letter, at) == (at + waits[letter] if letter in waits else None)
    assert again_at(letter, None) is None


# ---------------------------------------------------------------- the list


@pytest.mark.django_db
def test_the_database_says_what_the_rule_says(house: World) -> None:
    """Every state of a person, with and without an address, with every state of a letter."""
    from gangway.messaging.models import Message

    now = clock.now()
    partner = house.ana.partner_id
    wanted: dict[UUID, Arrival] = {}
    with scopes.one(partner):
        for number, (state, letter) in enumerate((state, letter) for state in STATES for letter in LETTERS):
            who = admit(partner, f"P{number}", f"p{number}@nordwind.example", now)
            if letter is not None:
                message = invited(who, now)
                Message.objects.filter(pk=message).update(state=letter)
            address = None if number % 7 == 3 else f"p{number}@nordwind.example"
            came = now if state == "active" else None
            Person.objects.filter(pk=who.id).update(state=state, activated_at=came, email=address)
            wanted[who.id] = arrival(
                state=state, came_in=came is not None, has_address=address is not None, letter=letter
            )
        rows = _with_arrival(Person.objects.filter(pk__in=wanted))
        assert {row.pk: ORDER[row.rank] for row in rows} == wanted
        for person_id, where in wanted.items():
            if people_queries.person(person_id).state != "erased":
                assert queries.arrival_of(person_id).arrival is where


@pytest.mark.django_db
def test_who_is_stuck_comes_first_with_a_reason_in_plain_words(house: World, settings: Any) -> None:
    now = clock.now()
    settings.BOUNCE_IMAP_URL = "imaps://a:b@c.example/INBOX"
    ended(house.ana, invited(house.ana, now), NOBODY_THERE, now)
    ended(house.eva_nordwind, invited(house.eva_nordwind, now), SENT, now)
    with scopes.one(house.ana.partner_id):
        count = queries.arrival_counts(house.ana.partner_id)
        first, second = page(queries.TEAM_LIST, {}).rows
        (stuck,) = page(queries.TEAM_LIST, {"state": "stuck"}).rows
        assert len(page(queries.TEAM_LIST, {"state": "outside"}).rows) == 2
        assert page(queries.TEAM_LIST, {"state": "came_in"}).rows == ()
    assert (count.returned, count.written, count.here) == (1, 1, 2)
    assert first.cells["state"] == ("failed", "letter came back")
    assert first.cells["reason"] == "There is no such mailbox."
    assert first.cells["next"][0] == "Mend the address"
    assert second.cells["state"] == ("unproven", "has not come yet")
    assert second.cells["next"][0] == "Remind"
    assert stuck.id == first.id
    with scopes.one(house.caz.partner_id):
        assert [row.cells["name"] for row in page(queries.TEAM_LIST, {"state": "stuck"}).rows] == []


@pytest.mark.django_db
def test_what_nothing_tells_us_is_unknown(house: World) -> None:
    now = clock.now()
    ended(house.ana, invited(house.ana, now), SENT, now)
    with scopes.one(house.ana.partner_id):
        row = queries.arrival_of(house.ana.id)
    assert (row.shape, row.words) == ("unmeasurable", "arrival unknown")
    assert "Nothing tells us" in row.reason


# ---------------------------------------------------------------- once more


@pytest.mark.django_db
def test_a_letter_that_was_sent_can_be_sent_again_after_a_day(house: World) -> None:
    now = clock.now()
    message = invited(house.ana, now)
    with scopes.one(house.ana.partner_id), pytest.raises(OnItsWay):
        actions.send_again(person_id=house.ana.id, actor=ME, now=now)
    ended(house.ana, message, SENT, now)
    with scopes.one(house.ana.partner_id):
        before = Invitation.objects.get(person_id=house.ana.id).digest
        with pytest.raises(WrittenLately):
            actions.send_again(person_id=house.ana.id, actor=ME, now=now + DAY - timedelta(minutes=1))
        actions.send_again(person_id=house.ana.id, actor=ME, now=now + DAY)
        assert Invitation.objects.get(person_id=house.ana.id).digest != before
        assert len(list(messages(address=house.ana.email))) == 2


@pytest.mark.django_db
def test_a_mailbox_that_does_not_exist_is_written_to_only_where_somebody_says_it_is_right(house: World) -> None:
    now = clock.now()
    ended(house.ana, invited(house.ana, now), NOBODY_THERE, now)
    later = now + AGAIN_AFTER_RETURN
    with scopes.one(house.ana.partner_id):
        with pytest.raises(NoSuchMailbox):
            actions.send_again(person_id=house.ana.id, actor=ME, now=later)
        with pytest.raises(WrittenLately):
            actions.mend_address(person_id=house.ana.id, email=house.ana.email, actor=ME, now=now)
        assert letters.is_suppressed(house.ana.email), "a refusal undoes everything"
        assert actions.mend_address(person_id=house.ana.id, email=" ANA@nordwind.example", actor=ME, now=later)
        assert not letters.is_suppressed(house.ana.email)
    assert letter_now(house.ana)[0] == "queued"


@pytest.mark.django_db
def test_a_mended_address_gets_the_invitation_at_once_and_the_old_one_opens_nothing(house: World) -> None:
    now = clock.now()
    ended(house.ana, invited(house.ana, now), NOBODY_THERE, now)
    with scopes.one(house.ana.partner_id):
        before = Invitation.objects.get(person_id=house.ana.id)
        assert actions.mend_address(person_id=house.ana.id, email="ana.lopez@nordwind.example", actor=ME, now=now)
        row, who = Invitation.objects.get(person_id=house.ana.id), people_queries.person(house.ana.id)
        assert row.digest != before.digest
        assert row.access_epoch == who.access_epoch > before.access_epoch
        assert who.email == "ana.lopez@nordwind.example"
        youngest = letters.letter_states([house.ana.id], ["identity.launch"])[house.ana.id]
        (claimed,) = messaging.claim(message_ids=[youngest.message_id], actor=ME, now=now)
        assert claimed.mailbox == "ana.lopez@nordwind.example"


@pytest.mark.django_db
def test_a_queued_letter_to_the_wrong_address_goes_nowhere(house: World) -> None:
    now = clock.now()
    wrong = invited(house.ana, now)
    with scopes.one(house.ana.partner_id):
        actions.mend_address(person_id=house.ana.id, email="right@nordwind.example", actor=ME, now=now)
        assert messaging.claim(message_ids=[wrong], actor=ME, now=now) == []


@pytest.mark.django_db
def test_before_the_launch_an_address_is_mended_and_nobody_is_written_to(house: World) -> None:
    now = clock.now()
    with scopes.one(house.ana.partner_id):
        with pytest.raises(BeforeLaunch):
            actions.send_again(person_id=house.ana.id, actor=ME, now=now)
        assert not actions.mend_address(person_id=house.ana.id, email="right@nordwind.example", actor=ME, now=now)
        assert people_queries.person(house.ana.id).email == "right@nordwind.example"
        assert list(messages(address="right@nordwind.example")) == []


@pytest.mark.django_db
def test_while_a_launch_may_be_undone_nothing_is_changed_under_it(house: World) -> None:
    now = clock.now()
    invited(house.ana, now)
    with scopes.one(house.ana.partner_id):
        Invitation.objects.filter(person_id=house.ana.id).update(invited_at=now + timedelta(minutes=10))
        with pytest.raises(OnItsWay):
            actions.mend_address(person_id=house.ana.id, email="right@nordwind.example", actor=ME, now=now)


@pytest.mark.django_db
def test_a_colleague_moves_nobody_who_came_in_to_another_mailbox(house: World) -> None:
    """Whoever could change the address of somebody active could read their code: that is another person's account."""
    now = clock.now()
    with scopes.one(house.ana.partner_id):
        people.activate_person(person_id=house.ana.id, actor=ME, now=now)
        with pytest.raises(InByThisAddress):
            actions.mend_address(person_id=house.ana.id, email="mine@nordwind.example", actor=ME, now=now)
        with pytest.raises(CameIn):
            actions.send_again(person_id=house.ana.id, actor=ME, now=now)
        people.suspend_person(person_id=house.ana.id, actor=ME, now=now)
        with pytest.raises(InByThisAddress):
            actions.mend_address(person_id=house.ana.id, email="mine@nordwind.example", actor=ME, now=now)


@pytest.mark.django_db
def test_an_address_of_somebody_else_and_an_account_of_a_directory_are_left_alone(house: World) -> None:
    now = clock.now()
    synced = admit(house.ana.partner_id, "Synced", "synced@nordwind.example", now, managed_by="scim:entra")
    with scopes.one(house.ana.partner_id):
        with pytest.raises(AlreadyHere):
            actions.mend_address(person_id=house.ana.id, email="EVA@freelance.example", actor=ME, now=now)
        with pytest.raises(ChangedElsewhere):
            actions.mend_address(person_id=synced.id, email="other@nordwind.example", actor=ME, now=now)
        with pytest.raises(NotFound):
            actions.send_again(person_id=house.caz.id, actor=ME, now=now)
        with pytest.raises(NotFound):
            actions.mend_address(person_id=house.caz.id, email="x@nordwind.example", actor=ME, now=now)


@pytest.mark.django_db
def test_whom_no_letter_reaches_is_said_also_after_they_came_in(house: World) -> None:
    """A company's sign-in may bring somebody whose address nobody knows."""
    now = clock.now()
    nobody = admit(house.ana.partner_id, "Nia Namenlos", "nia@nordwind.example", now)
    with scopes.one(house.ana.partner_id):
        Person.objects.filter(pk=nobody.id).update(state="active", activated_at=now, email=None, email_key=None)
        Person.objects.filter(pk=house.ana.id).update(state="active", activated_at=now)
        count = queries.arrival_counts(house.ana.partner_id)
        (row,) = page(queries.TEAM_LIST, {"state": "unreached"}).rows
        assert len(page(queries.TEAM_LIST, {"state": "came_in"}).rows) == 2
    assert (count.came_in, count.unreached) == (2, 1)
    assert row.id == str(nobody.id)
    assert row.cells["reason"] == "No mail address is known: no letter reaches them."


@pytest.mark.django_db
def test_of_a_suspension_no_other_day_is_told_and_who_ends_it_is(house: World) -> None:
    now = clock.now()
    with scopes.one(house.ana.partner_id):
        Person.objects.filter(pk=house.ana.id).update(state="suspended", activated_at=now)
        Person.objects.filter(pk=house.eva_nordwind.id).update(state="left", activated_at=now, left_at=now + DAY)
        (out,) = page(queries.TEAM_LIST, {"state": "suspended"}).rows
        (gone,) = page(queries.TEAM_LIST, {"state": "left"}).rows
        Person.objects.filter(pk=house.ana.id).update(managed_by="scim:entra")
        (theirs,) = page(queries.TEAM_LIST, {"state": "suspended"}).rows
    assert (out.cells["since"], out.cells["reason"]) == (None, "")
    assert gone.cells["since"] == now + DAY
    assert theirs.cells["reason"] == "Only their company's directory lets them in again."
