"""What is searched of a reward, and how well it answers a question."""

from collections.abc import Sequence

from rewards.rules.categories import category_of
from rewards.rules.folding import folded

BAR, LINE = "|", "\n"
MOST_DESCRIPTION = 200  # letters of each language's description
FUZZY_FROM = 4  # letters as people count them; shorter words are not guessed


def search_text(*, names: Sequence[str], code: str, category: str, descriptions: Sequence[str]) -> str:
    """The stored text: ``|name|name|brand|``, a line of words for code and category, a line of descriptions; folded."""
    bars = dict.fromkeys(filter(None, map(folded, names)))
    about = f"{folded(code)} {folded(category)} {folded(category_of(category).words)}"
    told = dict.fromkeys(filter(None, (folded(text[:MOST_DESCRIPTION]) for text in descriptions)))
    return LINE.join([BAR + "".join(f"{name}{BAR}" for name in bars), about, " ".join(told)])
