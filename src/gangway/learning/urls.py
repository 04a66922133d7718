from django.urls import path, register_converter

from gangway.learning.views import checks, courses, enrolled, enrolments, files, joining, library, many, naming, paths

app_name = "learning"


class KeyConverter:
    """A course's or lesson's key: letters and digits of any script, and hyphens."""

    regex = r"[\w-]{1,80}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DigestConverter(KeyConverter):
    """SHA-256 in hexadecimal."""

    regex = r"[0-9a-f]{64}"


register_converter(KeyConverter, "learning_key")
register_converter(DigestConverter, "learning_digest")

urlpatterns = [
    path("courses", courses.mine, name="courses"),
    path("library", library.library, name="library"),
    path("courses/<learning_key:course>", courses.course, name="course"),
    path("courses/<learning_key:course>/begin", courses.begin, name="begin"),
    path("courses/<learning_key:course>/lessons/<learning_key:lesson>", courses.lesson, name="lesson"),
    path("courses/<learning_key:course>/keep/<learning_key:resource>", courses.resource, name="resource"),
    path("courses/<learning_key:course>/files/<learning_digest:digest>/<str:name>", files.file, name="file"),
    path("courses/<learning_key:course>/check", checks.check, name="check"),
    path("paths/<learning_key:path>", paths.path, name="path"),
    path("paths/<learning_key:path>/begin", paths.begin, name="begin_path"),
    path("paths/<learning_key:path>/leave", paths.leave, name="leave_path"),
    path("checks/<uuid:attempt>/<int:n>", checks.question, name="question"),
    path("checks/<uuid:attempt>/hand-in", checks.hand_in, name="hand_in"),
    path("checks/<uuid:attempt>/result", checks.result, name="result"),
    path("console/people/<uuid:person_id>/courses", enrolments.person_courses, name="person"),
    path("desk/team/<uuid:person_id>/courses", enrolments.person_courses_team, name="person_team"),
    path("console/people/courses", many.chosen, name="many"),
    path("desk/team/courses", many.chosen_team, name="many_team"),
    path("console/groups/<uuid:group_id>/courses", many.group, name="of_group"),
    path("desk/groups/<uuid:group_id>/courses", many.group_team, name="of_group_team"),
    path("console/paths/<uuid:path_id>/people", paths.on_path, name="on_path"),
    path("console/rules", naming.rules, name="rules"),
    path("console/rules/new", naming.make, name="make_rule"),
    path("console/rules/<uuid:rule_id>", naming.one, name="rule"),
    path("console/rules/<uuid:rule_id>/change", naming.change, name="change_rule"),
    path("console/rules/<uuid:rule_id>/switch", naming.switch, name="switch_rule"),
    path("console/enrolments", enrolled.enrolments, name="enrolments"),
    path("desk/enrolments", enrolled.enrolments_team, name="enrolments_team"),
    path("desk/joining/courses", joining.joining, name="joining"),
    path("console/enrolments/change", many.change_chosen, name="change_chosen"),
    path("desk/enrolments/change", many.change_chosen_team, name="change_chosen_team"),
    path("console/enrolments/<uuid:enrolment_id>", enrolments.enrolment, name="enrolment"),
    path("desk/enrolments/<uuid:enrolment_id>", enrolments.enrolment_team, name="enrolment_team"),
]
