from django.urls import path

from gangway.insights import views

app_name = "insights"
urlpatterns = [
    path("console/figures", views.figures, name="figures"),
    path("console/figures/baseline", views.baseline, name="baseline"),
]
