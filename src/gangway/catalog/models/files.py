"""What courses are made of: texts and assets by digest, the files of each version, and working copies."""

from django.db import models
from django.db.models import Q

from gangway.catalog.models.courses import CourseVersion
from gangway.catalog.rules import KEY_LENGTH, MAX_PATH, FileKind
from gangway.kernel.tenancy.models import PlainForeignKey, SharedModel


class SourceText(SharedModel):
    """A text file as an author wrote it, kept once per owner; in UTF-8 it gives the bytes that `sha256` names."""

    append_only = True

    sha256 = models.CharField(max_length=64)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="catalog_source_sha256")]


class Asset(SharedModel):
    """Any other file of a source, byte for byte, kept once per owner."""

    append_only = True

    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="catalog_asset_sha256")]


class VersionFile(SharedModel):
    """A file's place in the folder that a version was read from; `digest` names its text or its bytes.

    `shown`: a page of the course shows it or leads to it, so its learners may load it.
    """

    append_only = True

    course_version = PlainForeignKey(CourseVersion)
    path = models.CharField(max_length=MAX_PATH)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_version", "path"], name="catalog_file_path"),
            models.CheckConstraint(condition=Q(kind__in=list(FileKind)), name="catalog_file_kind"),
        ]


class WorkingCopy(SharedModel):
    """A course's folder while it is edited: changed files over the version it was begun from, `base`; None: a new
    course. `begun_by` and `changed_by` are people, None for the command line.
    """

    key = models.CharField(max_length=KEY_LENGTH)
    base = PlainForeignKey(CourseVersion, null=True)
    begun_at = models.DateTimeField()
    begun_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="catalog_working_key")]


class WorkingFile(SharedModel):
    """A file that a working copy has otherwise than its base; `data` None and `digest` "": it is taken away."""

    working_copy = PlainForeignKey(WorkingCopy)
    path = models.CharField(max_length=MAX_PATH)
    data = models.BinaryField(null=True)
    digest = models.CharField(max_length=64, default="")
    size = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=20, default=FileKind.TEXT)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["working_copy", "path"], name="catalog_working_path"),
            models.CheckConstraint(condition=Q(kind__in=list(FileKind)), name="catalog_working_kind"),
        ]
