"""Where a page leads that contexts above may have: learning does not know awards, only addresses by their names."""

from uuid import UUID

from django.urls import NoReverseMatch, reverse


def certificate_of(enrolment_id: UUID) -> str | None:
    """The page that shows what a completed enrolment earned, where something above shows it."""
    return _address("credentials:of_enrolment", enrolment=enrolment_id)


def certificates() -> str | None:
    """The page of everything a person has earned."""
    return _address("credentials:mine")


def _address(name: str, **kwargs: object) -> str | None:
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return None
