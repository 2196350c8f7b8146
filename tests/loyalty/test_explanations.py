import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone, translation

from campaigns.models import CampaignVersion, Event
from campaigns.rules.evaluate import judge
from campaigns.selectors.declarations import declarations
from campaigns.selectors.explanations import ExplainedLine, FailedLeaf, explained_lines
from campaigns.selectors.names import program_names
from campaigns.selectors.traces import placed_leaves
from loyalty.display.explanations import PRIVATE, Explainer, Sentence
from loyalty.display.fact_words import FACT_NAMES, TYPE_NAMES, fact_name
from loyalty.display.trace_words import GRANTED, KINDS, REASONS, SHORT, Audience
from members.rules.catalogue import DERIVED_EVENT_TYPES, Catalogue, FactType, Kind
from members.rules.conditions import OPS
from tests.campaigns.world import World, campaign, everyday, fixed, rule
from tests.loyalty.portal import LADDER, portal_world

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES]
LEFT = re.compile(r"%\(|\{\w*\}|%s")
SAMPLES: dict[Kind, tuple[Any, Any]] = {  # what is wanted, and what was
    Kind.TEXT: ("app", "web"),
    Kind.INTEGER: (3, 1),
    Kind.AMOUNT: ("50.00", "31.50"),
    Kind.BOOLEAN: (True, False),
    Kind.DATE: ("2026-06-01", "2026-05-01"),
    Kind.CHOICE: ("bill", "shopping"),
    Kind.LIST: ("vip", ["other"]),
}
# What judges an event can answer; the reason of a rule that fired is empty.
KNOWN = {
    "not-live", "other-market", "outside-schedule", "not-in-audience", "held-out", "no-open-offer", "condition",
    "goal-progress", "limit", "outbid", "budget", "not-available",
}  # fmt: skip


@pytest.fixture
def world() -> World:
    return portal_world(everyday(schedule={"weekdays": [6, 7], "hours": [8, 22]}), tiers=LADDER)


@pytest.fixture
def event(world: World) -> Event:
    world.member("ann")
    world.send(world.event("31.50", time=timezone.now().isoformat()), at=timezone.now())
    return Event.objects.select_related("outcome", "member__market").get()


def explainer(world: World, event: Event, audience: Audience) -> Explainer:
    return Explainer(world.program, event.member, program_names(world.program), audience)


def line_of(reason: str, failed: FailedLeaf | None) -> ExplainedLine:
    version = CampaignVersion.objects.select_related("campaign").get()
    return ExplainedLine(version, version.definition["rules"][0], reason, failed, None, None)


def samples(fact: str, kind: FactType) -> tuple[Any, Any]:
    if kind.choices:
        wanted, *others = sorted(kind.choices)
        return (wanted, [*others[:1]]) if kind.kind is Kind.LIST else (wanted, (others or [wanted])[0])
    return (2, 4) if fact in {"event.weekday", "event.hour"} else SAMPLES[kind.kind]


def failures(world: World) -> list[FailedLeaf]:
    """Every fact of the program with every op that its type has, as it is and turned round, with and without value."""
    catalogue = Catalogue(declarations(world.program))
    found = []
    for fact in catalogue.names("payment.completed"):
        kind = catalogue.lookup(fact, "payment.completed")
        assert kind
        wanted, actual = samples(fact, kind)
        for op in sorted(OPS[kind.kind]):
            value = {"in": [wanted], "not_in": [wanted], "between": [wanted, wanted], "exists": True}.get(op, wanted)
            leaf = FailedLeaf("when", fact, op, value, actual, negated=False, others=())
            found += [leaf, replace(leaf, negated=True), replace(leaf, actual=None)]
    return found


def complete(sentence: Sentence | None) -> bool:
    return sentence is not None and bool(sentence.text.strip()) and not LEFT.search(sentence.text + sentence.detail)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_and_op_has_a_sentence_in_every_language(world: World, event: Event, language: str) -> None:
    line = line_of("condition", None)
    with translation.override(language):
        told = explainer(world, event, Audience.SUPPORT)
        for failed in failures(world):
            assert complete(told.sentence(event, {}, replace(line, failed=failed))), failed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", sorted(KNOWN))
def test_every_reason_has_a_sentence_for_support_in_every_language(
    world: World, event: Event, reason: str, language: str
) -> None:
    failed = FailedLeaf("when.all[1]", "event.amount", "gte", "50.00", "31.50", negated=False, others=())
    leaf = failed if reason in {"condition", "not-in-audience"} else None
    with translation.override(language):
        sentence = explainer(world, event, Audience.SUPPORT).sentence(event, {}, line_of(reason, leaf))
    assert complete(sentence)
    assert sentence
    assert sentence.detail.startswith(f"everyday v1 / base · {reason}")


def test_there_is_no_other_reason() -> None:
    assert {frozenset(sentences) for sentences in REASONS.values()} == {frozenset(KNOWN)}
    assert judge.__module__ == "campaigns.rules.evaluate"


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_facts_and_kinds_of_events_have_names_in_every_language(world: World, language: str) -> None:
    english = {fact: str(name) for fact, name in [*FACT_NAMES.items(), *TYPE_NAMES.items()]}
    with translation.override(language):
        other = {fact: str(name) for fact, name in [*FACT_NAMES.items(), *TYPE_NAMES.items()]}
    same = {fact for fact, name in english.items() if other[fact] == name}
    assert same <= {"event.dealer"}  # a dealer is a dealer in Indonesian
    assert set(TYPE_NAMES) == set(DERIVED_EVENT_TYPES)
    assert world.program.pk


def test_every_fact_of_every_program_has_a_name(world: World) -> None:
    names = program_names(world.program)
    catalogue = Catalogue(declarations(world.program))
    plain = {fact for fact in catalogue.names() if fact.count(".") == 1}
    assert plain <= set(FACT_NAMES)
    assert fact_name("member.count.payment.completed", names) == "How often: Payment"
    assert fact_name("member.hours_since_last.member.birthday", names) == "Hours since the last: Birthday"
    assert fact_name("event.data.odometer_km", names) == "Odometer km"


@pytest.mark.parametrize("fact", sorted(PRIVATE))
def test_members_never_hear_of_private_facts(world: World, event: Event, fact: str) -> None:
    failed = FailedLeaf("when", fact, "eq", "x", "y", negated=False, others=())
    told = explainer(world, event, Audience.MEMBER)
    for reason in ("condition", "not-in-audience"):
        assert told.sentence(event, {}, line_of(reason, failed)) is None


@pytest.mark.parametrize("reason", ["held-out", "other-market", "no-open-offer"])
def test_members_do_not_hear_what_does_not_help_them(world: World, event: Event, reason: str) -> None:
    assert explainer(world, event, Audience.MEMBER).sentence(event, {}, line_of(reason, None)) is None


def test_support_reads_codes_values_and_holdouts() -> None:
    large = {"all": [{"fact": "event.currency", "op": "eq", "value": "SGD"},
                     {"fact": "event.amount", "op": "gte", "value": "50.00"}]}  # fmt: skip
    world = portal_world(
        campaign("large", rule("r", fixed(5), when=large)),
        campaign("tested", rule("r", fixed(5)), holdout=100),
    )
    world.member("ann")
    world.send(world.event("31.50", time=timezone.now().isoformat()), at=timezone.now())
    event = Event.objects.select_related("outcome", "member__market").get()
    told = explainer(world, event, Audience.SUPPORT).explain(event, explained_lines([event.pk])[event.pk])
    assert [(one.text.replace("\N{NO-BREAK SPACE}", " "), one.detail) for one in told] == [
        (
            "large: Amount: SGD 31.50. It takes at least SGD 50.00.",
            "large v1 / r · condition · when.all[1] · event.amount gte '50.00' · '31.50'",
        ),
        (
            "tested: the member is held out, to measure what the campaign changes",
            "tested v1 / r · held-out · 0 / 5",
        ),
    ]


def test_the_trace_of_a_tree_knows_what_must_not_hold_and_what_else_would_do() -> None:
    one, two, three = ({"fact": f"event.data.{name}", "op": "eq", "value": 1} for name in "abc")
    tree = {"all": [{"any": [one, two]}, {"not": three}]}
    assert list(placed_leaves(tree, "when")) == [
        ("when.all[0].any[0]", one, False, [one, two]),
        ("when.all[0].any[1]", two, False, [one, two]),
        ("when.all[1].not", three, True, ()),
    ]


# -- every reason and every kind of effect, for everybody ----------------------------------------

SHOWN = {"campaign": "Fuel days", "schedule": "only on Mondays", "condition": "It takes more."}
SECRET = re.compile(r"held|holdout|hash|ghost|segment|audience|group|score|rating|risk", re.IGNORECASE)
EFFECTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # as a rule has it, and as an outcome tells it
    "points": ({"points": {"fixed": 5}}, {"amount": 5}),
    "status_points": ({"points": {"fixed": 5, "status": True}}, {"amount": 5}),
    "multiply": ({"multiply": {"by": "2"}}, {"amount": 5}),
    "cashback": ({"cashback": {"fixed": {"SGD": "5.00"}}}, {"amount": "5.00", "currency": "SGD"}),
    "reward": ({"reward": "coffee-5"}, {"reward": "coffee-5"}),
    "badge": ({"badge": "first-bill"}, {"badge": "first-bill"}),
    "tier": ({"tier": {"to": "gold", "days": 90}}, {"tier": "gold"}),
    "entry": ({"entry": {"board": "festive", "score": "count"}}, {"board": "festive"}),
    "message": ({"message": "welcome"}, {"message": "welcome"}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", list(Audience))
def test_every_reason_has_a_sentence_for_everybody_in_every_language(audience: Audience, language: str) -> None:
    with translation.override(language):
        told = {reason: str(sentence % SHOWN) for reason, sentence in REASONS[audience].items()}
    assert set(told) == KNOWN
    assert all(
        "Fuel days" in text and len(text) > len("Fuel days: ") and not LEFT.search(text) for text in told.values()
    )


def test_members_read_nothing_of_holdouts_groups_and_ratings() -> None:
    told = {reason: str(sentence % SHOWN) for reason, sentence in REASONS[Audience.MEMBER].items()}
    assert {reason for reason, text in told.items() if SECRET.search(text)} == set()
    hidden = {told[reason] for reason in ("held-out", "not-in-audience", "no-open-offer", "other-market")}
    assert len(hidden) == 1  # one of them cannot be told from another


def test_support_and_auditors_read_what_happened() -> None:
    for audience in (Audience.SUPPORT, Audience.AUDITOR):
        told = {str(sentence) for sentence in REASONS[audience].values()}
        assert len(told) == len(KNOWN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("kind", sorted(EFFECTS))
def test_every_kind_of_effect_has_a_sentence_for_everybody_in_every_language(
    world: World, event: Event, kind: str, audience: Audience, language: str
) -> None:
    written, told = EFFECTS[kind]
    line = line_of("", None)
    line = replace(line, rule={**line.rule, "then": [written]})
    effect = {"kind": kind, "campaign": "everyday", "rule": "base", **told}
    with translation.override(language):
        sentence = explainer(world, event, audience).sentence(event, {"effects": [effect]}, line)
    assert complete(sentence)
    assert sentence
    assert sentence.text != "everyday"


@pytest.mark.parametrize("kind", sorted(EFFECTS))
def test_what_was_refused_beside_what_was_given_is_told_to_everybody(world: World, event: Event, kind: str) -> None:
    """Messages are not sent yet, which members need not hear."""
    line = line_of("", None)
    mine = {"campaign": "everyday", "rule": "base"}
    for reason in SHORT:
        answer = {
            "effects": [{"kind": "points", "amount": 5, "desired": 5, **mine}],
            "refused": [{"kind": kind, "reason": reason, **mine}],
        }
        texts = {a: explainer(world, event, a).sentence(event, answer, line) for a in Audience}
        assert all(sentence is not None for sentence in texts.values())
        shown = {a for a, sentence in texts.items() if sentence and "Not given: " in sentence.text}
        assert shown == set(Audience) - ({Audience.MEMBER} if kind == "message" else set())


def test_the_kinds_are_those_of_outcomes() -> None:
    assert set(GRANTED) == set(KINDS) == set(EFFECTS)
