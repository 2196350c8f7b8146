"""Names as search compares them."""

import unicodedata


def fold_name(name: str) -> str:
    """A name without accents, case and doubled spaces (Unicode NFKD, combining marks dropped, case folded)."""
    letters = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())
