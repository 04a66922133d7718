"""Many rows at once reach PostgreSQL as they were written."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.postgresql.base import ArrayDumper

pytestmark = [pytest.mark.postgres_only, pytest.mark.django_db]
TYPED = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
QUOTED = st.text('"\\{}, n', max_size=8)


@given(texts=st.lists(TYPED | QUOTED | st.sampled_from(["NULL", "", " "]), min_size=1, max_size=20))
def test_an_array_of_texts_arrives_as_it_was_sent(texts: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest((%s)::text[])", [texts])
        assert [row[0] for row in cursor.fetchall()] == texts


def test_arrays_go_by_our_escapes() -> None:
    connection.ensure_connection()
    assert connection.connection.adapters.get_dumper(list, "t") is ArrayDumper
