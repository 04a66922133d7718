from django.urls import path

from gangway.ui import views

app_name = "ui"
urlpatterns = [
    path("brand/<slug:name>.css", views.brand_sheet, name="brand"),
    path("styleguide", views.styleguide, name="styleguide"),
    path("styleguide/<slug:kind>", views.styleguide, name="styleguide_shell"),
]
