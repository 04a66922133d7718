"""The house with one fault, for the rehearsal to find: a session that was read once is believed from then on."""

from gangway.config.settings import *  # noqa: F403

PRINCIPAL_READER = "tests.faults.careless.cached_reader"
WEB_WORKERS = 1
