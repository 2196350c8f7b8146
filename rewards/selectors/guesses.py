"""What words may mean that are nowhere on the shelves: the nearest words that are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from rewards.rules.searching import FUZZY_FROM

NEAR = 0.8  # of the likeness of the nearest word; ``settings`` says how alike any must be
SWAPPED = 0.9  # how alike a word is of which two letters have changed places
TRIED, KEPT = 16, 8  # words most alike that are looked for on the shelves, and of those there at most
HERE = "program_id = %(program)s AND points IS NOT NULL AND (%(market)s::text IS NULL OR market = %(market)s)"
GUESSES = f"""
    WITH asked AS (
        SELECT n, word, letters, EXISTS (
                   SELECT FROM rewards_word w WHERE w.program_id = %(program)s AND strpos(w.word, a.word) > 0
               ) AND EXISTS (
                   SELECT FROM rewards_shelf WHERE {HERE} AND strpos(search, a.word) > 0
               ) AS known
          FROM unnest(%(asked)s::text[], %(letters)s::int[]) WITH ORDINALITY AS a(word, letters, n)
    ), alike AS (
        SELECT a.n, k.* FROM asked a CROSS JOIN LATERAL (
            SELECT w.word, word_similarity(a.word, w.word) AS likeness, similarity(a.word, w.word) AS whole
              FROM rewards_word w WHERE w.program_id = %(program)s AND a.word <%% w.word
             ORDER BY likeness DESC, whole DESC, w.word LIMIT {TRIED:d}
        ) k WHERE NOT a.known AND a.letters >= {FUZZY_FROM:d}
         UNION ALL
        SELECT a.n, w.word, {SWAPPED}, {SWAPPED}
          FROM asked a
          JOIN unnest(%(of)s::text[], %(swapped)s::text[]) AS s(word, turned) ON s.word = a.word
          JOIN rewards_word w ON w.program_id = %(program)s AND w.word = s.turned
         WHERE NOT a.known AND a.letters >= {FUZZY_FROM:d}
    )
    SELECT n, word, 1.0 AS likeness, 1.0 AS whole FROM asked WHERE known
     UNION ALL
    SELECT n, word, least(max(likeness), 0.99), max(whole) FROM alike
     WHERE EXISTS (SELECT FROM rewards_shelf WHERE {HERE} AND strpos(search, alike.word) > 0)
     GROUP BY n, word
     ORDER BY n, likeness DESC, whole DESC, word
"""


@dataclass(frozen=True, slots=True)
class Guess:
    """A word that may be meant. ``cost``: hundredths by which it is not the word as typed; 0 = it is."""

    word: str
    cost: int


def guess(
    *, program_id: int, market: str | None, asked: Mapping[str, int], swapped: Mapping[str, Sequence[str]]
) -> list[list[Guess]]:
    """What each word may mean in a market (None: in any), nearest first; words that are there mean themselves.

    ``asked``: folded words, with how many letters each has; ``swapped``: what each is with two letters exchanged, which
    trigrams of short words hardly see. Empty where a word means nothing, and where all are there:
    then there is nothing to guess. One statement.
    """
    with connection.cursor() as cursor:
        words, counts = list(asked), list(asked.values())
        turned = [(word, turn) for word in words for turn in swapped.get(word, ())]
        of, turns = [word for word, _ in turned], [turn for _, turn in turned]
        parameters = {"program": program_id, "market": market, "asked": words, "letters": counts}
        cursor.execute(GUESSES, {**parameters, "of": of, "swapped": turns})
        rows = cursor.fetchall()
    meant = [
        _nearest([(word, alike) for place, word, alike, _ in rows if place == n]) for n in range(1, len(asked) + 1)
    ]
    return meant if all(meant) and any(guesses[0].cost for guesses in meant) else []


def _nearest(found: Sequence[tuple[str, float]]) -> list[Guess]:
    """Those that are nearly as alike as the most alike one."""
    near = [(word, alike) for word, alike in found if alike >= NEAR * found[0][1]]
    return [Guess(word, round(100 * (1 - alike))) for word, alike in near[:KEPT]]
