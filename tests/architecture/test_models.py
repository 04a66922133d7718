"""Tables: each declares its class, keys point downward, and Django agrees with what the migrations say."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import models
from django.test.utils import isolate_apps

from gangway.kernel import checks
from gangway.kernel.tenancy.models import DirectoryModel, KernelModel, PartnerModel, SharedModel, TenantRoot
from tests.architecture.storeys import heights, is_upward

CLASSES = (PartnerModel, TenantRoot, SharedModel, DirectoryModel, KernelModel)


def house_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("gangway.")]


def upward_keys(model: type[models.Model]) -> list[str]:
    return [
        f"{model.__module__} {model.__name__}.{key.name} -> {key.related_model.__module__}"
        for key in model._meta.local_fields
        if isinstance(key, models.ForeignKey) and is_upward(model.__module__, key.related_model.__module__)
    ]


def test_every_key_points_downward() -> None:
    found = [line for model in house_models() for line in upward_keys(model)]
    assert found == []


@isolate_apps("gangway.people", "gangway.learning")
def test_a_key_that_climbs_is_found() -> None:
    class Lesson(models.Model):
        class Meta:
            app_label = "learning"

    class Climber(models.Model):
        lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")

        class Meta:
            app_label = "people"

    Lesson.__module__, Climber.__module__ = "gangway.learning.models", "gangway.people.models"
    assert upward_keys(Climber) == ["gangway.people.models Climber.lesson -> gangway.learning.models"]
    assert upward_keys(Lesson) == []


def test_the_storeys_are_read_from_the_contracts() -> None:
    assert heights()["kernel"] == 0
    assert heights()["catalog"] == heights()["identity"] < heights()["learning"] < heights()["config"]


@pytest.mark.parametrize("model", house_models(), ids=lambda model: model._meta.label)
def test_every_table_declares_exactly_one_class(model: type[models.Model]) -> None:
    assert sum(issubclass(model, kind) for kind in CLASSES) == 1


def test_the_checks_of_the_house_pass() -> None:
    assert run_checks(tags=None) == []


@isolate_apps("gangway.people")
def test_loose_tables_are_found_by_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: no class, a key that cascades and can be walked backwards, a unique that forgets the partner."""

    class Loose(models.Model):
        class Meta:
            app_label = "people"

    class Leaky(PartnerModel):
        code = models.CharField(max_length=9, unique=True)
        loose = models.ForeignKey(Loose, models.CASCADE)

        class Meta(PartnerModel.Meta):
            app_label = "people"
            constraints = [models.UniqueConstraint(fields=["loose", "partner"], name="loose_first")]

    Loose.__module__ = Leaky.__module__ = "gangway.people.models"

    class Planted:
        @staticmethod
        def get_models() -> list[type[models.Model]]:
            return [Loose, Leaky]

    monkeypatch.setattr(checks, "apps", Planted)
    found = {(error.obj.__name__, error.id) for error in checks.tables_follow_the_rules(None)}
    assert found == {("Loose", "gangway.E001"), ("Leaky", "gangway.E002"), ("Leaky", "gangway.E003")}


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
