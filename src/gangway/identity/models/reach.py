"""Partners that a connection serves beside its own: what is allow-listed on it."""

from django.db import models

from gangway.identity.models.connections import Connection
from gangway.identity.rules.reach import ACCOUNT_KEY_LENGTH
from gangway.kernel.tenancy.models import DirectoryModel, PlainForeignKey


class ConnectionReach(DirectoryModel):
    """An account key of a connection leads to one partner, for ever; `closed_at`: withdrawn since.

    `owner`: the connection's own partner; `served`: the row by which the partner knows this sign-in, under its own
    walls. Read only by queries.reach.
    """

    connection = PlainForeignKey(Connection)
    owner = PlainForeignKey("partners.Partner")
    key = models.CharField(max_length=ACCOUNT_KEY_LENGTH)
    partner = PlainForeignKey("partners.Partner")
    served = PlainForeignKey(Connection)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="identity_one_account_key")]
        indexes = [models.Index(fields=["partner", "connection"], name="identity_reach_partner")]
