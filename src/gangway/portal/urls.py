from django.urls import path

from gangway.portal.views import account, cutover, led, merging, outward, partners, persons, privacy, runs, team
from gangway.portal.views import shells as views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("desk", views.desk, name="desk"),
    path("account", account.you, name="account"),
    path("account/data", privacy.my_data, name="my_data"),
    path("desk/team/<uuid:person_id>/leave", privacy.leave_team, name="leave_team"),
    path("desk/team/<uuid:person_id>/receipt", privacy.receipt_team, name="receipt_team"),
    path("desk/team/<uuid:person_id>/data", privacy.data_team, name="data_team"),
    path("desk/team/<uuid:person_id>/erase", privacy.erase_team, name="erase_team"),
    path("console/people/<uuid:person_id>/leave", privacy.leave, name="leave"),
    path("console/people/<uuid:person_id>/receipt", privacy.receipt, name="receipt"),
    path("console/people/<uuid:person_id>/data", privacy.data, name="data"),
    path("console/people/<uuid:person_id>/erase", privacy.erase, name="erase"),
    path("desk/team/twins", merging.twins_team, name="twins_team"),
    path("desk/team/<uuid:person_id>/merge", merging.merge_team, name="merge_team"),
    path("desk/team/<uuid:person_id>/merge/<uuid:other_id>", merging.merge_with_team, name="merge_with_team"),
    path("desk/team/<uuid:person_id>/unmerge", merging.unmerge_team, name="unmerge_team"),
    path("console/people/twins", merging.twins, name="twins"),
    path("console/people/<uuid:person_id>/merge", merging.merge, name="merge"),
    path("console/people/<uuid:person_id>/merge/<uuid:other_id>", merging.merge_with, name="merge_with"),
    path("console/people/<uuid:person_id>/unmerge", merging.unmerge, name="unmerge"),
    path("desk/team/remind", team.remind_team, name="remind_team"),
    path("desk/team/<uuid:person_id>/letter", team.letter_team, name="letter_team"),
    path("console/people/remind", team.remind, name="remind"),
    path("console/people/<uuid:person_id>/letter", team.letter, name="letter"),
    path("desk/team/<uuid:person_id>", persons.person_team, name="person_team"),
    path("console/people/<uuid:person_id>", persons.person, name="person"),
    path("desk/connections/<uuid:connection_id>/groups", led.led_team, name="led_team"),
    path("console/partners/<uuid:partner_id>/connections/<uuid:connection_id>/groups", led.led, name="led"),
    path("console", views.console, name="console"),
    path("console/set-up", views.setup, name="setup"),
    path("console/operator", views.operator, name="operator"),
    path("console/operator/events/<uuid:failure_id>/replay", views.replay_event, name="replay"),
    path("console/operator/jobs/<uuid:job_id>/retry", views.retry_job, name="retry"),
    path("console/audit", views.audit, name="audit"),
]

# Addresses of partners that join storeys (config/urls.py puts them together with the partners' own).
PARTNERS = [
    path("console/partners", partners.partners, name="list"),
    path("console/partners/give", partners.give, name="give"),
    path("console/partners/runs", runs.runs, name="runs"),
    path("console/partners/runs/<uuid:run_id>", runs.run, name="run"),
    path("console/partners/runs/<uuid:run_id>/undo", runs.undo, name="undo"),
    path("console/partners/<uuid:partner_id>", partners.partner, name="one"),
    path("console/partners/<uuid:partner_id>/people", team.people_of_partner, name="people"),
    path("console/partners/<uuid:partner_id>/sheet", partners.sheet, name="sheet"),
    path("console/partners/<uuid:partner_id>/access", partners.ask_access, name="ask_access"),
    path("console/partners/<uuid:partner_id>/state", partners.change_state, name="state"),
]

# The address of people that joins storeys, beside those of people (config/urls.py).
TEAM = [path("desk/team", team.team, name="team")]

# Addresses of operations: the page joins what rehearsals and environments know (config/urls.py).
OPERATIONS = [
    path("console/connections-out", outward.outward, name="outward"),
    path("console/connections-out/canary", outward.canary, name="canary"),
    path("console/connections-out/compare", outward.compare, name="compare"),
    path("console/connections-out/<uuid:comparison_id>/promote", outward.promote, name="promote"),
    path("console/connections-out/promotions/<uuid:promotion_id>/undo", outward.undo, name="undo"),
    path("console/connections-out/cutover", cutover.begin, name="begin_cutover"),
    path("console/connections-out/cutover/<uuid:cutover_id>", cutover.cutover, name="cutover"),
    path("console/connections-out/cutover/<uuid:cutover_id>/note", cutover.note, name="note_step"),
    path("console/connections-out/cutover/<uuid:cutover_id>/end", cutover.end, name="end_cutover"),
]
