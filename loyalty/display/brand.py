"""A program's brand as a style sheet: the few values that it may set, everything else follows from them."""

from collections.abc import Mapping

OURS = {"primary": "#2b3a67", "accent": "#d9a441"}  # of tokens.css, where a program sets none
PROPERTIES = {"primary": "--brand", "accent": "--accent", "round": "--round", "art": "--hero-art"}


def sheet(brand: Mapping[str, str], *, of: str = ":root") -> str:
    """The sheet of ``Program.brand`` for a page or an element; without values it is empty and our own look stays."""
    values = {**brand, **({"art": f"var(--art-{brand['art']})"} if "art" in brand else {})}
    said = [f"{name}: {values[key]};" for key, name in PROPERTIES.items() if key in values]
    return f"@layer brand {{ {of} {{ {' '.join(said)} }} }}\n" if said else ""
