"""How well a colour stands out from another, as WCAG 2.2 defines it.

https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio and #dfn-relative-luminance.
"""

WHITE = "#ffffff"
LEAST_FOR_TEXT = 4.5  # success criterion 1.4.3, level AA, for text of normal size
LEAST_FOR_PARTS = 3.0  # success criterion 1.4.11, for the parts of controls and pictures

_KNEE = 0.04045
_WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``: 0 is black, 1 is white."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = (c / 12.92 if c <= _KNEE else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * channel for weight, channel in zip(_WEIGHTS, linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
