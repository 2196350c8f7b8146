"""QR codes as pictures."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

QUIET = 4  # empty squares around it, as the standard (ISO/IEC 18004) asks


def qr_code(text: str) -> SafeString:
    """A text as an SVG element that the style sheet may size; black on white in both themes."""
    squares = [list(row) for row in segno.make(text, micro=False, error="m").matrix_iter(border=QUIET)]
    dark = "".join(f"M{x},{y}h1v1h-1z" for y, row in enumerate(squares) for x, square in enumerate(row) if square)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" shape-rendering="crispEdges" role="img" aria-label="{1}">'
        '<path fill="#fff" d="M0,0h{0}v{0}h-{0}z"/><path fill="#000" d="{2}"/></svg>',
        len(squares),
        _("QR code"),
        dark,
    )
