"""What is searched of a reward, and how well it answers a question."""

from collections.abc import Mapping, Sequence

from rewards.rules.categories import category_of
from rewards.rules.folding import folded

FILLERS_OF = {  # words that say nothing of what is looked for
    "en": "a an and the of for in on at to with from by or my me i",
    "id ms": "dan atau di ke dari untuk yang dengan pada",
    "vi": "và hoặc ở tại của với cho",
    "th": "ที่ และ หรือ ของ ใน กับ สำหรับ",
    "ar": "في من على إلى مع أو عن",
}
FILLERS = frozenset(folded(word) for words in FILLERS_OF.values() for word in words.split())
BAR, LINE = "|", "\n"
MOST_DESCRIPTION = 200  # letters of each language's description
FUZZY_FROM = 4  # letters as people count them; shorter words are not guessed


def telling(asked: Mapping[str, int]) -> dict[str, int]:
    """Words of a question without those that say nothing, unless there are no others.

    Only for where nothing is found with them: without accents ``cua`` is of, and a crab.
    """
    return {word: count for word, count in asked.items() if word not in FILLERS} or dict(asked)


def search_text(*, names: Sequence[str], code: str, category: str, descriptions: Sequence[str]) -> str:
    """The stored text: ``|name|name|brand|``, a line of words for code and category, a line of descriptions; folded."""
    bars = dict.fromkeys(filter(None, map(folded, names)))
    about = f"{folded(code)} {folded(category)} {folded(category_of(category).words)}"
    told = dict.fromkeys(filter(None, (folded(text[:MOST_DESCRIPTION]) for text in descriptions)))
    return LINE.join([BAR + "".join(f"{name}{BAR}" for name in bars), about, " ".join(told)])
