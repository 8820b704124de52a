"""One look for every figure: colours, type sizes, fixed page layout, and saving that never changes a byte.

Matplotlib is imported when a figure is drawn, not before, and only its object interface is used.
"""

from __future__ import annotations

import os
import textwrap
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1a1a1a"
MUTED = "#5a5a5a"
FAINT = "#c4c4c4"
PAPER = "#ffffff"

# Okabe and Ito's palette: told apart by colour-blind readers. The same level has the same colour everywhere.
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
GREY = "#767676"

PART_COLOURS: dict[str, str] = {
    "region": BLUE,
    "provider": VERMILION,
    "professional": GREEN,
    "individual": GREY,
}
SOURCE_COLOURS: dict[str, str] = {
    "need": GREY,
    "endowment": PINK,
    "region_rules": BLUE,
    "provider": VERMILION,
    "professional": GREEN,
}

# ColorBrewer's colour-blind-safe diverging scales: one that says worse or better, one that says nothing.
WORSE_TO_BETTER: tuple[str, ...] = (
    "#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d1e5f0", "#67a9cf", "#2166ac",
)  # fmt: skip
LOW_TO_HIGH: tuple[str, ...] = (
    "#762a83", "#af8dc3", "#e7d4e8", "#f7f7f7", "#d9f0d3", "#7fbf7b", "#1b7837",
)  # fmt: skip

WIDE: tuple[float, float] = (12.8, 7.2)
"""Inches; the shape of a projector, 1920 by 1080 pixels at `DPI`."""
MARGIN = 0.45
FOOT_LETTERS = 115
"""Letters of a note at the foot that fit on one line across a page of this width."""
DPI = 150

_RC: Any = {
    "font.size": 14,
    "axes.titlesize": 15,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.labelsize": 13,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "text.color": INK,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "hatch.linewidth": 1.1,
    "lines.solid_capstyle": "round",
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    # Real text in the SVG: smaller, searchable and read aloud by screen readers.
    "svg.fonttype": "none",
    # Without a salt the ids inside an SVG are random and two equal runs differ.
    "svg.hashsalt": "centralisation",
}

# Matplotlib's settings are global to the process; a server may draw from several threads.
_RC_LOCK = threading.RLock()


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style while a figure is drawn or saved, and put the settings back afterwards."""
    import matplotlib as mpl

    with _RC_LOCK, mpl.rc_context(_RC):
        yield


def new_figure(size: tuple[float, float], kicker: str, title: str, notes: Sequence[str]) -> Figure:
    """Make an empty page: the subject in small letters, the title under it, and small notes at the foot.

    Args:
        size: width and height in inches.
        kicker: the subject, usually the care area.
        title: what is shown, in plain words; letters shrink a little where it would not fit on one line.
        notes: one line each; empty ones are left out.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fig = Figure(figsize=size, dpi=DPI)
    FigureCanvasAgg(fig)
    width, height = size
    left = MARGIN / width
    fig.text(left, 1 - 0.3 / height, kicker, fontsize=15, color=MUTED, va="top")
    # Bold letters are about 0.0096 inches wide per point of size.
    fits = (width - 2 * MARGIN) / (0.0096 * max(1, len(title)))
    fig.text(left, 1 - 0.62 / height, title, fontsize=min(22.0, fits), fontweight="bold", va="top")
    foot = "\n".join(note for note in notes if note)
    fig.text(left, 0.2 / height, foot, fontsize=11.5, color=MUTED, va="bottom", linespacing=1.3)
    return fig


def wrapped(words: str, letters: int) -> str:
    """Break words into lines of at most so many letters."""
    return "\n".join(textwrap.wrap(words, letters))


def title_of(fig: Figure) -> str:
    """Return the subject and title of a page made by `new_figure`, as one sentence."""
    return ": ".join(words.get_text() for words in fig.texts[:2])


def place(fig: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a place given in inches from the lower left corner of the page."""
    total_width, total_height = fig.get_size_inches()
    return fig.add_axes(
        (left / total_width, bottom / total_height, width / total_width, height / total_height)
    )


def spread_apart(positions: Sequence[float], gap: float) -> list[float]:
    """Move label positions as little as needed to stand at least `gap` apart, in the same order.

    Neighbours that touch are merged into one block centred on their mean, so nothing drifts to one side.
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    blocks: list[tuple[float, int]] = []  # centre and number of labels
    for i in order:
        blocks.append((positions[i], 1))
        while len(blocks) > 1 and _overlap(blocks[-2], blocks[-1], gap):
            (centre_a, n_a), (centre_b, n_b) = blocks[-2:]
            blocks[-2:] = [((centre_a * n_a + centre_b * n_b) / (n_a + n_b), n_a + n_b)]
    moved = [centre + gap * (k - (n - 1) / 2) for centre, n in blocks for k in range(n)]
    result = [0.0] * len(positions)
    for i, y in zip(order, moved, strict=True):
        result[i] = y
    return result


def _overlap(below: tuple[float, int], above: tuple[float, int], gap: float) -> bool:
    return above[0] - below[0] < gap * (below[1] + above[1]) / 2


def year_ticks(ax: Axes, years: Sequence[int]) -> None:
    """Put at most five round years on the horizontal axis, always within the years shown."""
    first, last = min(years), max(years)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 1000) if (last - first) // s <= 4)
    ticks = [year for year in range(first, last + 1) if year % step == 0] or [first]
    ax.set_xticks(ticks, [str(year) for year in ticks])


def say_instead(ax: Axes, words: str) -> None:
    """Write words where a diagram would have been."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=MUTED, fontsize=16)


def save_figure(fig: Figure, folder: Path, name: str, description: str) -> list[Path]:
    """Write `name`.png and `name`.svg into `folder`; each appears whole or not at all.

    The same figure gives the same bytes: no date, fixed ids.

    Args:
        fig: the figure.
        folder: existing folder.
        name: file name without its ending.
        description: one sentence for the metadata, read by screen readers.

    Returns:
        The two paths, PNG first.

    Raises:
        OSError: the folder cannot be written to.
    """
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Software": None, "Title": description},
        "svg": {"Date": None, "Creator": None, "Title": description},
    }
    paths = []
    for ending, about in metadata.items():
        path = folder / f"{name}.{ending}"
        temporary = folder / f".tmp-{os.getpid()}-{name}.{ending}"
        try:
            with styled():
                # A lower compression level halves the time and adds a tenth to the size.
                extra: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if ending == "png" else {}
                fig.savefig(temporary, format=ending, dpi=DPI, metadata=about, **extra)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        paths.append(path)
    return paths
