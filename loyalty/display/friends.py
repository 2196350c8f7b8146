"""Friends who were brought, as others may see them."""


def initial(name: str) -> str:
    """The first letter of a name with a dot; a friend's name is the friend's own affair. Empty where there is none."""
    first = next((letter for letter in name if letter.isalpha()), "")
    return f"{first.upper()}." if first else ""
