"""What a review may do to a member, whatever ladder, window and history."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from members.rules.reviews import Holding, Outcome, Review, held_through, is_due, review, rung_after_edit
from members.rules.tiers import Ladder, Progress, Rung, Style

TODAY = date(2026, 6, 15)
amounts = st.integers(0, 50)
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
progresses = st.builds(Progress, amounts, st.integers(0, 5), amounts)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    asks = st.tuples(amounts, st.none() | st.integers(0, 5), st.none() | amounts, st.booleans())
    asked = [(None, None, None, False), *draw(st.lists(asks, max_size=4))]
    rungs = tuple(Rung(rank * 7, f"t{rank}", rank, *one) for rank, one in enumerate(asked, 1))
    return Ladder(rungs, draw(st.booleans()), draw(st.sampled_from(Style)), draw(st.integers(0, 40)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Ladder, Holding, Progress, Progress | None, date]:
    ladder = draw(ladders())
    maybe = st.none() | days
    held = Holding(draw(st.sampled_from(ladder.rungs)), draw(maybe), draw(maybe), draw(maybe))
    return ladder, held, draw(progresses), draw(progresses) if ladder.calendar_year else None, draw(days)


def earned(ladder: Ladder, *windows: Progress | None) -> int:
    return ladder.earned([one for one in windows if one is not None]).rank


def judge(case: tuple[Ladder, Holding, Progress, Progress | None, date]) -> Review:
    return review(*case)


@given(cases())
def test_a_review_never_lifts_and_never_takes_what_is_earned(
    case: tuple[Ladder, Holding, Progress, Progress | None, date],
) -> None:
    ladder, held, progress, last_year, _ = case
    found = judge(case)
    best = earned(ladder, progress, last_year)
    assert min(held.rung.rank, best) <= found.after.rung.rank <= held.rung.rank
    if best >= held.rung.rank:
        assert found.outcome in {Outcome.KEPT, Outcome.GRACE_ENDED}
        assert (found.outcome is Outcome.GRACE_ENDED) == (held.grace_until is not None)
        assert found.after.grace_until is None


@given(cases())
def test_who_falls_had_all_the_grace_there_is_and_falls_as_the_style_says(
    case: tuple[Ladder, Holding, Progress, Progress | None, date],
) -> None:
    ladder, held, progress, last_year, day = case
    found = judge(case)
    if found.outcome is Outcome.FELL:
        assert ladder.style is not Style.NEVER
        assert held.grace_until < day if held.grace_until else ladder.grace_days == 0
        step = held.rung.rank - found.after.rung.rank
        if ladder.style is Style.ONE_STEP:
            assert step == 1
        else:
            assert found.after.rung.rank == earned(ladder, progress, last_year)
        assert (found.after.since, found.after.grace_until) == (day, None)
    if found.outcome is Outcome.GRACE_STARTED:
        assert found.after.grace_until == day + timedelta(days=ladder.grace_days)


@given(cases())
def test_a_second_review_on_the_same_day_changes_nothing(
    case: tuple[Ladder, Holding, Progress, Progress | None, date],
) -> None:
    ladder, _, progress, last_year, day = case
    once = judge(case).after
    if is_due(ladder, once, day):
        assert judge((ladder, once, progress, last_year, day)).after == once


@given(cases())
def test_a_tier_is_not_judged_before_the_day_that_was_named_is_over(
    case: tuple[Ladder, Holding, Progress, Progress | None, date],
) -> None:
    ladder, held, progress, _, day = case
    named = held_through(ladder, held, progress, day)
    if named and not held.grace_until and held.until == named:
        assert not is_due(ladder, held, day)


@given(ladders(), ladders(), progresses, st.none() | progresses, st.integers(0, 5))
def test_an_edit_leads_to_what_is_earned_or_nowhere(
    before: Ladder, after: Ladder, progress: Progress, last_year: Progress | None, place: int
) -> None:
    best = after.earned([one for one in (progress, last_year) if one])
    to = rung_after_edit(before, after, place * 7, progress, last_year)
    assert to in {None, best}
    held = after.rung(place * 7)
    if to is None:
        assert held is not None
        assert held.rank >= best.rank
    elif held:
        assert to is not held
        assert to.rank > held.rank or after.style is not Style.NEVER


@given(ladders(), progresses, st.none() | progresses, st.integers(1, 5))
def test_without_an_edit_nobody_moves_down(
    ladder: Ladder, progress: Progress, last_year: Progress | None, place: int
) -> None:
    held = ladder.rung(place * 7)
    to = rung_after_edit(ladder, ladder, place * 7, progress, last_year)
    assert held is None or to is None or to.rank > held.rank
