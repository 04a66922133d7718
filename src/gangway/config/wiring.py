"""The causal map on one page: which event reaches which handler, which schedule starts which job."""

from datetime import timedelta
from typing import Any

from gangway.catalog import actions as catalog_actions
from gangway.catalog import evidence as catalog_evidence
from gangway.catalog.events import CourseAssigned, CoursePublished, PathChanged
from gangway.credentials import actions as credentials_actions
from gangway.credentials import handlers as credentials
from gangway.credentials import jobs as credentials_jobs
from gangway.credentials import letters as credentials_letters
from gangway.credentials import privacy as credentials_privacy
from gangway.credentials.actions import merging as credentials_merging
from gangway.credentials.events import AwardIssued, AwardRevoked
from gangway.identity import actions as identity_actions
from gangway.identity import evidence as identity_evidence
from gangway.identity import handlers as identity
from gangway.identity import jobs as identity_jobs
from gangway.identity import letters as identity_letters
from gangway.identity import privacy as identity_privacy
from gangway.identity.actions import merging as identity_merging
from gangway.identity.actions import untouched as identity_untouched
from gangway.identity.events import (
    AccessConfirmed,
    ConnectionChanged,
    PersonJoined,
    PersonSignedIn,
    PortalChanged,
    SheetSigned,
    SpecSigned,
)
from gangway.insights import evidence as insights_evidence
from gangway.insights import handlers as insights
from gangway.insights import privacy as insights_privacy
from gangway.insights.actions import untouched as insights_untouched
from gangway.insights.events import BaselineSet
from gangway.kernel import privacy as kernel_privacy
from gangway.kernel.wiring import Cron, LetGo, Reaction
from gangway.learning import evidence as learning_evidence
from gangway.learning import handlers as learning
from gangway.learning import jobs as learning_jobs
from gangway.learning import letters as learning_letters
from gangway.learning import privacy as learning_privacy
from gangway.learning.actions import merging as learning_merging
from gangway.learning.actions import untouched as learning_untouched
from gangway.learning.events import (
    AttemptSubmitted,
    CourseAttested,
    CourseCompleted,
    EnrolmentCreated,
    EnrolmentDueChanged,
    EnrolmentRuleChanged,
    EnrolmentWithdrawn,
    LessonFinished,
    PathJoined,
    PathLeft,
)
from gangway.learning.queries import people_amid
from gangway.messaging import evidence as messaging_evidence
from gangway.messaging import privacy as messaging_privacy
from gangway.messaging.actions import untouched as messaging_untouched
from gangway.messaging.events import MessageBounced, MessageSent
from gangway.messaging.jobs import collect_returns, send_due
from gangway.partners import actions as partners_actions
from gangway.partners import evidence as partners_evidence
from gangway.partners import privacy as partners_privacy
from gangway.partners.events import (
    DomainChanged,
    PartnerApplied,
    PartnerLaunched,
    PartnerRemoved,
    PartnerStateChanged,
    TierChanged,
)
from gangway.people import jobs as people_jobs
from gangway.people import privacy as people_privacy
from gangway.people.actions import merging as people_merging
from gangway.people.events import (
    PersonActivated,
    PersonAdmitted,
    PersonChanged,
    PersonErased,
    PersonLeft,
    PersonMerged,
    PersonResumed,
    PersonSuspended,
    PersonUnmerged,
    PersonWithdrawn,
    RoleGranted,
    RoleRevoked,
)
from gangway.rollout.launches import evidence as launches_evidence
from gangway.rollout.launches import jobs as launches_jobs
from gangway.rollout.launches import letters as launches_letters
from gangway.rollout.launches import privacy as launches_privacy
from gangway.rollout.launches.events import WaveSent
from gangway.rollout.operations import evidence as operations_evidence
from gangway.rollout.operations import handlers as operations
from gangway.rollout.operations.events import ConfigurationPromoted, CutoverEnded, EnvironmentsCompared
from gangway.rollout.plans import evidence as plans_evidence
from gangway.rollout.plans import handlers as plans
from gangway.rollout.plans import jobs as plans_jobs
from gangway.rollout.plans import privacy as plans_privacy
from gangway.rollout.rehearsal import evidence as rehearsal_evidence
from gangway.rollout.rehearsal import handlers as rehearsal
from gangway.rollout.rehearsal import jobs as rehearsal_jobs
from gangway.rollout.rehearsal import letters as rehearsal_letters
from gangway.rollout.rehearsal.events import AwardPageChecked, RehearsalEnded

REACTIONS: tuple[Reaction, ...] = (
    Reaction(event=PersonAdmitted, group="identity", handler=identity.invite_admitted),
    Reaction(event=MessageBounced, group="identity", handler=identity.note_code_bounced),
    Reaction(event=PersonAdmitted, group="learning", handler=learning.enrol_admitted),
    Reaction(event=PersonJoined, group="learning", handler=learning.enrol_joined),
    Reaction(event=CoursePublished, group="learning", handler=learning.enrol_for_published),
    Reaction(event=CourseAssigned, group="learning", handler=learning.follow_assignment),
    Reaction(event=PersonChanged, group="learning", handler=learning.follow_changed),
    Reaction(event=PersonLeft, group="learning", handler=learning.follow_left),
    Reaction(event=PartnerApplied, group="learning", handler=learning.follow_partner),
    Reaction(event=TierChanged, group="learning", handler=learning.follow_partner),
    Reaction(event=EnrolmentRuleChanged, group="learning", handler=learning.follow_rule),
    Reaction(event=PathChanged, group="learning", handler=learning.follow_path),
    Reaction(event=CoursePublished, group="credentials", handler=credentials.define_default),
    Reaction(event=CourseCompleted, group="credentials", handler=credentials.issue_award),
    Reaction(event=PersonAdmitted, group="insights", handler=insights.note_admitted),
    Reaction(event=PartnerLaunched, group="insights", handler=insights.note_launched),
    Reaction(event=MessageSent, group="insights", handler=insights.note_sent),
    Reaction(event=MessageBounced, group="insights", handler=insights.note_bounced),
    Reaction(event=PersonSignedIn, group="insights", handler=insights.note_came_in),
    Reaction(event=PersonLeft, group="insights", handler=insights.note_left),
    Reaction(event=EnrolmentCreated, group="insights", handler=insights.note_enrolled),
    Reaction(event=LessonFinished, group="insights", handler=insights.note_started),
    Reaction(event=AttemptSubmitted, group="insights", handler=insights.note_started),
    Reaction(event=CourseCompleted, group="insights", handler=insights.note_completed),
    Reaction(event=AwardIssued, group="insights", handler=insights.note_certified),
    Reaction(event=AwardRevoked, group="insights", handler=insights.note_revoked),
    Reaction(event=AwardIssued, group="rehearsal", handler=rehearsal.look_at_award),
    # The plan looks again at the criteria that depend on these.
    Reaction(event=PartnerApplied, group="plans", handler=plans.look_again),
    Reaction(event=PartnerRemoved, group="plans", handler=plans.look_again),
    Reaction(event=PartnerStateChanged, group="plans", handler=plans.look_again),
    Reaction(event=TierChanged, group="plans", handler=plans.look_again),
    Reaction(event=PartnerLaunched, group="plans", handler=plans.look_again),
    Reaction(event=MessageSent, group="plans", handler=plans.look_again),
    Reaction(event=MessageBounced, group="plans", handler=plans.look_again),
    Reaction(event=PersonSignedIn, group="plans", handler=plans.look_again),
    Reaction(event=PersonMerged, group="plans", handler=plans.look_again),
    Reaction(event=PersonUnmerged, group="plans", handler=plans.look_again),
    Reaction(event=RoleGranted, group="plans", handler=plans.look_again),
    Reaction(event=RoleRevoked, group="plans", handler=plans.look_again),
    Reaction(event=AccessConfirmed, group="plans", handler=plans.look_again),
    Reaction(event=SheetSigned, group="plans", handler=plans.look_again),
    Reaction(event=SpecSigned, group="plans", handler=plans.look_again),
    Reaction(event=CoursePublished, group="plans", handler=plans.look_again),
    Reaction(event=CourseCompleted, group="plans", handler=plans.look_again),
    Reaction(event=AwardIssued, group="plans", handler=plans.look_again),
    Reaction(event=BaselineSet, group="plans", handler=plans.look_again),
    Reaction(event=WaveSent, group="plans", handler=plans.look_again),
    Reaction(event=AwardPageChecked, group="plans", handler=plans.look_again),
    Reaction(event=RehearsalEnded, group="plans", handler=plans.look_again),
    Reaction(event=RehearsalEnded, group="rehearsal", handler=rehearsal.tell_of_night),
    Reaction(event=ConnectionChanged, group="plans", handler=plans.look_again),
    Reaction(event=PathChanged, group="plans", handler=plans.look_again),
    Reaction(event=RehearsalEnded, group="operations", handler=operations.rehearsal_ended),
    Reaction(event=ConfigurationPromoted, group="plans", handler=plans.look_again),
    Reaction(event=CutoverEnded, group="plans", handler=plans.look_again),
    Reaction(event=EnvironmentsCompared, group="plans", handler=plans.look_again),
)

# Facts that nothing in the house reacts to yet, and why they are said all the same.
UNREAD: dict[type[Any], str] = {
    PersonActivated: "the first sign-in itself counts; integrations will send it on",
    PersonSuspended: "suspension is a comparison at use, never a reaction; integrations will send it on",
    PersonResumed: "as suspension",
    PersonErased: "erasing is one walk through all contexts, never a reaction; integrations will send it on",
    PersonWithdrawn: "what contexts keep of them is forgotten at once (LET_GO); integrations will send it on",
    DomainChanged: "which domains a partner speaks for is read at use; integrations will send it on",
    PortalChanged: "whether the vendor's portal is open is read at use; integrations will send it on",
    CourseAttested: "a word proves nothing, so no award and no figure moves; integrations will send it on",
    EnrolmentWithdrawn: "lists are read as they stand; integrations will send it on",
    EnrolmentDueChanged: "as withdrawing",
    PathJoined: "its enrolments are told one by one; integrations will send it on",
    PathLeft: "as joining",
}

# Regular work: enqueued as jobs.
CRON: tuple[Cron, ...] = (
    Cron("identity.forget_old_challenges", identity_jobs.forget_old_challenges, every=timedelta(hours=24)),
    Cron("identity.look_at_domains", identity_jobs.look_at_domains, every=timedelta(minutes=5)),
    Cron("identity.refresh_saml_metadata", identity_jobs.refresh_saml_metadata, every=timedelta(hours=24)),
    Cron("identity.watch_expiry", identity_jobs.watch_expiry, every=timedelta(hours=24)),
    Cron("identity.ask_access_reviews", identity_jobs.ask_access_reviews, every=timedelta(hours=24)),
    Cron("identity.forget_saml_answers", identity_jobs.forget_saml_answers, every=timedelta(hours=1)),
    Cron("people.forget_old_files", people_jobs.forget_old_files, every=timedelta(hours=24)),
    Cron("plans.evaluate_nightly", plans_jobs.evaluate_nightly, every=timedelta(hours=24)),
    Cron("learning.remind_due", learning_jobs.remind_due, every=timedelta(hours=24)),
    Cron("credentials.forget_asks", credentials_jobs.forget_asks, every=timedelta(hours=24)),
    Cron("credentials.remind_ending", credentials_jobs.remind_ending, every=timedelta(hours=24)),
    Cron("launches.nudge", launches_jobs.nudge, every=timedelta(hours=1)),
    Cron("rehearsal.rehearse_nightly", rehearsal_jobs.rehearse_nightly, every=timedelta(minutes=10)),
    Cron("rehearsal.send_robot", rehearsal_jobs.send_robot, every=timedelta(hours=24)),
)

# Called by the worker again and again: fn(now) -> how much was done.
ROUNDS = (
    identity_jobs.write_asked,
    credentials_jobs.write_kept_letters,
    launches_jobs.carry_on,
    send_due,
    collect_returns,
    plans_jobs.evaluate_due,
)

# Letters by key; each lives in the context whose subject it is.
LETTERS = (
    identity_letters.LAUNCH,
    identity_letters.SIGN_IN,
    identity_letters.FACTOR_CHANGED,
    identity_letters.DOMAIN_CODE,
    identity_letters.JOIN,
    identity_letters.EXPIRY,
    identity_letters.EXPIRY_MANAGER,
    identity_letters.PORTAL_KEY,
    identity_letters.ACCESS_LIST,
    identity_letters.WAITING,
    identity_letters.DECLINED,
    *launches_letters.NUDGES,
    rehearsal_letters.CANARY_FAILED,
    learning_letters.COURSE_DUE,
    *credentials_letters.LETTERS,
)

# Criteria of the plan by key; each lives in the context that owns the fact.
CRITERIA = (
    *partners_evidence.CRITERIA,
    *messaging_evidence.CRITERIA,
    *identity_evidence.CRITERIA,
    *catalog_evidence.CRITERIA,
    *learning_evidence.CRITERIA,
    *insights_evidence.CRITERIA,
    *plans_evidence.CRITERIA,
    *rehearsal_evidence.CRITERIA,
    *launches_evidence.CRITERIA,
    *operations_evidence.CRITERIA,
)

# The configuration by keys, in the order in which a promotion applies its parts (kernel/configured.py).
CONFIGURED = (
    *partners_actions.CONFIGURED,
    *identity_actions.CONFIGURED,
    *catalog_actions.CONFIGURED,
    *credentials_actions.CONFIGURED,
)

# How many people are in the middle of a course, by its id: whoever publishes a version of it sees that.
AMID = (people_amid,)

# What undoing an import may forget along with the people it made, the highest storey first.
LET_GO = tuple(
    LetGo(tables=context.TABLES, alive=context.alive, forget=context.forget)
    for context in (insights_untouched, learning_untouched, identity_untouched, messaging_untouched)
)

# What becomes another account's when two accounts of one human are merged, the highest storey first.
MERGES = (
    *credentials_merging.MOVES,
    *learning_merging.MOVES,
    *identity_merging.MOVES,
    *people_merging.MOVES,
)

# Who answers for personal data, from the top storey down: what is held of somebody, and its erasing (portal.actions).
PRIVACY = (
    plans_privacy.PRIVACY,
    launches_privacy.PRIVACY,
    insights_privacy.PRIVACY,
    credentials_privacy.PRIVACY,
    learning_privacy.PRIVACY,
    identity_privacy.PRIVACY,
    messaging_privacy.PRIVACY,
    people_privacy.PRIVACY,
    partners_privacy.PRIVACY,
    kernel_privacy.PRIVACY,
)
