"""The mailbox of bounces and answers is read once a minute, a piece at a time."""

from datetime import datetime

import structlog
from django.conf import settings

from gangway.kernel import outbound
from gangway.messaging import actions
from gangway.messaging.actions import RETURNS
from gangway.messaging.returns.imap import Mailbox, NotReadable
from gangway.messaging.returns.mail import read_mail
from gangway.messaging.rules import Answer, MailboxUrl, Position, parse_mailbox_url

AT_ONCE = 50
log = structlog.get_logger(__name__)


def collect_returns(now: datetime) -> int:
    """Read what is new in BOUNCE_IMAP_URL; how many mails were looked at.

    What is not about a letter of ours stays as it is. A sandbox and a restored copy look into nobody's mailbox.
    """
    url = parse_mailbox_url(settings.BOUNCE_IMAP_URL)
    if url is None or not outbound.armed():
        return 0
    since = actions.look_into(box=url.name, actor=RETURNS, now=now)
    return 0 if since is None else _read(url, since, now)


def _read(url: MailboxUrl, since: Position, now: datetime) -> int:
    position, problem, seen = since, "", 0
    try:
        with Mailbox(url) as box:
            reports = []
            for uid, mail in box.new(since, AT_ONCE):
                seen += 1
                if _settle(mail, now):
                    reports.append(uid)
                position = Position(box.validity, uid)
            box.mark(reports, delete=settings.BOUNCE_IMAP_DELETE)
    except NotReadable as error:
        problem = str(error)
        log.warning("messaging.mailbox_not_read", problem=problem)
    more = seen == AT_ONCE and not problem
    actions.note_read(box=url.name, position=position, more=more, problem=problem, actor=RETURNS, now=now)
    return seen


def _settle(mail: bytes, now: datetime) -> bool:
    """Deal with one mail; whether it was a report about a letter of ours, which nobody needs to read any more."""
    said = read_mail(mail)
    if said is None:
        return False
    if isinstance(said, Answer):
        actions.keep_reply(answer=said, actor=RETURNS, now=now)
        return False
    ours = [one for one in said if one.letters]
    for one in ours:
        actions.take_return(returned=one, actor=RETURNS, now=now)
    return bool(ours)
