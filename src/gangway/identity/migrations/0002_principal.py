"""PostgreSQL: the one read before a scope exists, as a function of the owner, whom row-level security does not bind.

The same text as queries/sessions.py reads on SQLite.
"""

from typing import Any

from django.db import migrations

FUNCTION = """
CREATE FUNCTION gangway_principal(wanted bytea, at timestamptz, policy text)
RETURNS TABLE (session_id uuid, person_id uuid, partner_id uuid, partner_kind varchar, partner_name varchar,
               name varchar, email varchar, locale varchar, zone varchar, access_epoch integer, synthetic boolean,
               welcomed boolean, holds_factor boolean, admins_must boolean, grants json,
               viewer_id uuid, viewer_name varchar, viewer_locale varchar, view_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT s.id, v.id, v.partner_id, w.kind, w.name, v.name, v.email, v.locale, v.zone, v.access_epoch, v.synthetic,
       EXISTS (SELECT 1 FROM identity_acceptance a
               WHERE a.partner_id = v.partner_id AND a.person_id = v.id AND a.version = policy),
       EXISTS (SELECT 1 FROM identity_passkey k WHERE k.partner_id = v.partner_id AND k.person_id = v.id)
       OR EXISTS (SELECT 1 FROM identity_authenticatorapp o
                  WHERE o.partner_id = v.partner_id AND o.person_id = v.id AND o.confirmed_at IS NOT NULL),
       EXISTS (SELECT 1 FROM identity_factorpolicy f WHERE f.partner_id = v.partner_id AND f.admins = 'required'),
       (SELECT coalesce(json_agg(json_build_array(g.role, g.reach, g.reach_id)), '[]'::json) FROM people_grant g
        WHERE g.partner_id = v.partner_id AND g.person_id = v.id AND (g.until IS NULL OR g.until > at)),
       CASE WHEN s.view_until > at THEN p.id END, p.name, p.locale, s.view_until
FROM identity_session s
JOIN people_person p ON p.id = s.person_id AND p.partner_id = s.partner_id
JOIN partners_partner t ON t.id = s.partner_id
JOIN people_person v ON v.id = CASE WHEN s.view_until > at THEN s.viewed_person_id ELSE s.person_id END
     AND v.partner_id = CASE WHEN s.view_until > at THEN s.viewed_partner_id ELSE s.partner_id END
JOIN partners_partner w ON w.id = v.partner_id
WHERE s.digest = wanted AND s.ended_at IS NULL AND s.expires_at > at
  AND s.access_epoch = p.access_epoch AND p.state = 'active' AND t.state = 'active'
$$
"""


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION gangway_principal(bytea, timestamptz, text)")


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0001_initial'),
        ('partners', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [migrations.RunPython(create, drop)]
