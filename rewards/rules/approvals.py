"""From how many points on somebody looks at what a member redeems, however small the parts are."""

from dataclasses import dataclass
from datetime import timedelta

WITHIN = timedelta(hours=24)  # what is redeemed so close together counts as one


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """``from_points``: None = nobody looks. ``unseen``: points of the member's redemptions close by that nobody saw.

    So within any such time fewer than ``from_points`` go out unseen, in one redemption or in many.
    """

    from_points: int | None = None
    unseen: int = 0

    def holds(self, points: int) -> bool:
        """Whether a redemption of so many points waits for somebody."""
        return self.from_points is not None and self.unseen + points >= self.from_points


NOBODY_LOOKS = ApprovalRule()
