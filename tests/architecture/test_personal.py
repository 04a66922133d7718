"""Every column of text is either personal, and a room `privacy` answers for it, or not personal, for a reason."""

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from gangway.config.wiring import PRIVACY
from gangway.kernel.tenancy.models import PartnerModel, Table
from tests.architecture.personal import COMMON, MATERIAL, NOT_PERSONAL
from tests.architecture.source import sources

TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
PERSONAL = {column: room.context for room in PRIVACY for column in room.columns}


def text_columns(model: type[models.Model]) -> set[str]:
    """Whatever may hold words: keys and numbers hold none."""
    return {field.name for field in model._meta.concrete_fields if isinstance(field, TEXT)}


def house() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, Table)]


def unanswered(model: type[models.Model]) -> list[str]:
    """Columns of text that nobody answers for."""
    label = model._meta.label
    if model._meta.app_label in MATERIAL:
        return []
    known = {**COMMON, **NOT_PERSONAL.get(label, {})}
    return [
        f"{label}.{column}"
        for column in sorted(text_columns(model))
        if f"{label}.{column}" not in PERSONAL and not known.get(column)
    ]


@pytest.mark.parametrize("model", house(), ids=lambda model: model._meta.label)
def test_every_column_of_text_is_answered_for(model: type[models.Model]) -> None:
    assert unanswered(model) == [], "name it in the context's room privacy.py, or say here why it is not personal"


@isolate_apps("gangway.people")
def test_a_new_column_is_found() -> None:
    class Diary(PartnerModel):
        entry = models.TextField()

        class Meta(PartnerModel.Meta):
            app_label = "people"

    assert unanswered(Diary) == ["people.Diary.entry"]


def test_what_is_named_exists() -> None:
    """A column that was renamed is no longer answered for by its old name."""
    there = {f"{model._meta.label}.{column}" for model in house() for column in text_columns(model)}
    said = {*PERSONAL, *(f"{label}.{column}" for label, columns in NOT_PERSONAL.items() for column in columns)}
    assert said - there == set()


def test_every_room_is_wired_from_the_top_down() -> None:
    rooms = [f"gangway.{room.context}.privacy" for room in PRIVACY]
    assert set(rooms) == {
        source.module for source in sources() if source.room == "privacy" or source.module == "gangway.kernel.privacy"
    }
    assert rooms[-1] == "gangway.kernel.privacy", "the log is blanked after everything that writes to it"
