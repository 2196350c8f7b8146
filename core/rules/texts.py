"""Texts that can be kept, as no database text holds a NUL or half a character; and codes as people type them."""

import re
from unicodedata import category, decimal, normalize

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NOTHING = str.maketrans("", "", "".join(chr(sign) for sign in (*range(33), 0x7F)) + "-")  # of ASCII: controls, space
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a sign that are drawn as nothing
_MINUS = "\N{MINUS SIGN}"  # no dash to Unicode
_FILE = re.compile(r"[^\s/\\:?#%][^/\\:?#%]*(/[^/\\:?#%]+)*")


def is_storable(text: str) -> bool:
    """Whether a text that somebody sent can be kept, and looked for, at all."""
    return not _UNSTORABLE.search(text)


def is_seen(text: str) -> bool:
    """Whether a text shows anything at all: more than spaces, controls and signs of no width."""
    return any(not category(sign).startswith(("Z", "Cc", "Cf")) and sign not in _UNSEEN for sign in text)


def is_file_name(text: str) -> bool:
    """Whether a text is the path of a file inside a folder, such as ``brand/tea.webp``: no address, and no way out."""
    return bool(_FILE.fullmatch(text)) and text.isprintable() and not {".", ".."} & {*text.split("/")}


def typed_code(text: str) -> str:
    """A code without what typing, reading aloud or pasting adds: spaces, dashes, signs that nobody sees.

    Letters and digits in other forms (full-width ones, the digits of Arabic, Thai and others) become the plain ones.
    """
    if not text.isascii():
        text = "".join(_plain(sign) for sign in normalize("NFKC", text))
    return text.translate(_NOTHING)


def _plain(sign: str) -> str:
    kind = category(sign)
    if kind in {"Cc", "Cf", "Pd"} or kind.startswith("Z") or sign == _MINUS:
        return ""
    return str(decimal(sign)) if kind == "Nd" else sign
