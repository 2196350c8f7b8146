"""A program's brand as a style sheet: the few values that it may set, everything else follows from them."""

from collections.abc import Mapping


def sheet(brand: Mapping[str, str]) -> str:
    """The sheet of ``Program.brand``; without values it is empty and our own look stays."""
    values = {"--brand": brand.get("primary"), "--accent": brand.get("accent"), "--round": brand.get("round")}
    if art := brand.get("art"):
        values["--hero-art"] = f"var(--art-{art})"
    said = "".join(f" {name}: {value};" for name, value in values.items() if value is not None)
    return f"@layer brand {{ :root {{{said} }} }}\n" if said else ""
