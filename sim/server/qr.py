"""The code that a phone reads to join: an SVG drawn here, nothing is fetched."""

from __future__ import annotations

import segno


def svg(address: str) -> str:
    """A QR code as an inline SVG that grows with its box.

    Args:
        address: What the phone opens.

    Returns:
        The ``<svg>`` element, dark on white with the quiet border that readers need.
    """
    return str(
        segno.make(address, error="m", micro=False).svg_inline(
            border=4, omitsize=True, dark="#000000", light="#ffffff"
        )
    )
