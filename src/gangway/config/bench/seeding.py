"""What `gangway bench scim` writes before it measures, straight into the tables, in a process of its own.

    main([slug, people, size, size, …])   people whom a directory brought, and a group of each size

It prints, as one JSON document, the ids of the groups and of some people who may be in none.
The peer's: config.peer.seeding.
"""

import json
from typing import Any
from uuid import UUID

from gangway.config.peer.names import PIECE, user_name


def main(words: list[str]) -> None:
    """Write what is named."""
    slug, people, *sizes = words
    print(json.dumps(_ours(slug, int(people), [int(size) for size in sizes])))


def _ours(slug: str, people: int, sizes: list[int]) -> dict[str, Any]:
    from django.apps import apps

    from gangway.kernel import clock
    from gangway.kernel.tenancy import scopes
    from gangway.partners.queries import find_partner

    partner_id, now = find_partner(slug).id, clock.now()
    connections = apps.get_model("identity", "Connection").objects
    with scopes.one(partner_id):
        person_ids = _people(partner_id, people, now)
        connections.filter(kind="scim").update(users=people, groups=len(sizes))
        groups = {str(_group(size, person_ids[:size], now)): size for size in sizes}
    return {"groups": groups, "persons": [str(one) for one in person_ids[-500:]]}


def _people(partner_id: UUID, people: int, now: Any) -> list[UUID]:
    from django.apps import apps
    from django.db import transaction

    from gangway.kernel.ids import new_id

    person, mailbox = apps.get_model("people", "Person"), apps.get_model("people", "Mailbox")
    identity, user, value = (apps.get_model("identity", name) for name in ("Identity", "ScimUser", "ScimValue"))
    connection = apps.get_model("identity", "Connection").objects.get(kind="scim")
    made: list[UUID] = []
    for begin in range(0, people, PIECE):
        numbers = range(begin, min(begin + PIECE, people))
        ids = {n: (new_id(), new_id(), new_id()) for n in numbers}
        with transaction.atomic():
            person.objects.bulk_create(
                person(
                    id=ids[n][0],
                    name=f"Person {n}",
                    email=user_name(n),
                    email_key=user_name(n),
                    sort_key=f"person {n}",
                    managed_by="scim:scim",
                    invited_at=now,
                )
                for n in numbers
            )
            mailbox.objects.bulk_create(
                mailbox(email_key=user_name(n), partner_id=partner_id, person_id=ids[n][0]) for n in numbers
            )
            identity.objects.bulk_create(
                identity(id=ids[n][1], connection=connection, subject=str(ids[n][0]), person_id=ids[n][0], since=now)
                for n in numbers
            )
            user.objects.bulk_create(
                user(
                    id=ids[n][2],
                    connection=connection,
                    identity_id=ids[n][1],
                    person_id=ids[n][0],
                    user_name=user_name(n),
                    user_name_key=user_name(n),
                    attributes={
                        "name": {"givenName": "Person", "familyName": str(n)},
                        "emails": [{"value": user_name(n), "type": "work", "primary": True}],
                    },
                    created_at=now,
                    changed_at=now,
                )
                for n in numbers
            )
            value.objects.bulk_create(row for n in numbers for row in _values(value, ids[n][2], n))
        made += [ids[n][0] for n in numbers]
    return made


def _values(value: Any, user_id: UUID, n: int) -> list[Any]:
    from gangway.kernel.ids import new_id

    said = {"emails": user_name(n), "name.givenname": "person", "name.familyname": str(n)}
    return [
        value(id=new_id(), user_id=user_id, attribute=name, value=text, value_key=text, start=text)
        for name, text in said.items()
    ]


def _group(size: int, person_ids: list[UUID], now: Any) -> UUID:
    from django.apps import apps
    from django.db import transaction

    group, member = apps.get_model("people", "Group"), apps.get_model("people", "GroupMember")
    title = f"Group of {size}"
    with transaction.atomic():
        made = group.objects.create(key=f"group-{size}", name=title)
        member.objects.bulk_create((member(group=made, person_id=one) for one in person_ids), batch_size=PIECE)
        apps.get_model("identity", "ScimGroup").objects.create(
            connection=apps.get_model("identity", "Connection").objects.get(kind="scim"),
            group_id=made.pk,
            display_name=title,
            display_key=title.lower(),
            created_at=now,
            changed_at=now,
        )
    key: UUID = made.pk
    return key
