"""The kernel's tables, by noun."""

from gangway.kernel.models.audit import AuditEntry
from gangway.kernel.models.installation import Installation
from gangway.kernel.models.jobs import CronMark, Job
from gangway.kernel.models.outbox import Cursor, Failure, Lane, OutboxEvent

__all__ = ["AuditEntry", "CronMark", "Cursor", "Failure", "Installation", "Job", "Lane", "OutboxEvent"]
