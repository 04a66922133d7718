"""Doors: directory rows, found by a secret before a scope exists; digests, no names. And what was agreed to."""

from django.db import models
from django.db.models import Q

from gangway.identity.rules import Kind, Method, RequestState, Step
from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, TenantForeignKey


class Session(DirectoryModel):
    """A signed-in browser. Lives while `access_epoch` equals the person's; read only by queries.read_principal.

    Until `view_until` its pages are those that the viewed person sees, and nothing can be changed by it.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    person = PlainForeignKey("people.Person")
    access_epoch = models.PositiveIntegerField()
    method = models.CharField(max_length=16)
    synthetic = models.BooleanField()
    device = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    viewed_partner = PlainForeignKey("partners.Partner", null=True)
    viewed_person = PlainForeignKey("people.Person", null=True)
    view_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(method__in=list(Method)), name="identity_session_method")]
        indexes = [
            models.Index(fields=["person", "started_at"], name="identity_session_person"),
            models.Index(fields=["partner", "started_at"], name="identity_session_partner"),
            # by which ways people came: the first and the last of each, however many there are
            models.Index(fields=["partner", "method", "started_at"], name="identity_session_method_at"),
        ]


class Challenge(DirectoryModel):
    """One try to sign in: the digests of its link and its code, and the browser that asked.

    `people` lists who may come in by it: [{partner, person, epoch}]. It is empty for an address nobody has, so that
    the pages behave alike for known and unknown addresses. `proven_at` without `used_at`: the mailbox is proven and
    the choice between partners is open, in the browser of `browser` alone. `address` is sealed and stands only for
    the moment until the worker has written the letter. `invitation`: the digest of the invitation that was pressed,
    for which its letters are counted. `joining`: what a stranger who wants to join says of themselves, sealed, until
    they have; `missed`: they typed an access code that is none. `provider` and `subject`: who named the mailbox's
    person, to be linked once it is proven. `factor_asked_at`: the one person left in `people`, who is
    `factor_person`, is asked for a factor; there is no session until it is proven.
    """

    kind = models.CharField(max_length=16)
    number = models.CharField(max_length=16, blank=True)
    link = models.BinaryField(max_length=32, unique=True)
    code = models.BinaryField(max_length=32, null=True)
    browser = models.BinaryField(max_length=32, null=True)
    mailbox = models.BinaryField(max_length=32, null=True)
    address = models.TextField(blank=True)
    joining = models.TextField(blank=True)
    missed = models.BooleanField(default=False)
    invitation = models.BinaryField(max_length=32, null=True)
    provider = models.UUIDField(null=True)
    subject = models.CharField(max_length=255, blank=True)
    people = models.JSONField(default=list)
    next_path = models.CharField(max_length=2000, default="/")
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    proven_by = models.CharField(max_length=16, blank=True)
    used_at = models.DateTimeField(null=True)
    factor_asked_at = models.DateTimeField(null=True)
    factor_person = models.UUIDField(null=True)
    factor_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="identity_challenge_kind")]
        indexes = [
            models.Index(fields=["mailbox", "asked_at"], name="identity_challenge_mailbox"),
            models.Index(fields=["browser", "asked_at"], name="identity_challenge_browser"),
            models.Index(fields=["expires_at"], name="identity_challenge_expiry"),
            models.Index(fields=["asked_at"], condition=Q(missed=True), name="identity_challenge_missed"),
            models.Index(fields=["asked_at", "id"], condition=~Q(address=""), name="identity_challenge_asked"),
            models.Index(
                fields=["factor_person", "factor_asked_at"],
                condition=Q(factor_person__isnull=False),
                name="identity_challenge_factor",
            ),
        ]


class Invitation(DirectoryModel):
    """A letter's long-lived door for one person. It signs nobody in: it offers to send a code to the stored address.

    `cause`: the wave of a launch that made it, in which it may still be withdrawn; `invited_at` is then the end of the
    time in which the wave may be undone.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    person = PlainForeignKey("people.Person")
    access_epoch = models.PositiveIntegerField()
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    followed_at = models.DateTimeField(null=True)
    cause = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "person"], name="identity_one_invitation")]
        indexes = [
            models.Index(
                fields=["cause", "partner", "person"], condition=Q(cause__isnull=False), name="identity_by_cause"
            )
        ]


class FailedSignIn(DirectoryModel):
    """A way in that has not led in: by its number, which the person at the door sees, those who help find it.

    `mailbox` is a digest: of an address nobody has, nothing else is kept. `partner` and `person` where they are known;
    a mailbox of two partners has a row at each, under one number. `subject`: the digest of an unknown link, which
    makes one row however often it is reported; of a browser in which a provider said no, for as long as that counts.
    `connection`: the provider it came from, with the `reason` (a code) and
    `detail` (what was expected and came, no claim of a person). Kept for 30 days.
    """

    number = models.CharField(max_length=16)
    mailbox = models.BinaryField(max_length=32, null=True)
    subject = models.BinaryField(max_length=32, null=True)
    partner = PlainForeignKey("partners.Partner", null=True)
    person = PlainForeignKey("people.Person", null=True)
    step = models.CharField(max_length=20)
    connection = models.UUIDField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=16, default=RequestState.WAITING.value)
    at = models.DateTimeField()
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, blank=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "partner"], name="identity_one_request"),
            models.CheckConstraint(condition=Q(step__in=list(Step)), name="identity_request_step"),
            models.CheckConstraint(condition=Q(state__in=list(RequestState)), name="identity_request_state"),
        ]
        indexes = [
            models.Index(fields=["mailbox", "state"], name="identity_request_mailbox"),
            models.Index(fields=["person", "state"], name="identity_request_person"),
            models.Index(fields=["partner", "state", "moved_at"], name="identity_request_partner"),
            models.Index(
                fields=["connection", "at"],
                condition=Q(connection__isnull=False),
                name="identity_request_connection",
            ),
            models.Index(fields=["state", "moved_at"], name="identity_request_waiting"),
            models.Index(fields=["subject"], name="identity_request_subject"),
            models.Index(fields=["at"], name="identity_request_age"),
        ]


class Acceptance(PartnerModel):
    """A person has seen what is stored and who sees it (P3 Welcome), in this version of the words, in this language."""

    append_only = True

    person = TenantForeignKey("people.Person")
    version = models.CharField(max_length=16)
    locale = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "person", "version"], name="identity_one_acceptance")]
