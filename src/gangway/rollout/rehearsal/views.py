"""What the robot did, and a button to send it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST, require_safe

from gangway.kernel.web import Request, route
from gangway.rollout.rehearsal import access, queries
from gangway.ui import render


@require_safe
@route(right=access.SEE_REHEARSAL)
def rehearsal(request: Request) -> HttpResponse:
    """The latest looks at award pages. The robot's rows belong to the shell partner, which staff may see."""
    rows = queries.checks()
    context = {"rows": rows, "may_send": access.SEND_ROBOT.allows(request.principal), "sent": "sent" in request.GET}
    return render(request, "rehearsal/rehearsal.jinja", context)


@require_POST
@route(right=access.SEND_ROBOT)
def send(request: Request) -> HttpResponse:
    """Ask the worker to send the robot now."""
    import_string("gangway.rollout.rehearsal.jobs.send_robot").enqueue(anew=True)
    return redirect(f"{reverse('rehearsal:rehearsal')}?sent")
