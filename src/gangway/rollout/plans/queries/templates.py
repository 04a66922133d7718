"""Templates: those in the package, and files a team hands over."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from gangway.kernel.refusal import Invalid
from gangway.rollout.plans.rules.template import TemplateUnfit, definition_of, read

FOLDER = "templates_yaml"
SHIPPED = ("essential",)


def shipped_template(key: str) -> dict[str, Any]:
    """The definition of a template in the package. Refuses a key that is not shipped."""
    if key not in SHIPPED:
        known = ", ".join(SHIPPED)
        raise Invalid(
            field="template",
            problem="No template is called “{key}”.",
            mend="Shipped: {known}.",
            key=key[:60],
            known=known,
        )
    text = files("gangway.rollout.plans").joinpath(FOLDER, f"{key}.yaml").read_text("utf-8")
    return definition_of(text)


def template_file(path: Path) -> dict[str, Any]:
    """The definition in a team's own file. Refuses one that cannot be read or does not fit, with every fault."""
    try:
        definition = definition_of(path.read_text("utf-8"))
        read(definition)
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Invalid(
            field="template", problem="{path} cannot be read: {unreadable}.", path=path, unreadable=unreadable
        ) from unreadable
    except TemplateUnfit as unfit:
        raise Invalid(
            field="template",
            problem="{path} is no template. {unfit}",
            mend="Mend it and try again.",
            path=path,
            unfit=unfit,
        ) from unfit
    return definition
