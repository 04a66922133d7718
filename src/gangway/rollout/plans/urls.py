"""Routes of the plan, under /console."""

from django.urls import path

from gangway.rollout.plans import views

app_name = "plans"
urlpatterns = [
    path("plan", views.week, name="week"),
    path("plan/week/<int:number>", views.week, name="week_of"),
    path("plan/new", views.new_plan, name="new"),
    path("plan/evaluate", views.evaluate, name="evaluate"),
    path("plan/milestones/<slug:key>", views.milestone, name="milestone"),
    path("plan/milestones/<slug:key>/attest", views.attest, name="attest"),
    path("plan/milestones/<slug:key>/withdraw", views.withdraw, name="withdraw"),
    path("plan/gantt", views.gantt, name="gantt"),
    path("plan/kickoff", views.kickoff, name="kickoff"),
    path("plan/gates", views.gates, name="gates"),
    path("plan/gates/<slug:gate>/decide", views.decide, name="decide"),
    path("plan/raci", views.raci, name="raci"),
    path("plan/raci/cells", views.set_cell, name="set_cell"),
    path("plan/raci/cells/<uuid:cell_id>/remove", views.remove_cell, name="remove_cell"),
    path("plan/raci/rows/<slug:row>/contest", views.contest, name="contest"),
    path("plan/raci/contests/<uuid:contest_id>/settle", views.settle, name="settle"),
    path("plan/checklist", views.checklist, name="checklist"),
    path("plan/letter", views.letter, name="letter"),
    path("wall", views.wall, name="wall"),
    path("plan/documents/<slug:key>.<slug:kind>", views.document, name="document"),
]
