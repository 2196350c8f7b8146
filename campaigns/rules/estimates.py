"""Means with their uncertainty, by the standard library alone. Pure Python.

Sources: B. L. Welch, "The generalization of Student's problem when several different population variances are
involved", Biometrika 34 (1947) 28-35, with Satterthwaite's degrees of freedom; quantiles of Student's t by the
expansion 26.7.5 of Abramowitz and Stegun, Handbook of Mathematical Functions (1964).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
POWER = 0.8
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Sample:
    """A group: how many, the mean of a measure, and its sample variance (divisor count - 1)."""

    count: int
    mean: float
    variance: float

    @property
    def squared_error(self) -> float:
        """Of the mean."""
        return self.variance / self.count


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def t_quantile(probability: float, freedom: float) -> float:
    """The quantile of Student's t; the error is below 0.0001 from ten degrees of freedom on."""
    z = NORMAL.inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def mean_of(values: Sequence[float]) -> Estimate:
    """The mean of some days or members, with its interval by Student's t; of a single value there is none."""
    count = len(values)
    mean = math.fsum(values) / count
    if count == 1:
        return Estimate(mean, mean, mean)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    reach = t_quantile((1 + CONFIDENCE) / 2, count - 1) * math.sqrt(variance / count)
    return Estimate(mean, mean - reach, mean + reach)


def difference(one: Sample, other: Sample) -> Estimate:
    """How much the mean of one group is above that of the other, by Welch's t: variances may differ."""
    value = one.mean - other.mean
    error = _error(one, other)
    if not error:
        return Estimate(value, value, value)
    freedom = error**4 / (
        one.squared_error**2 / (one.count - 1) + other.squared_error**2 / (other.count - 1)
    )  # fmt: skip
    reach = t_quantile((1 + CONFIDENCE) / 2, freedom) * error
    return Estimate(value, value - reach, value + reach)


def detectable(one: Sample, other: Sample) -> float:
    """The smallest difference that groups like these show as one with 80 % certainty, at 5 % false alarms."""
    return (NORMAL.inv_cdf((1 + CONFIDENCE) / 2) + NORMAL.inv_cdf(POWER)) * _error(one, other)


def _error(one: Sample, other: Sample) -> float:
    return math.sqrt(one.squared_error + other.squared_error)
