"""Searching and counting the catalogue: two statements over narrow rows, whatever is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from itertools import accumulate
from typing import Any

from django.db import connection

from rewards.rules.folding import folded, letters, swapped
from rewards.rules.searching import telling
from rewards.selectors.guesses import Guess, guess

BANDS = (500, 1_000, 2_500, 5_000, 10_000, 25_000)  # points; what costs more than the last is in a band of its own
BRANDS = 20  # most of the facet
WORST = 400  # rank of what answers a question least
INDEXED = 3  # letters from which on there are trigrams to look up; shorter texts are sought row by row


class Sort(StrEnum):
    """Orders of a list."""

    RELEVANCE = "relevance"
    SUGGESTED = "suggested"
    CHEAPEST = "points"
    DEAREST = "-points"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for in a program: in one market (None: in any), among categories, brands and kinds (none: all).

    ``most``: points at most; ``purse``: what somebody has, which counts as affordable; with ``affordable`` nothing else
    is found.
    """

    program_id: int
    market: str | None = None
    text: str = ""
    categories: Sequence[str] = ()
    brands: Sequence[str] = ()
    kinds: Sequence[str] = ()
    most: int | None = None
    purse: int | None = None
    affordable: bool = False
    sort: Sort | None = None

    @property
    def order(self) -> Sort:
        """The order asked for; else what answers best, or a mixture (for a purse: first what it pays for)."""
        return self.sort or (Sort.RELEVANCE if folded(self.text) else Sort.SUGGESTED)


class Way(IntEnum):
    """How the words of a text were taken: as typed, as guessed, or less those that say nothing."""

    TYPED, GUESSED, TELLING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Place:
    """A reward on a page: its price there, and where the page could go on after it.

    ``key``: how its words were taken, then what the order goes by.
    """

    reward_id: int
    market: str
    points: int
    key: Sequence[int]


@dataclass(frozen=True, slots=True)
class Facets:
    """How many would be found by each choice, all other choices staying as they are; most first.

    ``points``: by upper end of a band, None = more than the last.
    """

    total: int
    category: Mapping[str, int]
    brand: Mapping[str, int]
    kind: Mapping[str, int]
    points: Mapping[int | None, int]
    affordable: int | None
    market: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """A question with what its text means: which words are guessed, or left out, is settled by what is there."""

    question: Question
    parameters: Mapping[str, Any]
    match: str
    rank: str
    way: Way = Way.TYPED


def look(question: Question, *, limit: int, after: Sequence[int] | None = None) -> tuple[Search, list[Place]]:
    """The places after a key (None: from the start), at most ``limit``; one statement, four where words are guessed.

    Where nothing is found as typed, words that say nothing are left out, and then the others are guessed; later pages
    go on as the first began. A key that is none of this order begins anew.
    """
    asked = letters(question.text)
    place = after if after and len(after) == 1 + len(_keys(question)[0]) else None
    telling_ones = telling(asked)
    tries = {Way.TYPED: asked} | ({Way.TELLING: telling_ones} if telling_ones != asked else {})
    for way, words in tries.items():
        search = _search(question, list(words), way)
        if place and place[0] != way:
            continue
        found = find(search, limit=limit, after=place)
        if found or place or not asked:
            return search, found
    meant = guess(
        program_id=question.program_id,
        market=question.market,
        asked=telling_ones,
        swapped=swapped(question.text),
    )
    if not meant:
        return search, []
    search = _guessed(search, meant)
    return search, find(search, limit=limit, after=place)


def _search(question: Question, asked: Sequence[str], way: Way) -> Search:
    whole = folded(question.text)
    if way is Way.TELLING:
        whole = " ".join(word for word in whole.split() if word in asked)
    parameters: dict[str, Any] = {
        "program": question.program_id, "market": question.market, "categories": list(question.categories),
        "brands": list(question.brands), "kinds": list(question.kinds), "most": question.most,
        "purse": question.purse, "whole": whole,
    }  # fmt: skip
    parameters |= _numbered("w", asked) | _numbered("like", [f"%{word}%" for word in asked])
    like = [
        f"search LIKE %(like{n})s" if len(word) >= INDEXED else f"strpos(search, %(w{n})s) > 0"
        for n, word in enumerate(asked)
    ]
    every = "false" if question.text.strip() else "true"  # nothing is called by signs alone
    return Search(
        question, parameters, " AND ".join(like or [every]), _rank([[f"%(w{n})s"] for n in range(len(like))]), way
    )


def _rank(asked: Sequence[Sequence[str]]) -> str:
    """The smaller the better: a whole name, its beginning, beginnings of words, inside of names, anywhere.

    ``asked``: for each word the parameters of what it may be.
    """
    if not asked:
        return "0"
    starts = [
        " OR ".join(f"search LIKE '%%|' || {word} || '%%' OR {_named(f"' ' || {word}")}" for word in words)
        for words in asked
    ]
    inside = [" OR ".join(map(_named, words)) for words in asked]
    starts, inside = ([f"({one})" for one in several] for several in (starts, inside))
    return f"""CASE WHEN search LIKE '%%|' || %(whole)s || '|%%' THEN 0
        WHEN search LIKE '%%|' || %(whole)s || '%%' THEN 100
        WHEN {" AND ".join(starts)} THEN 200 WHEN {" AND ".join(inside)} THEN 300 ELSE {WORST} END"""


def _named(text: str) -> str:
    """Whether a text is in the first line, that of names; bars are nowhere else."""
    return f"strpos(search, {text}) BETWEEN 1 AND strpos(search, E'\\n')"


def _guessed(search: Search, meant: Sequence[Sequence[Guess]]) -> Search:
    """The same search for the words that are meant: what is most like those typed comes first."""
    parameters, matches, costs, words = dict(search.parameters), [], [], []
    for number, guesses in enumerate(meant):
        hits, plain = ([f"%({name}{number}_{n})s" for n in range(len(guesses))] for name in "gp")
        parameters |= _numbered(f"g{number}_", [f"%{one.word}%" for one in guesses])
        parameters |= _numbered(f"p{number}_", [one.word for one in guesses])
        matches.append("(" + " OR ".join(f"search LIKE {hit}" for hit in hits) + ")")
        words.append(plain)
        each = zip(hits, guesses, strict=True)
        costs.append("CASE " + " ".join(f"WHEN search LIKE {hit} THEN {one.cost:d}" for hit, one in each) + " END")
    parameters["whole"] = _instead(parameters["whole"], search, meant)
    rank = f"{WORST + 1} * ({' + '.join(costs)}) + {_rank(words)}"
    return Search(search.question, parameters, " AND ".join(matches), rank, Way.GUESSED)


def _instead(whole: str, search: Search, meant: Sequence[Sequence[Guess]]) -> str:
    """What was typed, with the nearest word in the place of each."""
    nearest = {search.parameters[f"w{number}"]: guesses[0].word for number, guesses in enumerate(meant)}
    return " ".join(nearest.get(word, word) for word in whole.split())


HERE = "program_id = %(program)s AND points IS NOT NULL"
CHOICES = {
    "category": "(%(categories)s::text[] = '{}' OR category = ANY(%(categories)s))",
    "brand": "(%(brands)s::text[] = '{}' OR brand = ANY(%(brands)s))",
    "kind": "(%(kinds)s::text[] = '{}' OR kind = ANY(%(kinds)s))",
    "points": "(%(most)s::bigint IS NULL OR points <= %(most)s)",
    "affordable": "points <= %(purse)s",
}
KEYS = {
    Sort.RELEVANCE: (("{rank}", "spread", "reward_id"), "asc"),
    Sort.SUGGESTED: (("spread", "reward_id"), "asc"),
    Sort.CHEAPEST: (("points", "reward_id"), "asc"),
    Sort.DEAREST: (("points", "reward_id"), "desc"),
    Sort.NEWEST: (("reward_id",), "desc"),
}


SUITS = (  # what the purse pays for as a mixture, then what it comes nearest to
    (
        "CASE WHEN points <= %(purse)s THEN 0 ELSE 1 END",
        "CASE WHEN points <= %(purse)s THEN spread ELSE points END",
        "reward_id",
    ),
    "asc",
)


def _keys(question: Question) -> tuple[Sequence[str], str]:
    """What the order goes by, and its direction."""
    suits = question.order is Sort.SUGGESTED and question.purse is not None
    return SUITS if suits else KEYS[question.order]


def _market(question: Question) -> str:
    return "first" if question.market is None else "market = %(market)s"


def _chosen(question: Question, *, but: str = "") -> str:
    given = {
        "category": question.categories,
        "brand": question.brands,
        "kind": question.kinds,
        "points": question.most is not None,
        "affordable": question.affordable,
    }
    return " AND ".join(CHOICES[name] for name, is_given in given.items() if is_given and name != but) or "true"


def find(search: Search, *, limit: int, after: Sequence[int] | None = None) -> list[Place]:
    """The places of a search; one statement."""
    question = search.question
    names, direction = _keys(question)
    keys = [name.format(rank=search.rank) for name in names]
    columns = ", ".join(f"k{number}" for number in range(len(keys)))
    computed = ", ".join(f"{key} AS k{number}" for number, key in enumerate(keys))
    sign = ">" if direction == "asc" else "<"
    beyond = f"WHERE ({columns}) {sign} ({', '.join(f'%(a{n})s' for n in range(len(keys)))})" if after else ""
    sql = f"""
        SELECT reward_id, market, points, {columns} FROM (
            SELECT reward_id, market, points, {computed} FROM rewards_shelf
             WHERE {HERE} AND {_market(question)} AND {search.match} AND {_chosen(question)}
        ) s {beyond} ORDER BY {", ".join(f"k{number} {direction}" for number in range(len(keys)))} LIMIT {limit:d}"""
    rows = _rows(sql, search, _numbered("a", after[1:] if after else ()))
    return [Place(row[0], row[1], row[2], (search.way.value, *row[3:])) for row in rows]


def count(search: Search, *, markets: bool = False) -> Facets:
    """The facets of a question; one statement, with ``markets`` another one."""
    question = search.question
    of = {name: f"count(*) FILTER (WHERE {_chosen(question, but=name)})" for name in CHOICES}
    purse = CHOICES["affordable"] if question.purse is not None else "false"
    sql = f"""
        SELECT grouping(category, brand, kind, band), category, brand, kind, band, {of["category"]}, {of["brand"]},
               {of["kind"]}, {of["points"]}, count(*) FILTER (WHERE {_chosen(question)}),
               count(*) FILTER (WHERE {_chosen(question, but="affordable")} AND {purse})
          FROM (SELECT category, brand, kind, points, width_bucket(points, %(bands)s::bigint[]) AS band
                  FROM rewards_shelf WHERE {HERE} AND {_market(question)} AND {search.match}) s
         GROUP BY GROUPING SETS ((category), (brand), (kind), (band), ())"""
    rows = _rows(sql, search, {"bands": [band + 1 for band in BANDS]})
    names = {0b0111: 1, 0b1011: 2, 0b1101: 3, 0b1110: 4}
    found: dict[int, dict[Any, int]] = {column: {} for column in names.values()}
    total = affordable = 0
    for row in rows:
        if (column := names.get(row[0])) is None:
            total, affordable = row[9], row[10]
        elif row[column + 4]:
            found[column][row[column]] = row[column + 4]
    return Facets(
        total=total,
        category=_most_first(found[1]),
        brand=_most_first(found[2], keep=question.brands),
        kind=_most_first(found[3]),
        points=_up_to(found[4]),
        affordable=affordable if question.purse is not None else None,
        market=_markets(search) if markets else {},
    )


def _up_to(counts: Mapping[int, int]) -> dict[int | None, int]:
    """By the most points of each band that holds something (None: any number): so many cost that or less."""
    bands = sorted(counts)
    limits = (BANDS[band] if band < len(BANDS) else None for band in bands)
    return dict(zip(limits, accumulate(counts[band] for band in bands), strict=True))


def _most_first(counts: Mapping[str, int], keep: Sequence[str] | None = None) -> dict[str, int]:
    """By number, then by name; of brands only the most common ones and those chosen."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if keep is None:
        return dict(ordered)
    return dict([*ordered[:BRANDS], *(pair for pair in ordered[BRANDS:] if pair[0] in keep)])


def _markets(search: Search) -> dict[str, int]:
    sql = f"""
        SELECT market, count(*) FROM rewards_shelf WHERE {HERE} AND {search.match} AND {_chosen(search.question)}
         GROUP BY market"""
    return _most_first(dict(_rows(sql, search)))


def _numbered(name: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{name}{number}": value for number, value in enumerate(values)}


def _rows(sql: str, search: Search, more: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**search.parameters, **(more or {})})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
