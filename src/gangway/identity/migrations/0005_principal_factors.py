"""PostgreSQL: the one read before a scope exists also says whether a factor is held, and whether admins must hold one.

The same text as queries/sessions.py reads on SQLite.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

BEFORE = import_module("gangway.identity.migrations.0002_principal")
DROP = "DROP FUNCTION gangway_principal(bytea, timestamptz, text)"
FUNCTION = """
CREATE FUNCTION gangway_principal(wanted bytea, at timestamptz, policy text)
RETURNS TABLE (session_id uuid, person_id uuid, partner_id uuid, partner_kind varchar, partner_name varchar,
               name varchar, email varchar, locale varchar, zone varchar, access_epoch integer, synthetic boolean,
               welcomed boolean, holds_factor boolean, admins_must boolean, grants json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT s.id, s.person_id, s.partner_id, t.kind, t.name, p.name, p.email, p.locale, p.zone, p.access_epoch, p.synthetic,
       EXISTS (SELECT 1 FROM identity_acceptance a
               WHERE a.partner_id = s.partner_id AND a.person_id = s.person_id AND a.version = policy),
       EXISTS (SELECT 1 FROM identity_passkey k WHERE k.partner_id = s.partner_id AND k.person_id = s.person_id)
       OR EXISTS (SELECT 1 FROM identity_authenticatorapp o
                  WHERE o.partner_id = s.partner_id AND o.person_id = s.person_id AND o.confirmed_at IS NOT NULL),
       EXISTS (SELECT 1 FROM identity_factorpolicy f WHERE f.partner_id = s.partner_id AND f.admins = 'required'),
       (SELECT coalesce(json_agg(json_build_array(g.role, g.reach, g.reach_id)), '[]'::json) FROM people_grant g
        WHERE g.partner_id = s.partner_id AND g.person_id = s.person_id AND (g.until IS NULL OR g.until > at))
FROM identity_session s
JOIN people_person p ON p.id = s.person_id AND p.partner_id = s.partner_id
JOIN partners_partner t ON t.id = s.partner_id
WHERE s.digest = wanted AND s.ended_at IS NULL AND s.expires_at > at
  AND s.access_epoch = p.access_epoch AND p.state = 'active' AND t.state = 'active'
$$
"""


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
        schema_editor.execute(FUNCTION)


def restore(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
        schema_editor.execute(BEFORE.FUNCTION)


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_factors")]
    operations = [migrations.RunPython(create, restore)]
