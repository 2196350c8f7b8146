"""The leaves of the grammar: codes, texts, numbers, amounts, times, and names of things."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from core.rules.money import decimals, is_currency, to_minor, to_text
from core.rules.texts import is_file_name, is_seen
from loyalty.operations.program_file.schema import (
    BAD,
    Key,
    MapOf,
    Mapping,
    Node,
    Reading,
    Tree,
    Use,
    meant,
    near,
    need,
    shown,
)

LANGUAGES = ("en", "id", "ms", "vi", "th", "ar")
MOST_NUMBER = 2**53  # what every JSON reader still holds exactly
MOST_CODE = 40
YEARS = range(1900, 9999)  # so that every time zone can show it

_DECIMAL = re.compile(r"(0|[1-9]\d{0,13})(\.\d{1,12})?", re.ASCII)  # with four decimals still a bigint
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_PERCENT_PLACES = Decimal("0.01")


class Word(Node):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The word itself."""
        if isinstance(value, str) and value in self._words:
            return value
        return to.fault(path, f"{shown(value)} is not known here{meant(str(value), self._words)}")


class Flag(Node):
    """True or false."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The boolean."""
        return value if isinstance(value, bool) else to.fault(path, f"must be true or false, not {shown(value)}")


class Yes(Node):
    """Only true: a key whose presence is the message."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """True."""
        return True if value is True else to.fault(path, f"must be true, not {shown(value)}")


class Number(Node):
    """A whole number between two bounds, both in."""

    def __init__(self, least: int = 0, most: int = MOST_NUMBER) -> None:
        self._least, self._most = least, most

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The integer."""
        if isinstance(value, bool) or not isinstance(value, int):
            hint = " without quotes" if isinstance(value, str) and value.isdecimal() else ""
            return to.fault(path, f"must be a whole number{hint}, not {shown(value)}")
        if value < self._least:
            return to.fault(path, f"must be at least {self._least}, not {value}")
        return value if value <= self._most else to.fault(path, f"must be at most {self._most}, not {value}")


class Percent(Node):
    """A share of a hundred with at most two decimals, as a number or a string."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """An integer where it is whole, else a decimal string."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            return to.fault(path, f"must be a percentage such as 5, not {shown(value)}")
        try:
            share = Decimal(value)
        except InvalidOperation:
            return to.fault(path, f"must be a percentage such as 5, not {shown(value)}")
        if not share.is_finite() or not 0 <= share <= 100:  # noqa: PLR2004 - a percentage
            return to.fault(path, f"must be from 0 to 100, not {value}")
        if share != share.quantize(_PERCENT_PLACES):
            return to.fault(path, f"has at most two decimals, not {value}")
        return int(share) if share == int(share) else plain(share)


class Text(Node):
    """A text in the default language, or a map of the program's languages."""

    def __init__(self, most: int = 200) -> None:
        self._most = most

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Always a map, in the order of the program's languages."""
        if isinstance(value, str):
            return {to.languages[0]: value} if self._fine(value, path, to) and to.languages else BAD
        if not isinstance(value, dict) or not value:
            return to.fault(path, f"must be a text or a map of languages such as {{en: Gold}}, not {shown(value)}")
        for language in value:
            if to.languages and language not in to.languages:
                hint = meant(language, to.languages)
                to.fault(f"{path}.{language}", f"{language} is no language of the program{hint}")
        fine = {language: text for language, text in value.items() if self._fine(text, f"{path}.{language}", to)}
        return {language: fine[language] for language in to.languages if language in fine} or BAD

    def _fine(self, text: Any, path: str, to: Reading) -> bool:  # noqa: ANN401
        if not isinstance(text, str):
            to.fault(path, f"must be a text, in quotes if need be, not {shown(text)}")
        elif not is_seen(text) or "\0" in text:
            to.fault(path, "must not be empty")
        elif len(text) > self._most:
            to.fault(path, f"has {len(text)} characters; at most {self._most} are stored")
        else:
            return True
        return False


class Prose(Text):
    """A long text of paragraphs, which empty lines part; how its lines and its file end makes no difference."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """A map, as of other texts."""
        read = super().read(value, path, to)
        return read if read is BAD else {language: self._plain(text) for language, text in read.items()}

    @staticmethod
    def _plain(text: str) -> str:
        return "\n".join(line.rstrip() for line in text.splitlines()).strip()


class Line(Node):
    """A text that is the same in every language: a brand, a path, a supplier."""

    def __init__(self, most: int = 200) -> None:
        self._most = most

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The string."""
        if not isinstance(value, str) or not is_seen(value) or "\0" in value:
            return to.fault(path, f"must be a text, in quotes if need be, not {shown(value)}")
        return value if len(value) <= self._most else to.fault(path, f"has more than {self._most} characters")


class FileName(Line):
    """The path of a file inside the folder of static files."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The string."""
        read = super().read(value, path, to)
        if read is BAD or is_file_name(read):
            return read
        return to.fault(path, f"{shown(value)} is no path of a file such as brand/picture.webp: no address, no / first")


class Code(Node):
    """A code; ``defines`` says of what, and then it must be the only one."""

    def __init__(self, defines: str | None = None, *, allowed: str = "-_.", most: int = MOST_CODE) -> None:
        self._defines = defines
        self._most = most
        self._pattern = re.compile(rf"[A-Za-z0-9][A-Za-z0-9{re.escape(allowed)}]*", re.ASCII)
        self._allowed = " ".join(["letters, digits", *allowed])

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The code."""
        if not isinstance(value, str):
            return to.fault(path, f"must be a code, in quotes if it looks like a number, not {shown(value)}")
        if not self._pattern.fullmatch(value):
            return to.fault(path, f"{shown(value)} is no code: use {self._allowed}, starting with a letter or digit")
        if len(value) > self._most:
            return to.fault(path, f"a code has at most {self._most} characters, this one {len(value)}")
        if self._defines is not None:
            to.define(self._defines, value, path)
        return value


class Ref(Node):
    """The code of something that this file defines."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The code; whether it exists is judged when all are known."""
        if not isinstance(value, str):
            return to.fault(path, f"must be the code of one of the {self._kind}, not {shown(value)}")
        to.uses.append(Use(self._kind, value, path))
        return value


class Currency(Node):
    """A currency of ISO 4217; ``of_program``: one that the program or a market uses."""

    def __init__(self, *, of_program: bool = True) -> None:
        self._of_program = of_program

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Its three letters."""
        if not isinstance(value, str) or not is_currency(value):
            return to.fault(path, f"{shown(value)} is no currency of ISO 4217, such as SGD")
        if self._of_program and to.currencies and value not in to.currencies:
            return to.fault(path, f"{value} is used by no market of the program{meant(value, sorted(to.currencies))}")
        return value


class Amount(Node):
    """A decimal string of a currency, with at most its decimals; canonically with exactly so many."""

    def __init__(self, currency: str | None, *, least_minor: int = 0) -> None:
        self._currency = currency
        self._least = least_minor

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The string."""
        if not isinstance(value, str):
            return to.fault(path, f"amounts are strings: write {quoted(value)} in quotes, not {shown(value)}")
        currency = self._currency or to.currency
        if not _DECIMAL.fullmatch(value):
            return to.fault(path, f'{shown(value)} is no amount; write a decimal string such as "5.00"')
        if currency is None:
            return BAD  # the currency itself is at fault, and said so
        if len(value.partition(".")[2]) > decimals(currency):
            return to.fault(path, f"{currency} has {decimals(currency)} decimals, {value} has more")
        minor = to_minor(Decimal(value), currency)
        if minor < self._least:
            return to.fault(path, f"must be more than {value}")
        return to_text(minor, currency)


class Priced(Mapping):
    """A mapping whose ``currency`` says how many decimals one of its amounts has."""

    def __init__(self, amount: str, *keys: Key) -> None:
        super().__init__(*keys, need(amount, Amount(None, least_minor=1)), need("currency", Currency()))
        self._amount = amount

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The mapping; without a good currency the amount is not judged."""
        currency = value.get("currency") if isinstance(value, dict) else None
        known = isinstance(currency, str) and is_currency(currency)
        node = Amount(currency, least_minor=1) if known else Anything()
        return Mapping(*(self._keys | {self._amount: need(self._amount, node)}).values()).read(value, path, to)


class Anything(Node):
    """A value that cannot be judged because of a fault elsewhere."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401, ARG002
        """As it stands."""
        return value


def quoted(value: object) -> str:
    """A number as the string it should have been."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return f'"{value}"' if number else 'a number such as "5.00"'


class Ratio(Node):
    """A decimal string without a currency's decimals: a rate, the value of one point, a factor."""

    def __init__(
        self, *, places: int = 8, above: str | None = None, most: str | None = None, numbers: bool = False
    ) -> None:
        self._decimal = re.compile(rf"\d{{1,9}}(\.\d{{1,{places}}})?", re.ASCII)
        self._above = Decimal(above) if above is not None else None
        self._most = Decimal(most) if most is not None else None
        self._numbers = numbers

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The string without superfluous zeros."""
        if self._numbers and isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            return to.fault(path, f"must be a string: write {quoted(value)} in quotes, not {shown(value)}")
        if not self._decimal.fullmatch(value):
            return to.fault(path, f'{shown(value)} is no decimal number of reasonable length, such as "0.01"')
        if self._above is not None and Decimal(value) <= self._above:
            return to.fault(path, f"must be more than {self._above}, not {value}")
        if self._most is not None and Decimal(value) > self._most:
            return to.fault(path, f"must be at most {self._most}, not {value}")
        return plain(Decimal(value))


def plain(value: Decimal) -> str:
    """A decimal as a string, without exponent and trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(value: object, pattern: re.Pattern[str]) -> datetime | None:
    """The moment or day that a text of this form means, None if it means none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and pattern.fullmatch(value) else None
    except ValueError:
        return None
    return at if at is not None and at.year in YEARS else None


class Day(Node):
    """A date."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """ISO 8601, such as 2026-12-31."""
        at = moment(value, _DAY)
        return at.date().isoformat() if at else to.fault(path, f"{shown(value)} is no date such as 2026-12-31")


class Moment(Node):
    """A moment; without an offset it is wall time in each member's market."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """ISO 8601 with seconds, with the offset if one was given."""
        at = moment(value, _MOMENT)
        if at is not None:
            return at.isoformat()
        return to.fault(path, f"{shown(value)} is no moment such as 2026-12-31T08:00:00 or 2026-12-31T08:00:00+08:00")


class Zone(Node):
    """A time zone of the IANA database."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Its name."""
        if isinstance(value, str) and value in zones():
            return value
        hint = near(value, zones()) if isinstance(value, str) else ""
        return to.fault(path, f"{shown(value)} is no time zone such as Asia/Singapore{hint}")


@cache
def zones() -> frozenset[str]:
    """Every time zone known."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


class Colour(Node):
    """A colour such as #0b5fff."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Lower case."""
        if isinstance(value, str) and _COLOUR.fullmatch(value):
            return value.lower()
        return to.fault(path, f'{shown(value)} is no colour; write six digits in quotes, such as "#0b5fff"')


class Condition(Node):
    """A condition about the member; those of rules are noted by the rule, which knows its event."""

    def __init__(self, *, member_only: bool = True) -> None:
        self._member_only = member_only

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The tree as it stands."""
        if not isinstance(value, dict):
            return to.fault(path, f"a condition is a mapping: fact, op, value, or all, any, not; not {shown(value)}")
        if self._member_only:
            to.trees.append(Tree(value, path, event_type=None, member_only=True))
        return ordered(value)


def ordered(tree: Any) -> Any:  # noqa: ANN401 - a tree that is not judged yet
    """A condition with the keys of each node in their usual order."""
    if isinstance(tree, list):
        return [ordered(part) for part in tree]
    if isinstance(tree, dict):
        return {key: ordered(tree[key]) for key in ("all", "any", "not", "fact", "op", "value") if key in tree}
    return tree


def money(*, least_minor: int = 1) -> MapOf:
    """Amounts by currency, of currencies that the program uses."""
    return MapOf(Currency(), lambda code: Amount(code, least_minor=least_minor), example='{SGD: "5.00"}')
