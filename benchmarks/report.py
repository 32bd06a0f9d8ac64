"""From the turns of all rounds to medians, ratios, a table and one JSON object."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from .harness import LIMIT, OURS, Turn

Figures = dict[str, Any]


def summarise(turns: Sequence[Turn]) -> Figures:
    """Medians over the rounds; rates also with their range."""
    rates = [turn.items / turn.seconds for turn in turns]
    cpu = [turn.cpu_s / turn.items * 1000 for turn in turns]
    figures: Figures = {
        "per_s": rounded(median(rates)),
        "per_s_min": rounded(min(rates)),
        "per_s_max": rounded(max(rates)),
        "cpu_s_per_1k": rounded(median(cpu)),
        "peak_mib": rounded(median(turn.peak_mib for turn in turns)),
    }
    for key in turns[0].extra:
        figures[key] = rounded(median(turn.extra[key] for turn in turns))
    return figures


def compose(
    name: str, size: int, rounds: int, turns: Mapping[str, Sequence[Turn]], load: float
) -> Figures:
    figures = {who: summarise(taken) for who, taken in turns.items()}
    ours = figures.pop(OURS)
    others = {who: one for who, one in figures.items() if one["per_s"]}
    return {
        "name": name,
        "size": size,
        "rounds": rounds,
        "ours": ours,
        "peers": {who: one for who, one in figures.items() if who != LIMIT},
        "limit": figures.get(LIMIT, {}),
        "ratios": {
            who: rounded(ours["per_s"] / one["per_s"]) for who, one in others.items()
        },
        "cpu_ratios": {
            who: rounded(one["cpu_s_per_1k"] / ours["cpu_s_per_1k"])
            for who, one in others.items()
            if ours["cpu_s_per_1k"]
        },
        "load_before": load,
    }


def table(result: Figures, unit: str) -> str:
    """The same for people."""
    head = (
        f"{result['name']}: {result['size']:,} {unit}, "
        f"median of {result['rounds']} rounds, load before {result['load_before']}"
    )
    rows = [("", f"{unit}/s", "min–max", "CPU s/1,000", "peak MiB", "ours ÷ it")]
    everybody = {OURS: result["ours"], **result["peers"], LIMIT: result["limit"]}
    for who, one in everybody.items():
        if one:
            rows.append(_row(who, one, result["ratios"].get(who)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [_align(row, widths) for row in rows]
    return "\n".join([head, "", *lines, *_extras(everybody)])


def _row(who: str, one: Figures, ratio: float | None) -> tuple[str, ...]:
    return (
        who,
        f"{one['per_s']:,}",
        f"{one['per_s_min']:,}–{one['per_s_max']:,}",
        f"{one['cpu_s_per_1k']}",
        f"{one['peak_mib']}",
        "" if ratio is None else f"{ratio}×",
    )


def _align(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = [
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join([first, *rest])


_USUAL = {"per_s", "per_s_min", "per_s_max", "cpu_s_per_1k", "peak_mib"}


def _extras(everybody: Mapping[str, Figures]) -> list[str]:
    return [
        f"{who}: " + ", ".join(f"{key} {value}" for key, value in extra.items())
        for who, one in everybody.items()
        if (extra := {key: one[key] for key in one if key not in _USUAL})
    ]


def rounded(value: float) -> float:
    """Three figures that count; whole numbers stay whole."""
    if value == 0 or value >= 1000 or float(value).is_integer():
        return round(value)
    return float(f"{value:.3g}")
