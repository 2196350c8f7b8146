"""Building a store: schema, program, a year of history; and moving its windows to today."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain
from zlib import crc32

from django.core.management import call_command
from django.db import connection

from campaigns.models import CampaignVersion
from campaigns.services.configuration import current_configuration
from campaigns.services.purses import open_purses
from core.models import Program
from ledger.models import Book
from loyalty.operations.bench import history
from loyalty.operations.bench.indexes import without_indexes
from loyalty.operations.bench.stores import PROGRAM_FILE, Store, create, inside, is_current, stamp
from loyalty.operations.program_file.loading import load_program

TABLES = (
    "members_member", "members_memberidentity", "members_segmentmember", "members_memberday",
    "members_membertypecount", "members_memberfacts", "campaigns_event", "campaigns_outcome", "campaigns_trace",
    "campaigns_progress", "campaigns_offer", "campaigns_exposure", "ledger_account", "ledger_journal",
    "ledger_transfer", "ledger_lot",
)  # fmt: skip
FIRST = 1000  # accounts, journals and transfers of the history have larger ids than those of the program

type Told = Callable[[str], None]


def ensure(store: Store, *, at: datetime, told: Told) -> None:
    """Have the store built and its windows end today; ``told`` hears what is being done."""

    def say(what: str) -> None:
        told(f"building {store.name}: {what}")

    if not is_current(store):
        create(store)
        with inside(store):
            say("schema and program")
            call_command("migrate", verbosity=0)
            number_apart(store)
            load_program(raw=PROGRAM_FILE.read_bytes(), at=at, why="bench")
            build(store, at=at, told=say)
    with inside(store):
        roll(at=at, told=say)


def number_apart(store: Store) -> None:
    """Programs and versions of a store have ids like in no other: processes remember by them what they have read."""
    first = 10**6 + crc32(store.name.encode()) % 10**6
    with connection.cursor() as cursor:
        for model in (Program, CampaignVersion):
            sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, %s)", [first])


def build(store: Store, *, at: datetime, told: Told) -> None:
    """Write the history and the stamp."""
    program = Program.objects.get()
    parameters: dict[str, int | list[int] | datetime] = {
        **names(program),
        "members": store.members,
        "events": store.events,
        "first": FIRST,
        "since": at - timedelta(days=365),
    }
    with connection.cursor() as cursor:
        for setting in ("work_mem = '256MB'", "maintenance_work_mem = '512MB'", "synchronous_commit = off"):
            cursor.execute(f"SET {setting}")
        with without_indexes(list(TABLES)):
            for name, sql in history.STEPS.items():
                told(name)
                cursor.execute(sql, parameters)
            told("indexes")
        for table in history.SEQUENCES:
            cursor.execute(history.SET_SEQUENCE.format(table))
        told("statistics")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CREATE TABLE bench_stamp (stamp text NOT NULL, rolled_on date)")
        cursor.execute("INSERT INTO bench_stamp (stamp) VALUES (%s)", [stamp(store)])


def names(program: Program) -> dict[str, int | list[int]]:
    """Ids of what the history refers to."""
    types = dict(program.event_types.values_list("code", "id"))
    markets = dict(program.markets.values_list("code", "id"))
    outlets = dict(program.outlets.values_list("code", "id"))
    purses = open_purses(program)
    version = CampaignVersion.objects.get(campaign__code="payments")
    in_force = current_configuration(program.pk).program.rules.values()
    rules = {campaign.code: campaign for campaign, _ in chain(*in_force)}
    (streak,) = [rule.goal.goal_id for rule in rules["bill-streak"].rules if rule.goal]
    return {
        "program": program.pk,
        "sg": markets["SG"],
        "id": markets["ID"],
        "payment": types["payment.completed"],
        "topup": types["wallet.topped_up"],
        "bill": types["bill.paid"],
        "visit": types["service.visited"],
        "sg_outlet": outlets["SG-1"],
        "id_outlet": outlets["ID-1"],
        "segment": program.segments.get(code="invited").pk,
        "version": version.pk,
        "book": Book.objects.get(program=program, unit="points").pk,
        "payer": purses.payers["program", "points"],
        "streak": streak,
        "offer": rules["top-up-offer"].campaign_id,
        "holdouts": [one.campaign_id for one in rules.values() if one.holdout and not one.offer],
    }


def roll(*, at: datetime, told: Told) -> None:
    """Let all windows end today, as the nightly roll does; once a day."""
    tiers = dict(Program.objects.get().tiers.values_list("code", "id"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolled_on = %s::date FROM bench_stamp", [at])
        if cursor.fetchone() == (True,):
            return
        told("facts of today")
        for sql in (history.FORGET_FACTS, history.FACTS, history.TIERS, history.OFFERS):
            cursor.execute(sql, {"at": at, **tiers})
        cursor.execute("UPDATE bench_stamp SET rolled_on = %s::date", [at])
        cursor.execute("VACUUM ANALYZE members_memberfacts, members_member")
