"""Lives the story: every row of the demo world is made by an action that is told when it happened."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from gangway.catalog import actions as catalog
from gangway.catalog import queries as courses
from gangway.catalog.markdown.read import read_course
from gangway.catalog.queries import CheckRow
from gangway.config.demo import story
from gangway.config.demo.story import Learner
from gangway.identity import actions as identity
from gangway.identity import queries as doors
from gangway.identity.queries import INVITES
from gangway.insights import actions as insights
from gangway.kernel import clock, installation, worker
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line, read_csv
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning import queries as learned
from gangway.messaging import actions as letters
from gangway.messaging import queries as messaging
from gangway.messaging.jobs import send_due
from gangway.messaging.rules import Stage, judge
from gangway.partners import actions as partners
from gangway.partners import queries as known
from gangway.partners.rules import COLUMNS as PARTNER_COLUMNS
from gangway.people import actions as people
from gangway.people import queries as persons
from gangway.people.rules import COLUMNS as PERSON_COLUMNS
from gangway.rollout.launches import actions as launches
from gangway.rollout.launches.rules.states import UNDO_WINDOW
from gangway.rollout.plans import actions as plans
from gangway.rollout.plans import queries as planned
from gangway.rollout.rehearsal import actions as rehearsal

HERE = Path(__file__).parent
ACTOR = Actor.operator()
CODE = re.compile(r"\b(\d{3}) ?(\d{3})\b")


def load(now: datetime | None = None) -> bool:
    """Make the world, once and whole or not at all: False where partners are here already.

    now: the present; nothing in the story is later. Its letters are kept, whatever mail server is set.
    """
    if known.host_partner() is not None:
        return False
    with transaction.atomic(), installation.unarmed():
        World(now or clock.now()).live()
    return True


class World:
    """One telling of the story. `monday`: of the kickoff week, three weeks before this one."""

    def __init__(self, present: datetime) -> None:
        self.present = present
        self.monday = (present - timedelta(days=present.weekday() + 21)).date()

    def live(self) -> None:
        """From the partner file to the first certificates, day by day."""
        self.found_company()
        self.give_partners()
        self.plan_rollout()
        self.attest()
        self.publish_course()
        for slug in story.FIRST_WAVE[2]:
            self.bring_people(slug, story.ADMINS_ON[slug], admins=True)
        for address, day in story.ADMINS_CAME:
            self.sign_in(address, self.at(day, 9, len(address)))
        for slug in story.FIRST_WAVE[2]:
            self.bring_people(slug, story.TEAMS_ON[slug], admins=False)
        self.launch()
        self.name_contact()
        for day in sorted({learner.day for learner in story.LEARNERS}):
            for learner in story.LEARNERS:
                if learner.day == day:
                    self.learn(learner)
            self.settle(self.at(day, 18))
        self.order_team()
        self.prove_domain()
        self.plan_second_wave()
        rehearsal.walk_courses(actor=Actor.job("demo"), now=self.at(20))
        self.bring_files()
        self.get_stuck()
        self.settle(self.present)

    def at(self, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """An instant of the story; never in the future."""
        moment = datetime.combine(self.monday + timedelta(days=day), time(hour, minute), tzinfo=UTC)
        return min(moment, self.present)

    def settle(self, now: datetime) -> None:
        """Let everything that follows by itself happen: events, letters, jobs, the plan's look at its evidence."""
        for _ in range(1_000):
            if not worker.turn("demo", now):
                return
        raise RuntimeError("The demo world did not come to rest.")

    def found_company(self) -> None:
        now = self.at(0, 7)
        with (HERE / "partners.csv").open("rb") as file:
            partners.apply_partners(rows=read_csv(file, PARTNER_COLUMNS), source="partners.csv", actor=ACTOR, now=now)
        host = known.host_partner()
        assert host is not None
        self.host_id = host.id
        with (HERE / "staff.csv").open("rb") as file:
            lines = list(read_csv(file, PERSON_COLUMNS))
        people.import_people(lines=lines, partner_id=self.host_id, file_name="staff.csv", actor=ACTOR, now=now)
        self.settle(now)
        for line in lines:
            self.sign_in(str(line.cells["email"]), now + timedelta(minutes=20))
        self.settle(now + timedelta(minutes=30))

    def give_partners(self) -> None:
        """Each partner has somebody who looks after it; two that were pasted by mistake are gone again."""
        now = self.at(1)
        for address, slugs in story.PORTFOLIO:
            for slug in slugs:
                with scopes.one(known.find_partner(slug).id):
                    people.give_to(person_id=self.person_at(address), actor=ACTOR, now=now)
        priya = Actor.person(self.person_at(story.PORTFOLIO[0][0]))
        lines = [Line(number, row) for number, row in enumerate(story.MISTAKEN, start=2)]
        run_id = partners.apply_partners(rows=lines, actor=priya, now=now).run
        assert run_id is not None
        partners.undo_run(run_id=run_id, actor=priya, now=self.at(1, 9, 20))

    def plan_rollout(self) -> None:
        now = self.at(0, 8)
        with scopes.one(self.host_id):
            plan_id = plans.new_plan(
                definition=planned.shipped_template("essential"),
                kickoff_on=self.monday,
                zone="Europe/Berlin",
                actor=ACTOR,
                now=now,
            )
            for row in planned.raci(plan_id):
                self.fill_row(plan_id, row, now)
            for address in story.KICKOFF_CAME:
                plans.confirm_attendance(
                    plan_id=plan_id, actor=Actor.person(self.person_at(address)), now=self.at(0, 15)
                )
            for key, value, source in story.BASELINES:
                insights.set_baseline(
                    kpi_key=key, value=value, taken_on=self.monday, source=source, actor=ACTOR, now=self.at(2)
                )
        self.settle(self.at(2))

    def attest(self) -> None:
        """What no system can see, somebody says by name; it is never shown as proven."""
        with scopes.one(self.host_id):
            plan = planned.current_plan()
            assert plan is not None
            for day, key, address, reason in story.ATTESTED:
                actor = Actor.person(self.person_at(address))
                plans.attest(plan_id=plan.id, key=key, reason=reason, actor=actor, now=self.at(day, 16))

    def fill_row(self, plan_id: UUID, row: planned.RaciRowRow, now: datetime) -> None:
        """Put people of the team where the template names jobs."""
        for row_key, letter, address in story.RACI:
            if row_key == row.key:
                cells = row.of(letter)
                plans.set_raci_cell(
                    plan_id=plan_id,
                    row_key=row.key,
                    letter=letter,
                    holder="staff",
                    label=cells[0].name if cells else "",
                    person_id=self.person_at(address),
                    cell_id=cells[0].id if cells else None,
                    actor=ACTOR,
                    now=now,
                )

    def name_contact(self) -> None:
        """A partner-side contact is told of every decision: without one the matrix is not whole."""
        slug, address, row_key = story.CONTACT
        partner = known.find_partner(slug)
        with scopes.one(self.host_id):
            plan = planned.current_plan()
            assert plan is not None
            plans.set_raci_cell(
                plan_id=plan.id,
                row_key=row_key,
                letter="I",
                holder="contact",
                label=story.CONTACT_NAME,
                person_id=self.person_at(address),
                contact_partner_id=partner.id,
                actor=ACTOR,
                now=self.at(16),
            )

    def order_team(self) -> None:
        """A partner admin keeps house: a group, and a role with an end."""
        slug, key, name, addresses = story.GROUP
        now = self.at(19, 11)
        with scopes.one(known.find_partner(slug).id):
            ben = Actor.person(self.person_at(story.CONTACT[1]))
            group_id = people.make_group(key=key, name=name, actor=ben, now=now)
            ids = [self.person_at(address) for address in addresses]
            people.join_group(group_id=group_id, person_ids=ids, actor=ben, now=now)
            address, role = story.HOLIDAY
            until = now + timedelta(days=14)
            people.grant_role(person_id=self.person_at(address), role=role, until=until, actor=ben, now=now)

    def prove_domain(self) -> None:
        """Nordwind's zone holds the record on the day after its admin came in."""
        slug, address, domain, day = story.DOMAIN
        with scopes.one(known.find_partner(slug).id):
            ben = Actor.person(self.person_at(address))
            claim_id = identity.claim_domain(name=domain, actor=ben, now=self.at(day))
            value = doors.domain_claim(claim_id, self.at(day)).value
            identity.note_look(claim_id=claim_id, texts=[value], actor=ben, now=self.at(day + 1))

    def publish_course(self) -> None:
        now = self.at(story.COURSE_ON)
        with scopes.one(self.host_id):
            draft = read_course(HERE / "partner-essentials")
            course_id = catalog.import_course(draft=draft, actor=ACTOR, now=now).course_id
            whom = learning.Whom(tiers=frozenset({"gold"}), languages=frozenset({"de"}))
            spec = learning.RuleSpec(
                name="German-speaking people of gold partners", course_id=course_id, whom=whom, due_days=30
            )
            learning.make_rule(spec=spec, actor=ACTOR, now=now)  # switched off: somebody is to look at it first
        self.settle(now)

    def bring_people(self, slug: str, day: int, *, admins: bool) -> None:
        """The partner admin is written to at once, to come in and agree; the team waits for its launch."""
        now = self.at(day, 7)
        with (HERE / "people.csv").open("rb") as file:
            lines = [
                line
                for line in read_csv(file, PERSON_COLUMNS)
                if line.cells["partner"] == slug and (line.cells["role"] == "partner_admin") == admins
            ]
        people.import_people(lines=lines, file_name="people.csv", letters=admins, actor=ACTOR, now=now)
        self.settle(now)

    def plan_wave(self, name: str, day: int, slugs: tuple[str, ...], now: datetime) -> UUID:
        """A wave with these partners, by the programme lead."""
        lead = Actor.person(self.person_at(story.LEAD))
        planned_on = self.monday + timedelta(days=day)
        wave_id = launches.create_wave(name=name, planned_on=planned_on, actor=lead, now=now)
        for slug in slugs:
            with scopes.one(known.find_partner(slug).id):
                launches.add_partner(wave_id=wave_id, actor=lead, now=now)
        return wave_id

    def launch(self) -> None:
        """The first wave goes: ten minutes to undo it, then the letters; where it is night, they wait for 08:00."""
        name, day, slugs = story.FIRST_WAVE
        wave_id = self.plan_wave(name, day, slugs, self.at(day - 1, 16))
        sent_at = self.at(day, 7)
        launches.send_wave(wave_id=wave_id, actor=Actor.person(self.person_at(story.LEAD)), now=sent_at)
        self.settle(sent_at)
        self.refuse(story.WRONG_ADDRESS, sent_at + UNDO_WINDOW)
        for now in (sent_at + UNDO_WINDOW, self.at(day, 8)):
            self.settle(now)

    def refuse(self, address: str, now: datetime) -> None:
        """One letter is tried, and the mail server of its reader knows no such mailbox."""
        ((partner_id, person_id),) = persons.persons_of_mailbox(address)
        words = f"5.1.1 <{address}>: Recipient address rejected: User unknown"
        outcome = judge(550, words, Stage.RECIPIENT)
        with scopes.one(partner_id):
            letter = messaging.letter_states([person_id], INVITES)[person_id]
            for claimed in letters.claim(message_ids=[letter.message_id], actor=ACTOR, now=now):
                letters.record_delivery(
                    message_id=letter.message_id, lease=claimed.lease, outcome=outcome, actor=ACTOR, now=now
                )

    def plan_second_wave(self) -> None:
        """The next partner is planned, and held: its admin has not come in yet."""
        name, day, slugs = story.SECOND_WAVE
        for slug in slugs:
            self.bring_people(slug, story.ADMINS_ON[slug], admins=True)
            self.bring_people(slug, story.TEAMS_ON[slug], admins=False)
        self.plan_wave(name, day + 3, slugs, self.at(day))

    def bring_files(self) -> None:
        """A partner admin has sorted the team into groups by a paste; staff looks at a list that waits for a yes."""
        now = self.present - timedelta(hours=20)
        for address, place, name, rows, starts in story.FILES:
            ((partner_id, person_id),) = persons.persons_of_mailbox(address)
            actor = Actor.person(person_id)
            with scopes.one(partner_id):
                sheet_id = people.bring_sheet(
                    body=[rows.encode()],
                    file_name=name,
                    target_id=partner_id if place == "desk" else None,
                    place=place,
                    brought_by=person_id,
                    actor=actor,
                    now=now,
                )
                within = (
                    scopes.Scope(scopes.Mode.ONE, partner_id) if place == "desk" else scopes.Scope(scopes.Mode.HOST)
                )
                people.check_sheet(sheet_id=sheet_id, within=within, actor=actor, now=now)
                if starts:
                    people.start_sheet(sheet_id=sheet_id, letters=False, actor=actor, now=now)
                    people.read_sheet(sheet_id=sheet_id, within=within, actor=actor, now=now)
            self.settle(now)

    def get_stuck(self) -> None:
        """Somebody asked for a code twice this morning and typed none: who helps finds them by their number."""
        for hours in (3, 2):
            now = self.present - timedelta(hours=hours)
            browser = f"demo browser of {story.STUCK}"
            identity.start_challenge(address=story.STUCK, browser=browser, next_path="/", actor=ACTOR, now=now)
            self.settle(now)

    def person_at(self, address: str) -> UUID:
        (_, person_id), *_rest = persons.persons_of_mailbox(address)
        return person_id

    def sign_in(self, address: str, now: datetime) -> Actor:
        """As people do: ask for a code, open the letter, type it in the same browser, say Start."""
        browser = f"demo browser of {address}"
        identity.start_challenge(address=address, browser=browser, next_path="/", actor=ACTOR, now=now)
        while send_due(now):
            continue
        (partner_id, person_id), *_rest = persons.persons_of_mailbox(address)
        with scopes.one(partner_id):
            letter = next(iter(messaging.messages(address=address, limit=1, words=True)))
            found = CODE.search(letter.text)
            assert found, f"The letter to {address} holds no code."
            actor = Actor.person(person_id)
            later = now + timedelta(minutes=2)
            identity.complete_challenge(browser=browser, code="".join(found.groups()), actor=actor, now=later)
            person = persons.person(person_id)
            identity.accept_welcome(
                person_id=person_id, name=person.name, locale=person.locale, zone=person.zone, actor=actor, now=later
            )
        return actor

    def learn(self, learner: Learner) -> None:
        now = self.at(learner.day, 10, len(learner.address))
        actor = self.sign_in(learner.address, now)
        (partner_id, person_id), *_rest = persons.persons_of_mailbox(learner.address)
        with scopes.one(partner_id):
            card = learned.own_card(person_id, "partner-essentials", now)
            keys = courses.lesson_keys([card.course.version_id])[card.course.version_id]
            for number, key in enumerate(keys[: learner.lessons]):
                then = now + timedelta(minutes=4 + 6 * number)
                learning.open_lesson(enrolment_id=card.enrolment_id, lesson_key=key, actor=actor, now=then)
                learning.finish_lesson(
                    enrolment_id=card.enrolment_id, lesson_key=key, actor=actor, now=then + timedelta(minutes=5)
                )
            for number, verdict in enumerate(filter(None, learner.check.split(" then "))):
                then = now + timedelta(minutes=40) + timedelta(days=number)
                self.take_check(card.enrolment_id, card.course.check, verdict, actor, then)

    def take_check(self, enrolment_id: UUID, check: CheckRow | None, verdict: str, actor: Actor, now: datetime) -> None:
        assert check is not None
        attempt = learning.start_attempt(enrolment_id=enrolment_id, actor=actor, now=now)
        asked = courses.assessment_for_attempt(check.assessment_version_id)
        right = courses.solutions(dict.fromkeys((question.question_version_id for question in asked), ""))
        for question in asked:
            key = right[question.question_version_id].key
            answer = (*key.right, *key.accepted[:1]) if verdict == "passed" else ("nothing of this",)
            learning.save_answer(
                attempt_id=attempt.attempt_id, position=question.position, answer=answer, actor=actor, now=now
            )
        learning.submit_attempt(attempt_id=attempt.attempt_id, actor=actor, now=now + timedelta(minutes=5))
