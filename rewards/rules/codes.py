"""Codes of vouchers: twelve characters of Crockford's base 32 and his check character.

See https://www.crockford.com/base32.html. The check character is the number modulo 37; numbers whose check character
would be one of the five signs (``*~$=U``) are not drawn, so that codes are letters and digits only.
"""

import re
import uuid
from collections.abc import Callable

from core.rules.texts import typed_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
CHECKED = 37
AS_READ = str.maketrans("OIL", "011")
LOOKS_HARMLESS = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}|([A-Za-z]{3} )?-?(0|\d{1,6}[.,]\d{1,4})", re.ASCII)
GIVEN = uuid.UUID("7f1c1f0e-6f5b-5b0a-9c07-3c1f1d2a9e55")  # the name space of vouchers that events give


def new_code(draw: Callable[[int], int]) -> str:
    """A code; ``draw(n)`` is a number below n out of a source that nobody can guess."""
    while True:
        number = draw(len(ALPHABET) ** LENGTH)
        if number % CHECKED < len(ALPHABET):
            return _text(number) + ALPHABET[number % CHECKED]


def _text(number: int) -> str:
    digits = []
    for _place in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def normal(code: str) -> str:
    """A code as it is kept, however it was typed: O is read as 0, I and L as 1, dashes and spaces are nothing."""
    return typed_code(code).upper().translate(AS_READ)


def is_whole(code: str) -> bool:
    """Whether a normal code can be one of ours: its check character is right."""
    if len(code) != LENGTH + 1 or any(sign not in ALPHABET for sign in code):
        return False
    number = 0
    for sign in code[:LENGTH]:
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    return number % CHECKED == ALPHABET.index(code[LENGTH])


def grouped(code: str) -> str:
    """A code as people read it: ours in groups of four, one of a partner as the partner writes it."""
    if not is_whole(code):
        return code
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def in_fours(code: str) -> list[str]:
    """A code in pieces to read it by; a partner's, if it is a number, in fours that are set apart without a sign."""
    if not code.isdecimal() or is_whole(code):
        return [grouped(code)]
    return [code[start : start + 4] for start in range(0, len(code), 4)]


def masked(code: str) -> str:
    """A code that cannot be used: only its end, of a short one less."""
    return f"••••{code[len(code) - min(3, len(code) // 3) :]}"


def told(cell: str) -> str:
    """A refused cell of a column of days or amounts: readable if it looks like one, for else it may be a code."""
    return cell if LOOKS_HARMLESS.fullmatch(cell) else masked(cell)


def given_uuid(event_id: int, place: int) -> uuid.UUID:
    """The name of the voucher that an event gives as the effect at this place of its outcome, known beforehand."""
    return uuid.uuid5(GIVEN, f"{event_id}:{place}")
