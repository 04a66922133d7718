"""The rehearsal's page and its button."""

from typing import Any

import pytest
from django.urls import reverse

from gangway.kernel.models import Job


@pytest.mark.usefixtures("world")
def test_staff_see_it_and_send_the_robot(world: Any, client_of: Any) -> None:
    dee = client_of(world.dee)
    assert "not looked at an award yet" in dee.get(reverse("rehearsal:rehearsal")).content.decode()
    assert dee.post(reverse("rehearsal:send")).status_code == 302
    assert Job.objects.filter(task="gangway.rollout.rehearsal.jobs.send_robot").count() == 1


def test_a_partners_admin_sees_nothing_and_sends_nobody(world: Any, client_of: Any) -> None:
    ben = client_of(world.ben)
    assert ben.get(reverse("rehearsal:rehearsal")).status_code == 403
    assert ben.post(reverse("rehearsal:send")).status_code == 403
    assert not Job.objects.filter(task="gangway.rollout.rehearsal.jobs.send_robot").exists()
