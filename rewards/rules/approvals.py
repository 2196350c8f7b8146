"""From how many points on somebody looks at what a member redeems, however small the parts are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """``from_points``: None = nobody looks. ``unseen``: points of the member's redemptions close by that nobody saw.

    So within any time as long as the program says fewer than ``from_points`` go out unseen, in one or in many.
    """

    from_points: int | None = None
    unseen: int = 0

    def holds(self, points: int) -> bool:
        """Whether a redemption of so many points waits for somebody."""
        return self.from_points is not None and self.unseen + points >= self.from_points


NOBODY_LOOKS = ApprovalRule()
