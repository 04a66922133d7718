"""Tables of messaging. Words and allowed values: rules.py."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import DirectoryModel, KernelModel, PartnerModel, TenantForeignKey
from gangway.messaging.rules import OPEN_STATES, Category, Priority, State


class Message(PartnerModel):
    """One letter for one reader. It holds ids only; names and words are read and rendered when it is sent.

    `secret` is sealed text that only this letter may show (a code, a link's token); it is blanked when the letter is
    gone. `header` is its Message-ID, the same for every try. `lease` names the worker that is sending it just now.
    `cause` groups the letters of one launch. A `quiet` one waits for daytime in its person's zone. `mailbox` is a
    sealed address other than the person's, of a letter that proves or reaches a mailbox of their own; blanked with the
    secret. `person` is None where the mailbox is a stranger's, who is nobody here yet.
    """

    person = TenantForeignKey("people.Person", null=True)
    letter_key = models.CharField(max_length=80)
    category = models.CharField(max_length=16)
    template_version = models.PositiveIntegerField()
    payload = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    mailbox = models.TextField(blank=True)
    dedupe_key = models.CharField(max_length=200)
    locale = models.CharField(max_length=16)
    access_epoch = models.PositiveIntegerField()
    priority = models.SmallIntegerField(default=Priority.NORMAL)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    cause = models.UUIDField(null=True)
    quiet = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    header = models.CharField(max_length=255)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "dedupe_key"], name="messaging_one_letter"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="messaging_message_state"),
            models.CheckConstraint(condition=Q(category__in=list(Category)), name="messaging_message_category"),
        ]
        indexes = [
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=Q(state__in=list(OPEN_STATES)),
                name="messaging_due",
            ),
            models.Index(fields=["partner", "queued_at", "id"], name="messaging_by_time"),
            models.Index(fields=["queued_at", "id"], name="messaging_by_time_everywhere"),
            models.Index(
                fields=["partner", "person", "letter_key", "queued_at", "id"], name="messaging_last_to_person"
            ),
            models.Index(fields=["cause", "partner"], condition=Q(cause__isnull=False), name="messaging_by_cause"),
        ]


class OptOut(PartnerModel):
    """A person declined letters of one category."""

    person = TenantForeignKey("people.Person")
    category = models.CharField(max_length=16)
    declined_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "person", "category"], name="messaging_one_opt_out")]


class Reply(PartnerModel):
    """What a human wrote in answer to a letter. `from_reader`: it came from the mailbox that the letter had gone to."""

    person = TenantForeignKey("people.Person")
    message = TenantForeignKey(Message)
    mail_id = models.CharField(max_length=255)
    from_reader = models.BooleanField()
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "mail_id"], name="messaging_one_reply")]
        indexes = [
            models.Index(fields=["partner", "received_at", "id"], name="messaging_replies"),
            models.Index(fields=["partner", "message"], name="messaging_reply_to"),
        ]


class ReturnBox(KernelModel):
    """How far the mailbox of bounces and answers has been read; one row per mailbox, by the digest of its name."""

    box = models.BinaryField(max_length=32, unique=True)
    validity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0)
    next_look_at = models.DateTimeField()
    problem = models.CharField(max_length=300, blank=True)


class Suppression(DirectoryModel):
    """A mailbox that does not exist, over the whole installation, as a digest: nothing is sent there again."""

    mailbox = models.BinaryField(max_length=32, unique=True)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
