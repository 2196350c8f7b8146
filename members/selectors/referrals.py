"""Reading referrals: what a program asks for, whose a code is, who brought whom."""

from collections.abc import Collection, Mapping
from datetime import date

from core.models import Definition, Program
from core.rules.arrays import array
from core.services import prepared
from members.models import Member, Referral, ReferralCode
from members.rules.referrals import ReferralRules, normal_code, referral_rules_of

SECTION = "referral"
# Who brought whom, on the way up from some members; a ring ends where it began.
ABOVE = """
    WITH RECURSIVE above(id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT r.referrer_id FROM above a JOIN members_referral r ON r.friend_id = a.id WHERE r.verdict <> 'refused'
    )
    SELECT r.friend_id, r.referrer_id
    FROM above a JOIN members_referral r ON r.friend_id = a.id WHERE r.verdict <> 'refused'
"""
# Friends by the local day, in the referrer's market, on which they joined.
JOINED = """
    SELECT d.referrer_id, d.day, count(*)
    FROM unnest(%s::bigint[], %s::date[]) AS d(referrer_id, day)
    JOIN members_member m ON m.id = d.referrer_id JOIN core_market k ON k.id = m.market_id
    JOIN members_referral r ON r.referrer_id = d.referrer_id
        AND r.joined_at >= d.day::timestamp AT TIME ZONE k.timezone
        AND r.joined_at < (d.day + 1)::timestamp AT TIME ZONE k.timezone
    GROUP BY 1, 2
"""


def referral_rules(program: Program) -> ReferralRules | None:
    """What the program asks of a referral; None where members do not bring members."""
    row = Definition.objects.filter(program=program, section=SECTION, retired=False).first()
    return referral_rules_of(row.definition) if row else None


def code_owners(program: Program, codes: Collection[str]) -> Mapping[str, int]:
    """The members (ids) whose codes these are, by normal code; nobody's and erased members' are not there."""
    wanted = {code for text in codes if (code := normal_code(text)).isascii() and code.isalnum()}
    if not wanted:
        return {}
    rows = ReferralCode.objects.filter(program=program, code__in=wanted).exclude(member__status=Member.Status.ERASED)
    return dict(rows.values_list("code", "member_id"))


def referrers_of(friends: Collection[int]) -> Mapping[int, int]:
    """Who brought these members, by their ids."""
    return dict(Referral.objects.filter(friend__in=friends).values_list("friend_id", "referrer_id"))


def brought_above(members: Collection[int]) -> dict[int, int]:
    """Who brought these members, who brought those, and so on to the top: the referrer by friend."""
    with prepared.cursor() as cursor:
        cursor.execute(ABOVE, [array(list(members))])
        return dict(cursor.fetchall())


def joined_on(days: Collection[tuple[int, date]]) -> Mapping[tuple[int, date], int]:
    """How many friends of a referrer joined on a local day of the referrer's market."""
    if not days:
        return {}
    referrers, dates = [array(list(column)) for column in zip(*sorted(days), strict=True)]
    with prepared.cursor() as cursor:
        cursor.execute(JOINED, [referrers, dates])
        return {(referrer, day): number for referrer, day, number in cursor.fetchall()}
