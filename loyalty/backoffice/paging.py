"""Pages of tables that nobody wants counted."""

from typing import Any

from django.core.paginator import Paginator
from django.db import connection
from django.utils.functional import cached_property

SMALL = 10_000


class EstimatedPaginator(Paginator[Any]):
    """Takes PostgreSQL's estimate for the length of a large table that is not filtered; counts everything else."""

    @cached_property
    def count(self) -> int:
        """Rows, estimated where there are many."""
        query = self.object_list.query  # type: ignore[attr-defined]  # the admin pages querysets
        if query.where:
            return super().count
        with connection.cursor() as cursor:
            table = query.model._meta.db_table
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
            estimate = int(cursor.fetchone()[0])
        return estimate if estimate > SMALL else super().count
