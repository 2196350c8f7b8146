"""Bringing a program to what a file says: judge, compare, plan, apply."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pghistory
from django.db import connection, transaction

from campaigns.models import Campaign
from campaigns.services.budget_alerts import watch_budgets
from campaigns.services.budgets import fill_budgets
from campaigns.services.festivals import settle_festivals
from campaigns.services.life import record_load, states_of
from core.models import Job, Program
from core.refusals import Refusal
from core.services import jobs
from core.tasks import run_job
from dealers.services.budgets import plan_budgets, shortfall_text
from loyalty.operations.program_file.checking import Checked, Document, check, check_document
from loyalty.operations.program_file.planning import Changes, Plan, compare, entry, summary
from loyalty.operations.program_file.reading import Fault
from loyalty.operations.program_file.sections import SECTIONS, Writing
from loyalty.operations.program_file.sections.budgets import allocations
from loyalty.operations.program_file.sections.program import program_columns
from loyalty.operations.program_file.sections.rewards import reward_columns
from members.rules.tiers import Ladder
from members.selectors.tiers import read_ladder
from members.services.ladder import plan_ladder, queue_ladder
from rewards.models import RedemptionPolicy
from rewards.selectors.issued import bound_rewards, valued_rewards

DRAFT = Campaign.State.DRAFT
MOVED_AT_ONCE = 10_000  # members; more are moved by a worker


@dataclass(frozen=True, slots=True)
class Who:
    """Who loads a file, and why: a user's id, or who ran the command."""

    by: int | None
    operator: str
    why: str


type Entries = dict[str, dict[str, Any]]


def load_program(
    *, raw: bytes, at: datetime, why: str, by: int | None = None, operator: str = "", plan_only: bool = False
) -> Plan:
    """Make a program what a file says, in one transaction, or say everything that is wrong with the file.

    ``raw``: the file. ``why``, ``by`` (a user's id) and ``operator`` (who ran a command) go to the history of every
    row. With ``plan_only`` nothing changes. Loading the same file again changes nothing. Where the ladder changes, its
    members are moved by a job right after: at once, unless they are many.
    """
    checked = check(raw)
    if checked.faults:
        return Plan(errors=checked.faults)
    try:
        with transaction.atomic(), pghistory.context(user=by, operator=operator, why=why):
            plan, job = _load(checked, at, Who(by, operator, why), plan_only=plan_only)
    except Refusal as refusal:
        return Plan(errors=tuple(_faults(refusal, checked)))
    if job and plan.moves.total() <= MOVED_AT_ONCE:
        jobs.run(job_id=job.pk)
    return plan


def read_program(program: Program) -> Document:
    """The canonical document of a program, as the database has it."""
    document = {section.name: section.read(program) for section in SECTIONS}
    review, ladder = document.pop("tier_review"), document.pop("tiers")
    return check_document({**document, "tiers": {**review, "ladder": ladder} if review else None}).document


def _load(checked: Checked, at: datetime, who: Who, *, plan_only: bool) -> tuple[Plan, Job | None]:
    code = checked.document["program"]["code"]
    one_at_a_time(code)
    program = Program.objects.filter(code=code).first()
    now = _entries(read_program(program) if program else {})
    wanted = _keep_launched(_entries(checked.document), now)
    changes = {section.name: compare(now[section.name], wanted[section.name]) for section in SECTIONS}
    if program is not None and (faults := tuple(_impossible(program, now, wanted, checked))):
        return Plan(errors=faults), None
    before = read_ladder(program) if program else None
    program = program or _new_program(checked.document)
    states = states_of(program)
    _apply(program, changes, wanted, at)
    RedemptionPolicy.objects.get_or_create(program=program)  # no file says it, the back office edits it
    record_load(program=program, before=states, by=who.by, operator=who.operator, because=who.why, at=at)
    plan = summary([(section.name, changes[section.name]) for section in SECTIONS])
    job = None
    if before is not None:
        plan, job = _move_members(program, before, at, plan)
    transaction.set_rollback(plan_only)  # a plan is a load that is taken back: what would fail, fails here
    return plan, job if not plan_only else None


def _move_members(program: Program, before: Ladder, at: datetime, plan: Plan) -> tuple[Plan, Job | None]:
    """Count who moves because the ladder changed, and queue it. Few are moved at once, many wait for a worker."""
    program.refresh_from_db()
    moves = plan_ladder(program=program, before=before, after=read_ladder(program), at=at)
    if not moves:
        return plan, None
    wake = run_job.delay if moves.total() > MOVED_AT_ONCE else _later
    return replace(plan, moves=moves), queue_ladder(program=program, before=before, at=at, wake=wake)


def _later(_job_id: int) -> None:
    """Nobody is woken: whoever loads does the job, and the clock does if they die."""


def one_at_a_time(code: str) -> None:
    """Two loads of one program wait for each other, also the first two; so does a step in a campaign's life."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('program load'), hashtext(%s))", [code])


def _entries(document: Document) -> Entries:
    return {section.name: section.entries(document) for section in SECTIONS}


def _keep_launched(wanted: Entries, now: Entries) -> Entries:
    """A file that calls a campaign a draft does not launch it; what people have launched meanwhile stays so."""
    campaigns = dict(wanted["campaigns"])
    for code, item in campaigns.items():
        state = now["campaigns"].get(code, {}).get("state", DRAFT)
        if item.get("state", DRAFT) == DRAFT != state:
            campaigns[code] = {**item, "state": state}
    return {**wanted, "campaigns": campaigns}


def _new_program(document: Document) -> Program:
    item = document["program"]
    return Program.objects.create(code=item["code"], **program_columns(item))


def _apply(program: Program, changes: Mapping[str, Changes], wanted: Entries, at: datetime) -> None:
    watch_budgets(program=program, at=at)  # before they are filled up, or what is left of them goes back
    to = Writing(program, wanted, at)
    if _end_campaigns(program, changes["campaigns"]):
        fill_budgets(program=program, at=at)  # what is left goes back before budgets change
    for section in SECTIONS:
        section.apply(to, changes[section.name])
    if any(changed.written or changed.retire for changed in changes.values()):
        fill_budgets(program=program, at=at)
        settle_festivals(program=program, at=at)


def _end_campaigns(program: Program, changed: Changes) -> int:
    """End the campaigns that the file ends or does not name any more."""
    over = [code for code, item in changed.change.items() if item.get("state") == Campaign.State.ENDED]
    rows = Campaign.objects.filter(program=program, code__in=[*over, *changed.retire])
    return rows.update(state=Campaign.State.ENDED)


def _impossible(program: Program, now: Entries, wanted: Entries, checked: Checked) -> Iterator[Fault]:
    """What the file asks for and the program's past does not allow."""
    yield from _bound(program, wanted["rewards"], checked)
    before, after = (entries["program"][program.code] for entries in (now, wanted))
    if before["currency"] != after["currency"]:
        yield _fault(
            checked, "program.currency", f"the base currency of a program stays what it is: {before['currency']}"
        )
    roots = [next((c for c, b in entries["budgets"].items() if "parent" not in b), None) for entries in (now, wanted)]
    if None not in roots and roots[0] != roots[1]:
        yield _fault(checked, f"budgets/{roots[1]}", f"the root of the budgets stays what it is: {roots[0]}")
        return
    for lack in plan_budgets(program=program, wanted=allocations(wanted["budgets"]))[1]:
        yield _fault(checked, entry("budgets", lack.budget), shortfall_text(lack))


def _bound(program: Program, rewards: Mapping[str, dict[str, Any]], checked: Checked) -> Iterator[Fault]:
    """Rewards that people have already, and that would become something else in their hands."""
    columns = {code: reward_columns(item) for code, item in rewards.items()}
    wanted = {code: (row["kind"], str(row["stock"])) for code, row in columns.items()}
    for code, (kind, stock) in bound_rewards(program_id=program.pk, wanted=wanted).items():
        yield _fault(
            checked,
            entry("rewards", code),
            f"members have this reward already: its kind stays {kind} and its stock {stock}; make another reward",
        )
    for code in valued_rewards(
        program_id=program.pk, without=[c for c, row in columns.items() if not row["denominations"]]
    ):
        yield _fault(
            checked,
            entry("rewards", code),
            "codes in stock have values: it keeps denominations, of these values or others; make another reward",
        )


def _fault(checked: Checked, name: str, message: str) -> Fault:
    """A fault at an entry (``section/code``) or a path."""
    section, _, code = name.partition("/")
    path = checked.defined.get(section, {}).get(code, section).removesuffix(".code")
    return Fault(checked.source.line(path), path, message)


def _faults(refusal: Refusal, checked: Checked) -> Iterator[Fault]:
    for error in refusal.errors:
        yield _fault(checked, error.pointer.strip("/"), str(error.detail))
    if not refusal.errors:
        yield Fault(1, "", str(refusal.detail))
