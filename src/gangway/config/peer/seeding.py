"""The peer's tables, and so many people in them: main([people])."""

from typing import Any

from gangway.config.peer.names import PIECE, user_name

USER = ("peer", "PeerUser")


def main(words: list[str]) -> None:
    """Make the tables and fill them."""
    _peer(int(words[0]))


def _peer(people: int) -> None:
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection

    with connection.schema_editor() as editor:
        for label in ("contenttypes.ContentType", "auth.Permission", "auth.Group", "peer.PeerGroup", ".".join(USER)):
            editor.create_model(apps.get_model(label))
    user: Any = apps.get_model(*USER)
    rows = (
        user(
            id=n + 1,
            scim_id=str(n + 1),
            username=user_name(n),
            scim_username=user_name(n),
            email=user_name(n),
            first_name="Person",
            last_name=str(n),
        )
        for n in range(people)
    )
    user.objects.bulk_create(rows, batch_size=PIECE)
    sql = call_command("sqlsequencereset", "peer", no_color=True)
    if sql:
        with connection.cursor() as cursor:
            cursor.execute(sql)
