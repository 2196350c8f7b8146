"""Callers of the API: whose token it is, what it may do, and whether it asks too fast.

One statement does all three, outside of any transaction, so that it costs one round trip and holds no lock. Nothing
is remembered between requests: a revoked token stops at once, and the pace is one for all web processes.

The pace is a bucket that holds one second's requests and fills evenly (the generic cell rate algorithm,
ITU-T I.371): a row says when it will be full again, each request moves that moment by its share of a second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil, floor

from core.models import Program, UserPace
from core.services import prepared

RECOGNISE = """
    WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now),
    caller AS MATERIALIZED (
        SELECT a.id, a.client_id, a.program_id, p.xmin::text AS program_version, t.scopes,
               greatest(a.requests_per_second, 1) AS most,
               interval '1 second' / greatest(a.requests_per_second, 1) AS share
        FROM moment, allauth_idp_oidc_token t
            JOIN core_apiclient a ON a.client_id = t.client_id
            JOIN core_program p ON p.id = a.program_id
        WHERE t.type = 'at' AND t.hash = %s AND (t.expires_at IS NULL OR t.expires_at > now)
    ), paced AS (
        INSERT INTO core_requestpace AS pace (api_client_id, full_at)
        SELECT id, now + share FROM caller, moment
        ON CONFLICT (api_client_id) DO UPDATE
            SET full_at = greatest(pace.full_at + (SELECT share FROM caller), EXCLUDED.full_at)
            WHERE pace.full_at <= (SELECT now + interval '1 second' - share FROM caller, moment)
        RETURNING full_at
    )
    SELECT client_id, program_id, program_version, scopes, most, extract(epoch FROM paced.full_at - moment.now)
    FROM moment, caller LEFT JOIN paced ON true
"""
PACE_USER = """
    WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now, interval '1 second' / %(most)s AS share),
    paced AS (
        INSERT INTO core_userpace AS pace (user_id, full_at)
        SELECT %(user)s, now + share FROM moment
        ON CONFLICT (user_id) DO UPDATE
            SET full_at = greatest(pace.full_at + (SELECT share FROM moment), EXCLUDED.full_at)
            WHERE pace.full_at <= (SELECT now + interval '1 second' - share FROM moment)
        RETURNING full_at
    )
    SELECT extract(epoch FROM paced.full_at - moment.now) FROM moment LEFT JOIN paced ON true
"""
ROUNDING = 0.01  # of a request: moments are kept in microseconds
_programs: dict[int, tuple[str, Program]] = {}  # by id, with the version of the row they were read from


@dataclass(frozen=True, slots=True)
class Pace:
    """What is left of a client's requests: ``most`` a second, ``left`` now, all of them after ``full_in`` seconds."""

    most: int
    left: int
    full_in: int
    exceeded: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine that calls: its OAuth client, its one program, what it may do."""

    client_id: str
    program: Program
    scopes: frozenset[str]
    pace: Pace


def recognise_caller(token: str) -> Caller | None:
    """Whose access token this is, counted as one request; None if it is nobody's, expired or revoked."""
    with prepared.cursor() as cursor:
        cursor.execute(RECOGNISE, [sha256(token.encode()).hexdigest()])
        row = cursor.fetchone()
    if row is None:
        return None
    client_id, program_id, version, scopes, most, used = row
    return Caller(client_id, _program(program_id, version), frozenset(scopes.split()), _pace(most, used))


def pace_user(user_id: int, *, requests_per_second: int) -> Pace:
    """Count one request of a person who is signed in; one statement."""
    with prepared.cursor() as cursor:
        cursor.execute(PACE_USER, {"user": user_id, "most": requests_per_second})
        return _pace(requests_per_second, cursor.fetchone()[0])


def forget_paces(*, at: datetime) -> None:
    """Delete the paces of people who have not asked for an hour."""
    UserPace.objects.filter(full_at__lt=at - timedelta(hours=1)).delete()


def _pace(most: int, used_seconds: float | None) -> Pace:
    """``used_seconds`` is the part of the second that is used up; None = nothing was left."""
    if used_seconds is None:
        return Pace(most, 0, 1, exceeded=True)
    used = float(used_seconds)
    return Pace(most, max(0, floor((1 - used) * most + ROUNDING)), max(1, ceil(used)))


def _program(program_id: int, version: str) -> Program:
    """The program, read again only when its row has changed."""
    known = _programs.get(program_id)
    if known is None or known[0] != version:
        known = _programs[program_id] = (version, Program.objects.get(pk=program_id))
    return known[1]
