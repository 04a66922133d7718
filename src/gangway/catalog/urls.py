from django.urls import path

from gangway.catalog import views

app_name = "catalog"
urlpatterns = [
    path("console/courses", views.courses, name="list"),
    path("console/courses/<slug:course>", views.course, name="course"),
    path("console/courses/<slug:course>/files.zip", views.files, name="files"),
]
