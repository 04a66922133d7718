"""What of identity becomes another account's when two of one human are merged: who they are to the company's sign-in.

Not what a directory brought (SCIM): the account it looks after stays. Passkeys, apps and codes of the account that goes
open nothing, and are not carried over: they were given to it. See kernel.moving.
"""

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from gangway.identity.models import Identity
from gangway.identity.rules.connections import ConnectionKind
from gangway.kernel.moving import Movable

MOVES = (
    Movable(
        table=Identity,
        words=_("ways in by the company's sign-in"),
        key=("connection_id", "subject"),
        marked=("subject",),
        only=~Q(connection__kind=ConnectionKind.SCIM),
    ),
)
