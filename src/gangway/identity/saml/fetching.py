"""Metadata from an address: asked once, bounded in bytes and seconds, led nowhere else."""

from django.conf import settings

from gangway.identity.rules.saml import METADATA_LIMIT
from gangway.identity.saml.metadata import usable_address
from gangway.kernel.outbound import NoAnswer, NotOutside, fetch
from gangway.kernel.refusal import Refusal
from gangway.kernel.said import said

SECONDS = 20.0


class NoMetadata(Refusal):
    code = "identity.saml_no_metadata"
    status = 502
    message = "No metadata came from {url}: {problem}"
    next_step = "Open the address in a browser. If it shows XML there, give that as a file instead."


def fetch_metadata(url: str, *, https_only: bool) -> bytes:
    """What stands at the address. Refuses with NoMetadata; its words hold nothing that the other side wrote."""
    if not usable_address(url, https_only):
        raise NoMetadata(url=url[:200], problem=said("it is no address that can be asked."))
    try:
        answer = fetch(url, allow=settings.PROVIDERS_INSIDE, seconds=SECONDS, limit=METADATA_LIMIT)
    except NotOutside as error:
        raise NoMetadata(url=url, problem=said("it is not on the public internet.")) from error
    except NoAnswer as error:
        raise NoMetadata(url=url, problem=f"{error}.") from error
    if answer.status != 200:
        raise NoMetadata(url=url, problem=said("the answer was {status}.", status=answer.status))
    return answer.body
