"""Long work. Declared and enqueued by the django-tasks API, stored in our own table.

    from gangway.kernel.jobs import task, progress

    @task()
    def enrol_everyone(*, course_id: str) -> int: ...

    enrol_everyone.enqueue(course_id=str(course.id))

Enqueued inside `scopes.one(partner)`, a job runs in that scope; otherwise it opens its own.
"""

from django_tasks import task

from gangway.kernel.jobs.runner import progress
from gangway.kernel.wiring import Cron

__all__ = ["Cron", "progress", "task"]
