"""Texts as search compares them: the same for everybody who types, in six languages, and in any PostgreSQL.

Case and accents go. Of Thai, tone marks and the silencer go, as they are often left out; vowels stay, since words
differ by them, but the two ai that sound alike are one, and two e side by side are the ae that they look like. Of
Arabic, vowel signs and the stretching bar go; the forms of alef and hamza, ta marbuta and alef maqsura are written as
one, and the article goes. Thai and Arabic letters are then written in Latin ones and digits, a letter and a digit each:
trigrams of letters outside ASCII depend on the locale that a database was made with, and in the C locale there are
none.
"""

import re
import unicodedata
from functools import lru_cache

LETTERS = str.maketrans(
    {
        "'": "", "’": "", "đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ء": "", "ـ": "",
        "ک": "ك", "گ": "ك", "ی": "ي", "ھ": "ه",
        "่": "", "้": "", "๊": "", "๋": "", "์": "", "ใ": "ไ",
    }
)  # fmt: skip
ARTICLE = re.compile(r"\b(?:وال|بال|لل|ال)(?=[ء-ي]{3,})")
SILENT = {"Mn", "Me", "Cf"}
THAI, THAI_SIGNS = range(0x0E01, 0x0E5C), "ัิีึืฺุู็ํ๎"
ARABIC = range(0x0621, 0x066A)
OF_THAI, OF_ARABIC = "ghijklmnop", "qrstuvwx"


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A text in small letters without accents and signs, words apart by one space: ``Cà Phê–Đá`` is ``ca phe da``."""
    small = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS)).casefold()  # № holds a capital
    kept = (_kept(sign) for sign in small)
    plain = " ".join("".join(kept).translate(LETTERS).split())
    return ARTICLE.sub("", plain).replace("เเ", "แ")


def _kept(sign: str) -> str:
    if sign in THAI_SIGNS:
        return sign
    kind = unicodedata.category(sign)
    if kind in SILENT:
        return ""
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    return sign if kind[0] in "LN" else " "


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A text as it is stored and asked for: folded, in a to z, digits and single spaces alone."""
    return "".join(map(_written, fold(text)))


def _written(sign: str) -> str:
    """A letter as one or two of ASCII: a letter and a digit, so that no pair begins in the middle of another."""
    if sign.isascii():
        return sign
    number = ord(sign)
    if number in THAI:
        tens, ones = divmod(number - THAI.start, 10)
        return f"{OF_THAI[tens]}{ones}"
    if number in ARABIC:
        tens, ones = divmod(number - ARABIC.start, 10)
        return f"{OF_ARABIC[tens]}{ones}"
    return f"z{number}z"


def swapped(text: str) -> dict[str, list[str]]:
    """Each word of a question, folded, with what it is when two letters beside each other have changed places."""
    found = {}
    for word in fold(text).split():
        signs = [_written(letter) for letter in word]
        turns = ([*signs[:n], signs[n + 1], signs[n], *signs[n + 2 :]] for n in range(len(signs) - 1))
        found["".join(signs)] = ["".join(turned) for turned in turns]
    return found


def words(text: str, *, most: int = 8) -> list[str]:
    """The words of a question, folded, longest first and each once."""
    return list(letters(text, most=most))


def letters(text: str, *, most: int = 8) -> dict[str, int]:
    """The same, with how many letters each has as people count them: folded, one of Thai or Arabic has two signs."""
    counted = {"".join(map(_written, word)): len(word) for word in fold(text).split()}
    return dict(sorted(counted.items(), key=lambda pair: len(pair[0]), reverse=True)[:most])
