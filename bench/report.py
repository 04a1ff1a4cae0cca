"""The rows of the table and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `ratio` is ours / floor; `target` bounds it (None: nothing was promised, it is watched).

    `bound` is "≤" or "≥". Where the promise is about a time and not about a ratio, `held` says whether it was kept.
    """

    what: str
    ratio: float
    ours: str
    floor: str
    target: float | None = None
    bound: str = "≤"
    promise: str = ""
    held: bool | None = None

    def is_held(self) -> bool | None:
        if self.held is not None or self.target is None:
            return self.held
        return self.ratio <= self.target if self.bound == "≤" else self.ratio >= self.target

    def cells(self) -> tuple[str, ...]:
        promise = self.promise or (f"{self.bound} {self.target:g}×" if self.target is not None else "–")
        held = {True: "yes", False: "NO", None: "–"}[self.is_held()]
        return self.what, f"{self.ratio:.2f}×", promise, held, self.ours, self.floor


HEAD = ("what", "ratio", "target", "held", "ours", "floor")


def table(rows: Sequence[Row]) -> str:
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "  ".join("-" * width for width in widths), *text[1:]])


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


def paired(ours: Callable[[], float], floor: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Median ratio, median of ours, median of the floor. Each round measures both, one straight after the other and in
    turning order, so that whatever else the machine does falls on both alike."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            low = floor()
            pairs.append((ours(), low))
        else:
            pairs.append((ours(), floor()))
    middle = statistics.median
    return middle(a / b for a, b in pairs), middle(a for a, _ in pairs), middle(b for _, b in pairs)
