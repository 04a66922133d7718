from django.urls import path

from gangway.catalog.views import bringing, courses, editing, paths, publishing

app_name = "catalog"
urlpatterns = [
    path("console/courses", courses.courses, name="list"),
    path("console/new-course", bringing.new, name="new"),
    path("console/courses/<slug:course>", courses.course, name="course"),
    path("console/courses/<slug:course>/files.zip", courses.files, name="files"),
    path("console/courses/<slug:course>/begin", courses.begin, name="begin"),
    path("console/courses/<slug:course>/edit", editing.edit, name="edit"),
    path("console/courses/<slug:course>/edit/arrange", editing.arrange, name="arrange"),
    path("console/courses/<slug:course>/edit/settings", editing.settings, name="settings"),
    path("console/courses/<slug:course>/edit/bring", bringing.bring, name="bring"),
    path("console/courses/<slug:course>/edit/publish", publishing.publish, name="publish"),
    path("console/courses/<slug:course>/edit/catch-up", publishing.catch_up, name="catch_up"),
    path("console/courses/<slug:course>/edit/discard", publishing.discard, name="discard"),
    path("console/courses/<slug:course>/edit/shown/<slug:digest>", editing.shown, name="shown"),
    path("console/courses/<slug:course>/edit/files/<path:path>", editing.file, name="file"),
    path("console/paths", paths.paths, name="paths"),
    path("console/new-path", paths.make, name="make_path"),
    path("console/paths/<uuid:path_id>", paths.path, name="path"),
    path("console/paths/<uuid:path_id>/change", paths.change, name="change_path"),
]
