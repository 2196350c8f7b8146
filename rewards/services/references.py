"""Callers' references of redemptions, which stay used when the member that they may name is erased."""

from core.services import prepared
from core.services.references import marks
from rewards.models import Redemption

FORGET = """
    UPDATE rewards_redemption r SET reference = '', fingerprint = NULL, note = '', forgotten = f.mark
    FROM unnest(%s::bigint[], %s::bytea[]) AS f(id, mark) WHERE r.id = f.id
"""


def forget_references(*, member_id: int) -> None:
    """Let hashes stand for the references of a member's redemptions, and forget why staff cancelled any."""
    rows = Redemption.objects.filter(member=member_id).exclude(reference="", note="")
    named = list(rows.values_list("pk", "client", "reference"))
    hashes = [marks(client, reference)[0] if reference else None for _pk, client, reference in named]
    with prepared.cursor() as cursor:
        cursor.execute(FORGET, [[pk for pk, _client, _reference in named], hashes])
