"""What of credentials becomes another account's when two of one human are merged: awards, as they were issued.

Number, facts and seal stay, so every certificate verifies at its address. See kernel.moving.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from gangway.credentials.models import Award
from gangway.kernel.moving import Movable


def _holds(row: Any) -> tuple[bool, ...]:
    return (row.revoked_at is None,)


MOVES = (Movable(table=Award, words=_("certificates"), key=("credential_id", "cycle"), weigh=_holds, parks="cycle"),)
