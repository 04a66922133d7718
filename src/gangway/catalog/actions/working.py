"""Edit a course's folder file by file in a working copy, and publish that as a version."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gangway.catalog.actions.courses import Imported, import_course
from gangway.catalog.markdown.refusals import FolderNotKept
from gangway.catalog.models import Course, CourseVersion, WorkingCopy, WorkingFile
from gangway.catalog.queries.working import WorkingCopyRow, copy_row
from gangway.catalog.rules import (
    NOT_THERE,
    CourseDraft,
    FileChange,
    FileKind,
    SourceFile,
    folder_faults,
    unneeded,
)
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import Said, together
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key
from gangway.people.queries import names


class ChangedMeanwhile(Refusal):
    """A file is not what the person saw when they began to change it. `path`, `who` ("" unknown), `at`."""

    code = "catalog.changed_meanwhile"
    status = 409
    message = "“{path}” was changed by {who} after you had opened it."
    next_step = "Look at what stands there now; nothing of yours was saved, and nothing of theirs was lost."


class NewerVersion(Refusal):
    """Another version was made after the working copy was begun. `n`: the newest, `path`s are not touched."""

    code = "catalog.newer_version"
    status = 409
    message = "Version {n} was made after this working copy was begun."
    next_step = "Bring it in under your changes first; nothing is lost, and nothing was published."


class KeyTaken(Refusal):
    """A course of this key is there already, or is being made."""

    code = "catalog.key_taken"
    status = 409
    message = "There is a course “{key}” already."
    next_step = "Choose another key, or edit that course."


class KeyChanged(Refusal):
    """The folder says another key than the course has."""

    code = "catalog.key_changed"
    status = 422
    message = "The folder calls the course “{said}”, but it is “{key}”, and a key never changes."
    next_step = "Write the old key into course.yaml again."


class FolderUnfit(Refusal):
    """A change would leave a folder that cannot be kept. `problems` are whole sentences, put `together`."""

    code = "catalog.folder_unfit"
    status = 422
    message = "{problems}"
    next_step = "Choose another name or a smaller file; nothing was changed."

    def __init__(self, *, problems: Said) -> None:
        super().__init__(problems=problems)


@action("catalog.working_copy.begin")
def begin_working_copy(*, key: str, actor: Actor, now: datetime) -> UUID:
    """Open the newest version of the scope's course to be edited; where it is being edited, go on with that.

    Refuses with NotFound, or with FolderNotKept where the files of that version were not kept.
    """
    owner_id = scopes.writer()
    newest = _newest(owner_id, key)
    if newest is None:
        raise NotFound
    copy, is_new = WorkingCopy.objects.get_or_create(
        owner_id=owner_id, key=key, defaults={"base": newest, **_begun(actor, now)}
    )
    if is_new:
        if not copy_row(copy).files:
            raise FolderNotKept(key=key, n=newest.n)
        _record(copy, "catalog.working_copy.begin", {"key": key, "n": newest.n}, actor, now)
    return copy.pk


@action("catalog.working_copy.new")
def new_working_copy(*, key: str, files: Mapping[str, bytes], actor: Actor, now: datetime) -> UUID:
    """Begin a course that has no version yet, from these files.

    Refuses with Invalid for a key that cannot be one, with KeyTaken and with FolderUnfit.
    """
    owner_id, key = scopes.writer(), clean_key(key)
    if Course.objects.filter(owner=owner_id, key=key).exists():
        raise KeyTaken(field="key", key=key)
    copy, is_new = WorkingCopy.objects.get_or_create(owner_id=owner_id, key=key, defaults=_begun(actor, now))
    if not is_new:
        raise KeyTaken(field="key", key=key)
    _keep(copy, [FileChange(path=path, data=data) for path, data in files.items()], actor, now)
    _record(copy, "catalog.working_copy.new", {"key": key, "files": len(files)}, actor, now)
    return copy.pk


@action("catalog.working_copy.change")
def change_files(*, key: str, changes: Sequence[FileChange], actor: Actor, now: datetime) -> None:
    """Change, add and take away files of a working copy: all of these or none.

    A file that becomes what the base has is no change any more. Refuses with NotFound, ChangedMeanwhile, FolderUnfit.
    """
    copy = _locked(key)
    paths = _keep(copy, changes, actor, now)
    if not paths:
        return
    copy.changed_at, copy.changed_by = now, _person(actor)
    copy.save(update_fields=["changed_at", "changed_by"])
    _record(copy, "catalog.working_copy.change", {"key": key, "paths": paths[:20], "files": len(paths)}, actor, now)


@action("catalog.working_copy.catch_up")
def catch_up(*, key: str, actor: Actor, now: datetime) -> None:
    """Lay the changes over the newest version instead of the one they were begun from; the changes stay.

    Refuses with NotFound, or with FolderNotKept where the files of that version were not kept.
    """
    copy = _locked(key)
    newest = _newest(copy.owner_id, key)
    if newest is None or newest.pk == copy.base_id:
        return
    before = copy_row(copy)
    copy.base = newest
    copy.save(update_fields=["base"])
    if not copy_row(copy).base:
        raise FolderNotKept(key=key, n=newest.n)
    _drop_unneeded(copy)
    changes = {"key": key, "from": before.base_n, "to": newest.n, "on_both_sides": list(before.clashes)[:20]}
    _record(copy, "catalog.working_copy.catch_up", changes, actor, now)


@action("catalog.working_copy.discard")
def discard_working_copy(*, key: str, actor: Actor, now: datetime) -> None:
    """Throw a working copy away; the versions stay as they are. Refuses with NotFound."""
    copy = _locked(key)
    changed = sorted(copy_row(copy).changed)
    _record(copy, "catalog.working_copy.discard", {"key": key, "paths": changed[:20]}, actor, now)
    _remove(copy)


@action("catalog.working_copy.publish")
def publish_working_copy(*, key: str, draft: CourseDraft, actor: Actor, now: datetime) -> Imported:
    """Make of a working copy the next version, which people who start now will learn; then it is gone.

    `draft` was read from its files. Refuses with NotFound, NewerVersion, KeyChanged, CourseIncomplete, and with
    ChangedMeanwhile where the draft was read from other files than it has by now.
    """
    copy = _locked(key)
    row = copy_row(copy)
    if row.is_behind:
        raise NewerVersion(n=row.newest_n)
    if draft.key != key:
        raise KeyChanged(said=draft.key, key=key)
    read = {file.path: file.digest for file in draft.files}
    if other := sorted({(path, file.digest) for path, file in row.files.items()} ^ set(read.items())):
        raise _changed_meanwhile(row, other[0][0])
    done = import_course(draft=draft, publish_it=True, actor=actor, now=now)
    changes = {"key": key, "n": done.n, "outcome": done.outcome}
    _record(copy, "catalog.working_copy.publish", changes, actor, now)
    _remove(copy)
    return done


def _locked(key: str) -> WorkingCopy:
    """The scope's working copy of this key, locked."""
    rows = WorkingCopy.objects.select_for_update(of=("self",)).select_related("base")
    copy = rows.filter(owner=scopes.writer(), key=key).first()
    if copy is None:
        raise NotFound
    return copy


def _newest(owner_id: UUID, key: str) -> CourseVersion | None:
    return CourseVersion.objects.filter(course__owner=owner_id, course__key=key).order_by("-n").first()


def _begun(actor: Actor, now: datetime) -> dict[str, object]:
    person = _person(actor)
    return {"begun_at": now, "begun_by": person, "changed_at": now, "changed_by": person}


def _person(actor: Actor) -> UUID | None:
    return UUID(actor.id) if actor.kind is ActorKind.PERSON else None


def _keep(copy: WorkingCopy, changes: Iterable[FileChange], actor: Actor, now: datetime) -> list[str]:
    """Write the changes; the paths that really changed."""
    row = copy_row(copy)
    fresh = []
    sizes = {path: file.size for path, file in row.files.items()}
    for change in {change.path: change for change in changes}.values():
        there = row.files.get(change.path)
        digest = there.digest if there else NOT_THERE
        if change.seen not in (None, digest):
            raise _changed_meanwhile(row, change.path)
        file = _file(copy, change, actor, now)
        if file.digest == digest:
            continue
        fresh.append(file)
        sizes.pop(change.path, None)
        if change.data is not None:
            sizes[change.path] = len(change.data)
    if problems := folder_faults(list(sizes.items())):
        raise FolderUnfit(problems=together(*problems))
    WorkingFile.objects.filter(working_copy=copy, path__in=[file.path for file in fresh]).delete()
    WorkingFile.objects.bulk_create(fresh, batch_size=100)
    _drop_unneeded(copy)
    return sorted(file.path for file in fresh)


def _file(copy: WorkingCopy, change: FileChange, actor: Actor, now: datetime) -> WorkingFile:
    if not change.path:
        raise Invalid(field="path", problem="A file needs a name.", mend="Type one, such as 3-goodbye.md.")
    made = SourceFile(path=change.path, data=change.data) if change.data is not None else None
    return WorkingFile(
        owner_id=copy.owner_id,
        working_copy=copy,
        path=change.path,
        data=change.data,
        digest=made.digest if made else NOT_THERE,
        size=len(made.data) if made else 0,
        kind=made.kind if made else FileKind.TEXT,
        changed_at=now,
        changed_by=_person(actor),
    )


def _drop_unneeded(copy: WorkingCopy) -> None:
    row = copy_row(copy)
    base, changed = ({path: file.digest for path, file in files.items()} for files in (row.base, row.changed))
    WorkingFile.objects.filter(working_copy=copy, path__in=list(unneeded(base, changed))).delete()


def _changed_meanwhile(row: WorkingCopyRow, path: str) -> ChangedMeanwhile:
    change = row.changed.get(path)
    by, at = (change.changed_by, change.changed_at) if change else (row.changed_by, row.changed_at)
    who = names([by]).get(by, "") if by else ""
    return ChangedMeanwhile(field="body", path=path, who=who or "somebody else", at=at)


def _remove(copy: WorkingCopy) -> None:
    WorkingFile.objects.filter(working_copy=copy).delete()
    copy.delete()


def _record(copy: WorkingCopy, verb: str, changes: Mapping[str, object], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="working_copy", object_id=copy.pk, changes=changes, now=now)
