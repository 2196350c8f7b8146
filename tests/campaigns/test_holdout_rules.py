"""The arithmetic of holdouts: no alarm without cause, planted effects found, odd splits seen."""

import math
import random
from statistics import fmean, variance
from uuid import UUID

import pytest

from campaigns.rules.estimates import Sample, detectable, difference
from campaigns.rules.gates import is_held_out
from campaigns.rules.holdout import LEAST, NOBODY, Side, compare
from campaigns.rules.ratio import Split, ratio_p

MEMBERS = [UUID(int=random.Random(number).getrandbits(128), version=4) for number in range(600)]


def sample(values: list[float]) -> Sample:
    return Sample(len(values), fmean(values), variance(values))


def side(values: list[float]) -> Side:
    return Side(len(values), len(values), {"events": sample(values), "amount": sample(values)})


def experiment(number: int, effect: float, percent: int = 30) -> tuple[bool, float, float]:
    """One campaign over all members by the real hash: whether it shows something, and the interval."""
    chance = random.Random(number)
    sides: dict[bool, list[float]] = {True: [], False: []}
    for member in MEMBERS:
        out = is_held_out(f"demo/campaign-{number}", member, percent)  # type: ignore[arg-type]
        value = math.exp(chance.gauss(3, 0.7)) + (0 if out else effect)  # spending is skewed
        sides[out].append(value)
    found = difference(sample(sides[False]), sample(sides[True]))
    return not found.low <= 0 <= found.high, found.low, found.high


def test_without_an_effect_five_per_cent_of_the_campaigns_show_one() -> None:
    runs = 1500
    alarms = sum(experiment(number, 0)[0] for number in range(runs))
    spread = 3.3 * math.sqrt(runs * 0.05 * 0.95)  # wrong by chance in one of a thousand such tests; fixed by seeds
    assert abs(alarms - runs * 0.05) < spread


def test_a_planted_effect_lies_in_the_interval_as_often_as_it_says() -> None:
    runs, effect = 600, 6.0
    found = [experiment(number, effect) for number in range(runs)]
    inside = sum(low <= effect <= high for _, low, high in found)
    assert abs(inside - runs * 0.95) < 3.3 * math.sqrt(runs * 0.05 * 0.95)
    assert sum(shown for shown, *_ in found) > runs * 0.8


def test_the_interval_is_welchs() -> None:
    # Example 3 of Welch's t-test as every textbook has it: n 10 and 20, variances 3 and 12.
    found = difference(Sample(10, 20.0, 3.0), Sample(20, 18.0, 12.0))
    error = math.sqrt(0.3 + 0.6)
    freedom = error**4 / (0.3**2 / 9 + 0.6**2 / 19)
    assert freedom == pytest.approx(27.99, abs=0.1)
    assert (found.high - found.value) / error == pytest.approx(2.0484, abs=0.001)


def test_what_can_be_seen_shrinks_with_the_root_of_the_members() -> None:
    one = detectable(Sample(100, 0, 4), Sample(100, 0, 4))
    assert one == pytest.approx((1.959964 + 0.841621) * math.sqrt(0.08), abs=1e-4)
    assert detectable(Sample(400, 0, 4), Sample(400, 0, 4)) == pytest.approx(one / 2)


# -- the split -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hundredths", "members", "held", "p"),
    [
        (5000, 10, 5, 1.0),
        (5000, 10, 0, 2 / 1024),
        (5000, 10, 10, 2 / 1024),
        (1000, 20, 0, 0.1216 + 0.1330),  # none, or four and more, which are rarer still
        (500, 10_000, 500, 1.0),
    ],
)
def test_small_splits_are_tested_exactly(hundredths: int, members: int, held: int, p: float) -> None:
    assert ratio_p([Split(hundredths, members, held)]) == pytest.approx(p, abs=0.001)


def test_large_splits_by_chi_square() -> None:
    million = Split(500, 1_000_000, 50_000 + round(1.959964 * math.sqrt(1_000_000 * 0.05 * 0.95)))
    assert ratio_p([million]) == pytest.approx(0.05, abs=0.001)


def test_percentages_that_changed_are_tested_together() -> None:
    assert ratio_p([Split(500, 1000, 50), Split(1000, 1000, 100)]) == pytest.approx(1.0)
    assert ratio_p([Split(500, 1000, 50), Split(1000, 1000, 200)]) < 0.001


def test_nobody_is_held_out_by_nought_per_cent() -> None:
    assert ratio_p([Split(0, 10, 0)]) == 1.0
    assert ratio_p([Split(0, 10, 1)]) == 0.0


def test_the_real_hash_passes_its_own_test() -> None:
    failed = 0
    for number in range(1000):
        held = sum(is_held_out(f"demo/c{number}", member, 5) for member in MEMBERS)  # type: ignore[arg-type]
        failed += ratio_p([Split(500, len(MEMBERS), held)]) < 0.001
    assert failed <= 5


# -- what is said --------------------------------------------------------------------------------


def test_an_odd_split_blocks_the_figures() -> None:
    found = compare(
        exposed=side([1.0, 2.0] * 400), held_out=side([1.0, 2.0] * 100), splits=[Split(500, 1000, 200)],
        randomised=True,
    )  # fmt: skip
    assert (found.state, list(found.effects)) == ("blocked", [])


@pytest.mark.parametrize(("held", "state"), [(LEAST - 1, "too-early"), (LEAST, "ready")])
def test_small_sides_are_too_early(held: int, state: str) -> None:
    values = [float(number % 3) for number in range(1000)]
    splits = [Split(500, held * 20, held)]
    found = compare(exposed=side(values), held_out=side(values[:held]), splits=splits, randomised=True)
    assert found.state == state
    assert bool(found.effects) == (state == "ready")


def test_without_a_holdout_nothing_is_claimed() -> None:
    assert compare(exposed=NOBODY, held_out=NOBODY, splits=[], randomised=False).state == "not-randomised"


def test_verdicts_follow_from_the_interval() -> None:
    low, high = [1.0, 2.0] * 100, [2.0, 3.0] * 100
    splits = [Split(5000, 400, 200)]

    def verdict(exposed: list[float], held: list[float]) -> set[str]:
        found = compare(exposed=side(exposed), held_out=side(held), splits=splits, randomised=True)
        return {effect.verdict for effect in found.effects}

    assert verdict(high, low) == {"works"}
    assert verdict(low, high) == {"harms"}
    assert verdict(low, low) == {"no-evidence"}
