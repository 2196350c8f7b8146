"""Who waits for whom in the database, for tests of two transactions at once."""

from django.db import connection

WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"


def somebody_waits() -> bool:
    """Whether another connection waits for this one, now.

    `pg_stat_activity` would not do: within a transaction it stays as it was when first looked at, without those who
    connected since.
    """
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        (waits,) = cursor.fetchone()
    return bool(waits)
