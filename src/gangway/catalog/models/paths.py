"""Paths: courses in an order, of which each may wait for others."""

from django.db import models

from gangway.catalog.models.courses import Course
from gangway.catalog.rules import TITLE_LENGTH
from gangway.kernel.tenancy.models import PlainForeignKey, SharedModel


class Path(SharedModel):
    """Courses in an order. Its words are the vendor's, in the vendor's language."""

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=TITLE_LENGTH)
    summary = models.CharField(max_length=500, default="")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="catalog_path_key")]


class PathCourse(SharedModel):
    """A course of a path. `waits_for`: the ids of courses of the same path that are to be completed before it."""

    path = PlainForeignKey(Path)
    course = PlainForeignKey(Course)
    position = models.PositiveSmallIntegerField()
    waits_for = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path", "course"], name="catalog_path_course"),
            models.UniqueConstraint(fields=["path", "position"], name="catalog_path_position"),
        ]
