"""Whether a split is the one that was promised. Pure Python.

A sample-ratio test: a holdout of five per cent that is not five per cent was not random, and nothing it shows is to be
believed (R. Kohavi, D. Tang, Y. Xu, Trustworthy Online Controlled Experiments, 2020, chapter 21).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BLOCKED_BELOW = 0.001
EXACT_TO = 10_000  # members; above, the normal law is as good
ROUND = 1 + 1e-9  # outcomes that are as likely as what was seen count with it


@dataclass(frozen=True, slots=True)
class Split:
    """Members that came up while ``hundredths`` of a hundredth were held out, and how many of them were."""

    hundredths: int
    members: int
    held_out: int

    @property
    def share(self) -> float:
        """That was promised."""
        return self.hundredths / 10_000


def ratio_p(splits: Sequence[Split]) -> float:
    """How likely a split at least as odd as this is by chance.

    The exact binomial test (two-sided, by likelihood) while one percentage held and members are few, else the
    chi-square test with one degree of freedom over the members of all percentages.
    """
    known = [split for split in splits if split.members and 0 < split.share < 1]
    if any(split.held_out != round(split.members * split.share) for split in splits if split.share in {0, 1}):
        return 0.0
    if not known:
        return 1.0
    if len(known) == 1 and known[0].members <= EXACT_TO:
        return _exact(known[0])
    expected = math.fsum(split.members * split.share for split in known)
    variance = math.fsum(split.members * split.share * (1 - split.share) for split in known)
    chi_square = (sum(split.held_out for split in known) - expected) ** 2 / variance
    return math.erfc(math.sqrt(chi_square / 2))


def _exact(split: Split) -> float:
    count, share = split.members, split.share
    constant, odds = math.lgamma(count + 1), (math.log(share), math.log1p(-share))

    def likelihood(held: int) -> float:
        ways = constant - math.lgamma(held + 1) - math.lgamma(count - held + 1)
        return math.exp(ways + held * odds[0] + (count - held) * odds[1])

    most = likelihood(split.held_out) * ROUND
    return min(math.fsum(p for held in range(count + 1) if (p := likelihood(held)) <= most), 1.0)


def observed(splits: Sequence[Split]) -> Mapping[str, float | None]:
    """Shares in per cent: promised over all members, and seen."""
    members = sum(split.members for split in splits)
    if not members:
        return {"expected": None, "observed": None}
    expected = math.fsum(split.members * split.share for split in splits)
    return {
        "expected": 100 * expected / members,
        "observed": 100 * sum(split.held_out for split in splits) / members,
    }
