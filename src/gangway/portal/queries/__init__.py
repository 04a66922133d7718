"""Reads for the shells' own pages: `home` (P4), `desk` (D1), `setup` (C1), `partner` (C7), `machine` (C17
and the audit log)."""

from gangway.portal.queries.desk import DeskRow, desk
from gangway.portal.queries.home import HomeRow, home
from gangway.portal.queries.machine import AUDIT_LIST, MachineRow, machine
from gangway.portal.queries.partner import PartnerToday, partner_figures, partner_today
from gangway.portal.queries.persons import CourseLine, PersonPage, person_page
from gangway.portal.queries.privacy import Held, Receipt, after_erasing, document, has_receipt, held_about, receipt
from gangway.portal.queries.setup import SetupLine, setup_lines

__all__ = [
    "AUDIT_LIST",
    "CourseLine",
    "DeskRow",
    "Held",
    "HomeRow",
    "MachineRow",
    "PartnerToday",
    "PersonPage",
    "Receipt",
    "SetupLine",
    "after_erasing",
    "desk",
    "document",
    "has_receipt",
    "held_about",
    "home",
    "machine",
    "partner_figures",
    "partner_today",
    "person_page",
    "receipt",
    "setup_lines",
]
