"""Two accounts of one human become one and two again: every table, every door, the pages, and what is refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gangway.credentials import handlers
from gangway.credentials.actions import define_credential
from gangway.credentials.queries import awards_of, verify
from gangway.credentials.tests.house import ME, NOW, House, Someone, admit, build, complete
from gangway.identity import queries as identity
from gangway.identity.actions import link_subject
from gangway.identity.tests.connections import connect
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import OutboxEvent
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact
from gangway.learning.events import CourseCompleted
from gangway.people import actions, queries
from gangway.people.models import Person
from gangway.portal.actions import erase
from gangway.portal.queries import document

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
# What a merge and its undo leave behind on purpose: that they were, and that nothing opened before opens again.
TRACES = {"people.PersonMerge", "kernel.AuditEntry", "kernel.OutboxEvent"}


def model(label: str) -> Any:
    return apps.get_model(label)


class Twins:
    """Ana at Nordwind, enrolled and no more; her twin, who learned; Ben, the admin."""

    def __init__(self) -> None:
        self.house: House = build()
        self.at = self.house.nordwind_id
        self.ana = self.house.ana.id
        self.ben = Actor.person(self.house.ben.id)
        twin = admit(self.at, "Ana Twin", external_id="7", source="csv", roles=["partner_it"])
        self.twin = twin.id
        self.connection = connect(self.at)
        with scopes.one(self.at):
            for who in (self.ana, self.twin):
                actions.activate_person(person_id=who, actor=ME, now=NOW)
            self.open = model("learning.Enrolment").objects.create(
                person_id=self.ana, course_id=self.house.course_id, required=True, enrolled_at=NOW
            )
        completion = complete(self.house, twin)
        with scopes.one(self.at):
            self.done = model("learning.Enrolment").objects.get(person=self.twin)
        issue(self.house, twin, completion)
        with scopes.one(self.at):
            self.number = awards_of(self.twin, NOW)[0].number
            group = actions.make_group(key="north", name="North", actor=ME, now=NOW)
            actions.join_group(group_id=group, person_ids=[self.twin], actor=ME, now=NOW)
            self.group = group
            for subject, who in (("a", self.ana), ("b", self.twin)):
                link_subject(connection_id=self.connection.id, subject=subject, person_id=who, actor=ME, now=NOW)

    def merge(self, by: Actor = ME, stays: UUID | None = None, gone: UUID | None = None) -> None:
        with scopes.one(self.at):
            actions.merge_persons(stays_id=stays or self.ana, gone_id=gone or self.twin, actor=by, now=LATER)

    def unmerge(self, by: Actor = ME, now: Any = LATER) -> None:
        with scopes.one(self.at):
            actions.unmerge_person(gone_id=self.twin, actor=by, now=now)

    def owner(self, label: str, row: UUID) -> UUID:
        with scopes.one(self.at):
            found: UUID = model(label).objects.values_list("person", flat=True).get(pk=row)
            return found


def issue(house: House, who: Someone, completion: UUID) -> None:
    with scopes.one(house.host_id):
        define_credential(
            key="partner-essentials",
            course_id=house.course_id,
            title="Partner Essentials",
            valid_months=24,
            actor=ME,
            now=NOW,
        )
    event = CourseCompleted(
        completion_id=completion,
        enrolment_id=new_id(),
        person_id=who.id,
        course_id=house.course_id,
        course_version_id=house.version_id,
        course_key="partner-essentials",
        cycle=1,
        required=True,
        points=7,
        points_max=8,
    )
    fact = Fact(new_id(), who.partner_id, who.id, NOW, 1, ME)
    with scopes.one(who.partner_id), transaction.atomic():
        handlers.issue_award(event, fact)


def contents() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the traces, without access epochs."""
    found = {}
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        for table in apps.get_models():
            if table.__module__.startswith("gangway.") and table._meta.label not in TRACES:
                rows = [{k: v for k, v in row.items() if k != "access_epoch"} for row in table._base_manager.values()]
                found[table._meta.label] = sorted(rows, key=str)
    # the directory finds a mailbox by another row of the same words
    found["people.Mailbox"] = sorted(
        ({k: v for k, v in row.items() if k != "id"} for row in found["people.Mailbox"]), key=str
    )
    return found


@pytest.fixture
def twins(db: Any) -> Twins:
    return Twins()


def test_what_was_theirs_is_hers_and_nothing_is_lost(twins: Twins) -> None:
    before = contents()
    twins.merge()
    after = contents()
    for label, rows in before.items():
        if label != "people.Mailbox":
            assert {row.get("id") for row in rows} == {row.get("id") for row in after[label]}, label
    assert twins.owner("learning.Enrolment", twins.done.pk) == twins.ana, (
        "the course that was completed is gone on with"
    )
    assert twins.owner("learning.Enrolment", twins.open.pk) == twins.twin
    with scopes.one(twins.at):
        assert [award.number for award in awards_of(twins.ana, LATER)] == [twins.number]
        assert [name for _, name in queries.groups_of_person(twins.ana)] == ["North"]
        for subject in ("a", "b"):
            assert identity.person_of_subject(twins.connection.id, subject) == twins.ana
        gone = queries.person(twins.twin)
        assert (gone.state, gone.access_epoch, gone.may_come_in) == ("left", 1, False)
        assert queries.roles_held(twins.twin, LATER) == ()
        assert queries.roles_held(twins.ana, LATER) == (), "roles never grow by a merge"
    assert queries.persons_of_mailbox(gone.email or "") == []
    assert verify(twins.number, LATER) is not None


def test_of_two_begun_courses_the_one_with_more_lessons_is_gone_on_with(twins: Twins) -> None:
    """Both opened it and neither completed it: whoever finished a lesson more came further, and undo gives it back."""
    with scopes.one(twins.at):
        model("learning.Enrolment").objects.update(
            opened_at=NOW, completed_at=None, attested=False, version=twins.house.version_id
        )
        lesson = model("catalog.Lesson").objects.create(
            owner_id=twins.house.host_id, course_id=twins.house.course_id, key="hello"
        )
        model("learning.LessonProgress").objects.create(
            enrolment=twins.done, lesson=lesson, opened_at=NOW, finished_at=NOW
        )
    twins.merge()
    assert twins.owner("learning.Enrolment", twins.done.pk) == twins.ana
    twins.unmerge()
    assert twins.owner("learning.Enrolment", twins.done.pk) == twins.twin


def test_merging_and_undoing_is_as_if_nothing_had_been(twins: Twins) -> None:
    before = contents()
    twins.merge()
    assert contents() != before
    twins.unmerge()
    assert contents() == before
    with scopes.one(twins.at):
        assert queries.person(twins.ana).access_epoch == 1, "whoever came in by the other's sign-in is out"
        assert queries.person(twins.twin).access_epoch == 2
        with pytest.raises(actions.NothingMerged):
            actions.unmerge_person(gone_id=twins.twin, actor=ME, now=LATER)


def test_what_was_changed_since_stays_and_is_told_before(twins: Twins) -> None:
    twins.merge()
    with scopes.one(twins.at):
        actions.quit_group(group_id=twins.group, person_ids=[twins.ana], actor=ME, now=LATER)
        lesson = model("learning.Enrolment").objects.filter(pk=twins.done.pk)
        lesson.update(extra_tries=1)
        merge = queries.merged_into(twins.twin)
        assert merge is not None
        told = {row.words: (row.back, row.kept) for row in queries.look_unmerge(merge)}
    assert told["groups"] == (0, 1)
    assert told["courses"] == (0, 1)
    assert told["certificates"] == (1, 0)
    twins.unmerge()
    assert twins.owner("learning.Enrolment", twins.done.pk) == twins.ana
    assert twins.owner("learning.Enrolment", twins.open.pk) == twins.twin


def test_what_was_read_since_the_merge_stays_with_whoever_read_it(twins: Twins) -> None:
    twins.merge()
    with scopes.one(twins.at):
        merge = queries.merged_into(twins.twin)
        assert merge is not None
        lesson = model("catalog.Lesson").objects.create(
            owner_id=twins.house.host_id, course_id=twins.house.course_id, key="hello"
        )
        model("learning.LessonProgress").objects.create(
            enrolment=twins.done, lesson=lesson, opened_at=LATER + timedelta(hours=1)
        )
        told = {row.words: (row.back, row.kept) for row in queries.look_unmerge(merge)}
    assert told["courses"] == (0, 1)


def test_the_facts_are_told_in_order(twins: Twins) -> None:
    OutboxEvent.objects.all().delete()
    twins.merge()
    twins.unmerge()
    assert list(OutboxEvent.objects.order_by("number").values_list("name", flat=True)) == [
        "people.person.merged.v1",
        "people.person.left.v1",
        "people.person.changed.v1",
        "people.person.unmerged.v1",
        "people.person.admitted.v1",
        "people.person.changed.v1",
    ]


def _suspend(twins: Twins, who: UUID) -> None:
    with scopes.one(twins.at):
        actions.suspend_person(person_id=who, actor=ME, now=NOW)


def _managed(twins: Twins, *people: UUID) -> None:
    with scopes.one(twins.at):
        Person.objects.filter(pk__in=people).update(managed_by="scim:1")


@pytest.mark.parametrize(
    ("refusal", "before", "said"),
    [
        (actions.OneAccount, None, {"stays": "twin"}),
        (actions.OwnMerge, None, {"by": "ana"}),
        (actions.OwnMerge, None, {"by": "twin"}),
        (actions.NotBothOpen, lambda twins: _suspend(twins, twins.ana), {}),
        (actions.NotBothOpen, lambda twins: _suspend(twins, twins.twin), {}),
        (actions.KeepTheManaged, lambda twins: _managed(twins, twins.twin), {}),
        (actions.TwoDirectories, lambda twins: _managed(twins, twins.ana, twins.twin), {}),
    ],
)
def test_what_is_refused_changes_nothing(
    twins: Twins, refusal: type[Refusal], before: Any, said: dict[str, str]
) -> None:
    if before:
        before(twins)
    rows = contents()
    by = Actor.person(getattr(twins, said["by"])) if "by" in said else twins.ben
    with pytest.raises(refusal):
        twins.merge(by=by, stays=getattr(twins, said["stays"]) if "stays" in said else None)
    assert contents() == rows


def test_staff_and_the_last_admin_are_not_merged_away(twins: Twins) -> None:
    host = twins.house.host_id
    other = admit(host, "Dee Twin").id
    with scopes.one(host), pytest.raises(actions.StaffStayApart):
        actions.merge_persons(stays_id=twins.house.dee.id, gone_id=other, actor=ME, now=LATER)
    with pytest.raises(actions.LastAdmin):
        twins.merge(by=Actor.person(twins.ana), stays=twins.twin, gone=twins.house.ben.id)


def test_somebody_of_another_partner_is_nobody(twins: Twins) -> None:
    for pair in ({"gone": twins.house.caz.id}, {"stays": twins.house.caz.id}):
        with pytest.raises(NotFound):
            twins.merge(**pair)
    twins.merge()
    with scopes.one(twins.house.suedstern_id), pytest.raises(actions.NothingMerged):
        actions.unmerge_person(gone_id=twins.twin, actor=ME, now=LATER)


def test_a_merge_is_undone_for_a_month_and_while_the_address_is_free(twins: Twins) -> None:
    twins.merge()
    with pytest.raises(actions.NotUndone):
        twins.unmerge(now=LATER + queries.UNDO_LIFE)
    with pytest.raises(actions.OwnMerge):
        twins.unmerge(by=Actor.person(twins.ana))
    with scopes.one(twins.at):
        email = queries.person(twins.twin).email
        actions.admit_person(name="Another", email=email, actor=ME, now=LATER)
    with pytest.raises(actions.NotUndone):
        twins.unmerge()


def test_no_file_and_no_directory_brings_a_merged_account_back(twins: Twins) -> None:
    with scopes.one(twins.at):
        model("people.ExternalId").objects.create(person_id=twins.ana, source="csv", value="6")
    twins.merge()
    line = Line(2, {"name": "Ana Twin", "email": "ana.twin@new.example", "external_id": "7"})
    report = actions.import_people(lines=[line], partner_id=twins.at, source="csv", actor=ME, now=LATER)
    assert "merged into another one" in str(report.outcomes[0].reason)
    with scopes.one(twins.at), pytest.raises(actions.MergedAway):
        actions.readmit_person(person_id=twins.twin, managed_by="scim:1", email=None, actor=ME, now=LATER)


def test_erasing_finds_every_account_of_the_human(twins: Twins) -> None:
    twins.merge()
    with scopes.one(twins.at):
        twin = queries.person(twins.twin)
        held = document(twins.ana, LATER, private=True)
        assert twin.email in str(held), "what is held of the old account is in her file"
        assert str(held["sections"]) == str(document(twins.twin, LATER, private=True)["sections"])
        erase(person_id=twins.ana, actor=ME, now=LATER)
        assert {queries.person(one).state for one in (twins.ana, twins.twin)} == {"erased"}
        names = Person.objects.filter(pk__in=[twins.ana, twins.twin]).values_list("name", "email")
        assert set(names) == {("", None)}
    assert verify(twins.number, LATER) is not None
    with pytest.raises(actions.NotUndone):
        twins.unmerge()


def test_likely_twins_are_told_by_name_and_by_address(twins: Twins) -> None:
    with scopes.one(twins.at):
        namesake = actions.admit_person(name="ana lópez", email="al@nordwind.example", actor=ME, now=NOW)
        alike = actions.admit_person(name="A. L.", email="ana.lópez@private.example", actor=ME, now=NOW)
        assert {row.id for row in queries.twins_of(twins.ana)} == {namesake, alike}
        assert told(queries.Alike.NAME) == [{twins.ana, namesake}]
        assert told(queries.Alike.ADDRESS) == [{twins.ana, alike}]
        again = actions.admit_person(name="Ana López", email="ana.lópez@work.example", actor=ME, now=NOW)
        assert told(queries.Alike.NAME) == [{twins.ana, namesake, again}]
        assert told(queries.Alike.ADDRESS) == [{twins.ana, alike, again}]
    with scopes.one(twins.house.suedstern_id):
        assert told(queries.Alike.NAME) == told(queries.Alike.ADDRESS) == []


def told(alike: queries.Alike) -> list[set[UUID]]:
    return [{row.id for row in one.people} for one in queries.likely_twins(alike).twins]


def test_many_twins_come_page_by_page_in_three_statements_each(
    twins: Twins, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also an office's address of which there are many, and namesakes at two partners."""
    monkeypatch.setattr("gangway.people.queries.twins.PAGE", 4)
    for at in (twins.at, twins.house.suedstern_id):
        with scopes.one(at):
            people = [(f"Twin {n // 2}", f"t{n}@x{n}.example") for n in range(12)]
            people += [(f"Office {n}", f"info@o{n}.example") for n in range(11)]
            for name, email in people:
                actions.admit_person(name=name, email=email, letter=False, actor=ME, now=NOW)
    with scopes.host():
        seen: list[tuple[str, frozenset[UUID]]] = []
        after, pages = None, 0
        while pages == 0 or after is not None:
            with django_assert_num_queries(3 if after else 2):
                found = queries.likely_twins(queries.Alike.NAME, after)
            seen += [(one.home, frozenset(row.id for row in one.people)) for one in found.twins]
            after, pages = found.after, pages + 1
        assert pages == 3
        assert len(seen) == len(set(seen)) == 12
        assert seen == sorted(seen, key=lambda one: one[0] != seen[0][0]), "partner by partner"
        offices = queries.likely_twins(queries.Alike.ADDRESS).twins
        assert [(one.n, len(one.people), one.more) for one in offices] == [(11, 8, 3)] * 2


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def pair(world: Any) -> Any:
    """Ana's twin, invited at the same partner."""
    with scopes.one(world.nordwind):
        return actions.admit_person(name="Ana Albers", email="ana@private.example", letter=False, actor=ME, now=NOW)


def test_an_admin_makes_one_of_two_and_two_of_it_again(
    world: Any, client_of: Any, pair: UUID, ben_reads_english: None
) -> None:
    learner, browser = client_of(world.ana), client_of(world.ben)
    assert learner.get(reverse("portal:home")).status_code == 200
    assert "ana@private.example" in browser.get(reverse("portal:twins_team")).content.decode()
    start = browser.get(reverse("portal:merge_team", args=[pair])).content.decode()
    path = reverse("portal:merge_with_team", args=[pair, world.ana.id])
    assert path in start
    found = browser.get(reverse("portal:merge_team", args=[pair]), {"email": "ana@nordwind.example"})
    assert found["Location"] == path
    assert browser.get(reverse("portal:merge_team", args=[pair]), {"email": "no@one.example"}).status_code == 422
    page = browser.get(path).content.decode()
    assert "ana@private.example stays. ana@nordwind.example becomes a way to it" in page
    assert reverse("portal:merge_with_team", args=[world.ana.id, pair]) in page
    assert "Tries at checks" not in page, "tries are the person's own"
    assert browser.post(path)["Location"] == reverse("portal:person_team", args=[pair])
    assert learner.get(reverse("portal:home")).status_code == 302, "signed out at once"
    assert "merged on" in browser.get(reverse("portal:person_team", args=[pair])).content.decode()
    old = browser.get(reverse("portal:person_team", args=[world.ana.id])).content.decode()
    assert "Merged into the account of Ana Albers" in old
    undo = reverse("portal:unmerge_team", args=[world.ana.id])
    assert undo in old
    assert "It can be undone until" in browser.get(undo).content.decode()
    assert browser.post(undo)["Location"] == reverse("portal:person_team", args=[world.ana.id])
    assert browser.get(undo).status_code == 409


def test_the_console_does_the_same_and_says_what_is_refused(world: Any, client_of: Any, pair: UUID) -> None:
    browser = client_of(world.dee)
    assert "ana@private.example" in browser.get(reverse("portal:twins")).content.decode()
    path = reverse("portal:merge_with", args=[pair, world.ana.id])
    assert "Tries at checks" in browser.get(path).content.decode()
    with scopes.one(world.nordwind):
        actions.suspend_person(person_id=pair, actor=ME, now=NOW)
    answer = browser.post(path)
    assert answer.status_code == 422
    assert "is not open" in answer.content.decode()


def test_outsiders_and_foreign_people(world: Any, client_of: Any, pair: UUID) -> None:
    assert client_of(world.ana).get(reverse("portal:twins_team")).status_code == 403
    for browser, suffix in ((client_of(world.caz), "_team"), (client_of(world.ben), "_team")):
        for one, other in ((pair, world.caz.id), (world.caz.id, pair)):
            assert browser.post(reverse(f"portal:merge_with{suffix}", args=[one, other])).status_code == 404
    staff = client_of(world.dee)
    assert staff.post(reverse("portal:merge_with", args=[pair, world.caz.id])).status_code == 404, "of another partner"
    assert client_of(world.caz).get(reverse("portal:unmerge_team", args=[pair])).status_code == 404


def test_a_late_undo_says_why(world: Any, client_of: Any, pair: UUID) -> None:
    with scopes.one(world.nordwind):
        actions.merge_persons(stays_id=pair, gone_id=world.ana.id, actor=ME, now=NOW - timedelta(days=1_000))
    browser = client_of(world.dee)
    path = reverse("portal:unmerge", args=[world.ana.id])
    assert "The time for it is over." in browser.get(path).content.decode()
    assert browser.post(path).status_code == 422
    assert reverse("portal:erase", args=[pair]) == browser.get(reverse("portal:erase", args=[world.ana.id]))["Location"]


def test_the_page_of_twins_costs_the_same_for_more(world: Any, client_of: Any, pair: UUID) -> None:
    browser = client_of(world.dee)
    path = reverse("portal:twins")
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        browser.get(path)
    with scopes.one(world.nordwind):
        for n in range(30):
            actions.admit_person(name=f"Twin {n // 2}", email=f"t{n}@nordwind.example", letter=False, actor=ME, now=NOW)
    with CaptureQueriesContext(connection) as many:
        assert "Twin 14" in browser.get(path).content.decode()
    assert len(many) == len(few)


def test_where_no_two_are_called_alike_those_with_addresses_alike_are_shown(world: Any, client_of: Any) -> None:
    with scopes.one(world.nordwind):
        actions.admit_person(name="A. Lima", email="ana@private.example", letter=False, actor=ME, now=NOW)
    browser, path = client_of(world.dee), reverse("portal:twins")
    assert "ana@private.example" in browser.get(path).content.decode()
    assert "ana@private.example" not in browser.get(path, {"by": "name"}).content.decode()
