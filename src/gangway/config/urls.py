"""Every route of Gangway. Each view declares its right, or why it is public (kernel.web.route)."""

from django.urls import URLPattern, URLResolver, include, path

from gangway.config import probes
from gangway.partners import urls as partners
from gangway.people import urls as people
from gangway.portal import urls as portal

# A partner's pages come from two storeys: its own columns, and what joins storeys above.
PARTNERS = ([*partners.urlpatterns, *portal.PARTNERS], "partners")
# The team shows what became of the letters that invited it, of which people know nothing.
PEOPLE = ([*portal.TEAM, *people.urlpatterns], "people")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("gangway.identity.urls")),
    path("", include("gangway.ui.urls")),
    path("", include("gangway.learning.urls")),
    path("", include("gangway.catalog.urls")),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
    path("me", probes.me, name="me"),
    path("", include("gangway.messaging.urls")),
    path("console/", include("gangway.rollout.plans.urls")),
    path("console/", include("gangway.rollout.rehearsal.urls")),
    path("console/", include("gangway.rollout.launches.urls")),
    path("", include((portal.OPERATIONS, "operations"))),
    path("", include(PEOPLE)),
    path("", include(PARTNERS)),
    path("", include("gangway.credentials.urls")),
    path("", include("gangway.insights.urls")),
    path("", include("gangway.portal.urls")),
]
handler403 = "gangway.ui.views.forbidden"
handler404 = "gangway.ui.views.not_found"
handler500 = "gangway.config.failing.server_error"
