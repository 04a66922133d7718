"""C8 as staff walk it, as a channel manager sees it, and as nobody of a partner does."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import set_portfolio
from gangway.people.actions import grant_role, revoke_role
from gangway.rollout.launches import actions, queries
from gangway.rollout.launches.models import Launch
from gangway.rollout.launches.rules.states import Quiet, WaveState
from gangway.rollout.launches.tests.house import OPERATOR, agree, letters_to, name_team, page, rest, wave_of


@pytest.fixture
def present() -> datetime:
    return clock.now()


@pytest.fixture
def wave(world: Any, present: datetime) -> UUID:
    agree(world.nordwind, world.ben.id, present)
    name_team(world.nordwind, 3, present)
    name_team(world.nordwind, 1, present, tag="ar", locale="ar")
    return wave_of([world.nordwind, world.suedstern], present)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_from_a_name_to_a_wave_with_partners(world: Any, present: datetime, client_of: Any) -> None:
    dee = client_of(world.dee)
    assert "No wave yet" in text(dee.get(reverse("launches:list")))
    refused = dee.post(reverse("launches:new"), {"name": " "})
    assert refused.status_code == 400
    there = dee.post(reverse("launches:new"), {"name": "Top tier", "planned_on": "2026-05-04"})["Location"]
    assert "Südstern" in text(dee.get(there))
    assert "Südstern" not in text(dee.get(there, {"tier": "gold"}))
    wave_id = queries.waves()[0].id
    none = dee.post(reverse("launches:add", args=[wave_id]))
    assert "No partner was chosen" in text(none)
    dee.post(reverse("launches:add", args=[wave_id]), {"ids": [world.nordwind, world.suedstern]})
    shown = text(dee.get(reverse("launches:wave", args=[wave_id])))
    assert "Top tier writes to" in shown or "2 partners are held" in shown


def test_the_list_counts_who_would_be_held(world: Any, wave: UUID, present: datetime) -> None:
    with scopes.host():
        assert [(line.partners, line.held) for line in queries.wave_lines(present)] == [(2, 1)], "Südstern has no team"
    with scopes.one(world.nordwind):
        actions.hold(wave_id=wave, reason="Their fair is on.", actor=OPERATOR, now=present)
    with scopes.one(world.suedstern):
        actions.let_go(wave_id=wave, reason="They hurry.", actor=OPERATOR, now=present)
    with scopes.host():
        assert [(line.partners, line.held) for line in queries.wave_lines(present)] == [(2, 1)], "Nordwind, by hand"


def test_hold_let_go_and_take_out(world: Any, wave: UUID, present: datetime, client_of: Any) -> None:
    dee = client_of(world.dee)
    at = [wave, world.nordwind]
    assert "Only the admin of Südstern is here" in text(dee.get(reverse("launches:wave", args=[wave])))
    assert dee.post(reverse("launches:hold", args=at), {"reason": ""}).status_code == 400
    dee.post(reverse("launches:hold", args=at), {"reason": "Their fair is on."})
    assert "Held by Dee Diaz: “Their fair is on.”" in text(dee.get(reverse("launches:wave", args=[wave])))
    dee.post(reverse("launches:let_go", args=at), {"reason": "It is over."})
    dee.post(reverse("launches:remove", args=[wave, world.suedstern]))
    (row,) = page(wave, present).launches
    assert (row.partner.slug, row.held) == ("nordwind", False)


def test_send_says_what_will_happen_then_does_it_and_undoes_it(
    world: Any, wave: UUID, present: datetime, client_of: Any
) -> None:
    dee = client_of(world.dee)
    asked = text(dee.get(reverse("launches:send", args=[wave])))
    assert "Wave 1 writes to 6 people of 1 partner. 1 partner is held." in asked
    assert "Send 6 letters" in asked
    changed = dee.post(reverse("launches:send", args=[wave]), {"letters": "5"})
    assert "Meanwhile the number of letters changed: 6 instead of 5" in text(changed)
    dee.post(reverse("launches:send", args=[wave]), {"letters": "6"})
    rest(clock.now())
    going = text(dee.get(reverse("launches:wave", args=[wave])))
    assert "Undo this wave" in going
    assert "6 of 6" in going
    dee.post(reverse("launches:undo", args=[wave]))
    assert "nobody was written to" in text(dee.get(reverse("launches:wave", args=[wave])))
    assert {row.state for row in letters_to(world.nordwind)} == {"cancelled"}
    late = dee.post(reverse("launches:undo", args=[wave]))
    assert late.status_code == 409


def test_when_its_ten_minutes_are_over_no_undo_is_offered(world: Any, wave: UUID, client_of: Any) -> None:
    dee, here = client_of(world.dee), reverse("launches:wave", args=[wave])
    polled: dict[str, Any] = {"data": {"phase": "undoable"}, "headers": {"HX-Request": "true"}}
    dee.post(reverse("launches:send", args=[wave]))
    with time_machine.travel(clock.now() + timedelta(minutes=9), tick=False):
        within = dee.get(here, **polled)
    assert "Until they go, everything can be undone." in text(within)
    assert "HX-Refresh" not in within
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        over = dee.get(here, **polled)
        assert "HX-Refresh" not in dee.get(here, headers={"HX-Request": "true"}), "the page is read anew once"
    assert "They are going, and nothing can be undone any more." in text(over)
    assert "can be undone" not in text(over).replace("nothing can be undone", "")
    assert over["HX-Refresh"] == "true"


def test_a_sent_wave_says_what_became_of_it(world: Any, wave: UUID, present: datetime, client_of: Any) -> None:
    past = present - timedelta(minutes=30)
    actions.change_wave(wave_id=wave, quiet=Quiet.IGNORE, actor=OPERATOR, now=past)
    actions.send_wave(wave_id=wave, actor=world.dee.actor, now=past)
    rest(past)
    rest(present)
    assert page(wave, present).wave.state is WaveState.SENT
    dee = client_of(world.dee)
    shown = text(dee.get(reverse("launches:wave", args=[wave])))
    assert "6 letters were kept here, because no mail server is set." in shown
    assert "Person ar0" in text(dee.get(reverse("launches:untold", args=[wave])))
    receipt = text(dee.get(reverse("launches:receipt", args=[wave])))
    assert "Sent by" in receipt
    assert "Dee Diaz" in receipt


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_the_letter_is_read_in_each_language_in_a_frame_that_can_do_nothing(
    world: Any, wave: UUID, client_of: Any, locale: str, direction: str
) -> None:
    dee = client_of(world.dee)
    around = dee.get(reverse("launches:letter", args=[wave, locale]))
    assert f'dir="{direction}"' in text(around)
    assert "frame-src 'self'" in around["Content-Security-Policy"]
    assert "style-src 'self'" in around["Content-Security-Policy"]
    frame = dee.get(reverse("launches:letter_frame", args=[wave, locale]))
    assert "Partner Essentials" in text(frame) or locale != "en"
    policy = frame["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_a_language_nobody_wrote_is_not_there(world: Any, wave: UUID, client_of: Any) -> None:
    assert client_of(world.dee).get(reverse("launches:letter", args=[wave, "xx"])).status_code == 404


def test_a_channel_manager_plans_their_own_partners_and_sends_nothing(
    world: Any, wave: UUID, present: datetime, client_of: Any
) -> None:
    with scopes.one(world.host):
        for role in ("programme_lead", "platform_admin", "content_owner", "trainer", "sponsor", "channel_manager"):
            revoke_role(person_id=world.dee.id, role=role, actor=OPERATOR, now=present)
        grant_role(person_id=world.dee.id, role="channel_manager", actor=OPERATOR, now=present)
    with scopes.one(world.nordwind):
        set_portfolio(person_id=world.dee.id, looked_after=True, actor=OPERATOR, now=present)
    manager = client_of(world.dee)
    shown = text(manager.get(reverse("launches:wave", args=[wave])))
    assert "Nordwind" in shown
    assert "Südstern" not in shown
    assert (
        manager.post(reverse("launches:hold", args=[wave, world.suedstern]), {"reason": "Not mine"}).status_code == 404
    )
    assert manager.post(reverse("launches:hold", args=[wave, world.nordwind]), {"reason": "Mine"}).status_code == 302
    assert manager.post(reverse("launches:send", args=[wave])).status_code == 403
    with scopes.one(world.suedstern):
        assert Launch.objects.get().hold_reason == ""


def test_nobody_of_a_partner_sees_launches(world: Any, wave: UUID, client_of: Any) -> None:
    for outsider in (world.ben, world.ana):
        browser = client_of(outsider)
        for name in ("wave", "send", "receipt", "untold", "choose"):
            assert browser.get(reverse(f"launches:{name}", args=[wave])).status_code == 403
        assert browser.post(reverse("launches:undo", args=[wave])).status_code == 403
