"""The picture of the simulation as SVG: four suppliers, and what collapses do to the limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from backend.scoring.merchants.simulation.lives import COLLAPSE_WEEKS, Life
from backend.scoring.merchants.simulation.measures import CUTS_BPS, collapsed, profile, share_cut
from backend.scoring.merchants.simulation.panel import MONTH, SET_WEEK, WEEKS

WIDTH, HEIGHT = 300, 190
GAP_X, GAP_Y = 72, 86
LEFT, TOP = 62, 74
FEN_A_THOUSAND = 100_000
INK, FAINT, GRID = "#222", "#666", "#e4e4e4"
BLUE, PALE_BLUE, ORANGE, GREY = "#0b5394", "#9fc5e8", "#b45f06", "#d5d5d5"
BOLD, THIN, DASHED = (
    'stroke-width="2.6"',
    'stroke-width="1.2" stroke-dasharray="3 2"',
    'stroke-width="1.8" stroke-dasharray="7 4"',
)
CUT_COLOURS = ("#6fa8dc", "#2f75b5", "#0b3c6f")

# Chosen by eye for what they show; the table beside the picture is over all suppliers.
EXAMPLES = {"Typical 典型": 36, "Growing 增长": 906, "Collapsing 骤降": 2081, "Volatile 波动": 2854}

Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """A plot at a place of the picture, over x from `first` to `last` and y from 0 to `top`."""

    column: int
    row: int
    first: int
    last: int
    top: float

    @property
    def left(self) -> int:
        return LEFT + self.column * (WIDTH + GAP_X)

    @property
    def bottom(self) -> int:
        return TOP + HEIGHT + self.row * (HEIGHT + GAP_Y)

    def x(self, value: float) -> float:
        return self.left + WIDTH * (value - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        return self.bottom - HEIGHT * min(value / self.top, 1)

    def frame(self, title: str, x_label: str, y_label: str, x_ticks: Iterable[int], y_ticks: Iterable[float]) -> str:
        middle = self.left + WIDTH // 2
        parts = [_text(middle, self.bottom - HEIGHT - 12, title, "middle", size=13, weight="bold")]
        for tick in y_ticks:
            y = self.y(tick)
            parts.append(_line((self.left, y), (self.left + WIDTH, y), GRID))
            parts.append(_text(self.left - 6, y + 4, f"{tick:,g}", "end"))
        parts += [_text(self.x(tick), self.bottom + 16, str(tick), "middle") for tick in x_ticks]
        parts.append(_text(middle, self.bottom + 33, x_label, "middle", colour=FAINT))
        turned = f"translate({self.left - 44} {self.bottom - HEIGHT // 2}) rotate(-90)"
        parts.append(
            f'<text transform="{turned}" text-anchor="middle" font-size="11" fill="{FAINT}">{escape(y_label)}</text>'
        )
        parts.append(_line((self.left, self.bottom), (self.left + WIDTH, self.bottom), FAINT))
        return "\n".join(parts)

    def polyline(self, points: Iterable[Point], style: str) -> str:
        return f'<polyline points="{self._path(points)}" fill="none" {style}/>'

    def area(self, points: Iterable[Point], colour: str) -> str:
        return f'<polygon points="{self._path(points)}" fill="{colour}"/>'

    def bar(self, x: float, width: float, height: float) -> str:
        left, top = self.x(x - width / 2), self.y(height)
        return (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{self.x(x + width / 2) - left:.1f}" '
            f'height="{self.bottom - top:.1f}" fill="{GREY}"/>'
        )

    def _path(self, points: Iterable[Point]) -> str:
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)


def render(lives: Sequence[Life]) -> str:
    by_id = {each.supplier.id: each for each in lives}
    examples = [
        _example(Panel(place % 3, place // 3, 14, WEEKS, _round_top(by_id[id])), name, by_id[id])
        for place, (name, id) in enumerate(EXAMPLES.items())
    ]
    fallen = collapsed(lives)
    width, height = LEFT + 3 * WIDTH + 2 * GAP_X + 24, TOP + 2 * HEIGHT + GAP_Y + 48
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        _legend(),
        *examples,
        _fan(Panel(1, 1, -MONTH, COLLAPSE_WEEKS, 150), fallen),
        _reaction(Panel(2, 1, 0, COLLAPSE_WEEKS, 100), fallen),
    )
    return "\n".join(parts) + "\n</svg>\n"


def _legend() -> str:
    entries = (
        (190, f'stroke="{GREY}" stroke-width="10"', "turnover of 4 weeks 近四周营业额"),
        (236, f'stroke="{BLUE}" {THIN}', "limit the figures support 数据可支持额度"),
        (166, f'stroke="{BLUE}" {BOLD}', "limit in force 现行额度"),
        (0, f'stroke="{ORANGE}" {DASHED}', "limit set once, after week 26 固定额度（第 26 周）"),
    )
    parts, x = [], LEFT
    for advance, style, label in entries:
        parts.append(f'<line x1="{x}" y1="24" x2="{x + 26}" y2="24" {style}/>')
        parts.append(_text(x + 32, 28, label, "start"))
        x += advance + 42
    return "\n".join(parts)


def _example(panel: Panel, name: str, each: Life) -> str:
    weeks = range(panel.first, WEEKS + 1)
    sold = [(week, each.supplier.turnover(week, MONTH) / FEN_A_THOUSAND) for week in weeks]
    limits = range(SET_WEEK, WEEKS + 1)
    ticks = [panel.top * part / 4 for part in range(5)]
    return "\n".join(
        (
            panel.frame(name, "week of the panel 周", "thousand yuan 千元", range(16, WEEKS + 1, 6), ticks),
            *(panel.bar(week, 0.8, amount) for week, amount in sold if week > panel.first),
            panel.polyline(
                [(SET_WEEK, _thousands(each.fixed)), (WEEKS, _thousands(each.fixed))],
                f'stroke="{ORANGE}" {DASHED}',
            ),
            panel.polyline(
                zip(limits, map(_thousands, each.proposed), strict=True),
                f'stroke="{BLUE}" {THIN}',
            ),
            panel.polyline(
                _steps(limits, [_thousands(granted) for granted in each.granted]), f'stroke="{BLUE}" {BOLD}'
            ),
        )
    )


def _fan(panel: Panel, fallen: Sequence[Life]) -> str:
    fallen = [each for each in fallen if (each.collapse or 0) >= MONTH]
    weeks = range(panel.first, panel.last + 1)

    def percent(quantile: int) -> list[Point]:
        return [(week, profile(fallen, week, quantile) / 100) for week in weeks]

    return "\n".join(
        (
            panel.frame(
                f"Around {len(fallen)} collapses 骤降前后",
                "weeks from the last normal one 距正常末周",
                "% of the limit then 占当时额度 %",
                range(panel.first, panel.last + 1, 2),
                (0, 50, 100, 150),
            ),
            panel.area([*percent(90), *reversed(percent(10))], "#dce9f5"),
            panel.area([*percent(75), *reversed(percent(25))], PALE_BLUE),
            panel.polyline([(0, 0), (0, 130)], f'stroke="{FAINT}" stroke-dasharray="2 3"'),
            panel.polyline(percent(50), f'stroke="{BLUE}" {BOLD}'),
            _text(
                panel.x(panel.last) - 2,
                panel.bottom - HEIGHT + 14,
                "median, middle half, 10–90 % 中位、四分位、十分位",
                "end",
                size=10,
            ),
        )
    )


def _reaction(panel: Panel, fallen: Sequence[Life]) -> str:
    weeks = range(panel.first, panel.last + 1)
    curves = [
        panel.polyline(
            _steps(weeks, [share_cut(fallen, cut, week) / 100 for week in weeks]),
            f'stroke="{colour}" stroke-width="2.4"',
        )
        for cut, colour in zip(CUTS_BPS, CUT_COLOURS, strict=True)
    ]
    labels = [
        _text(
            panel.x(panel.last) - 6,
            panel.bottom - 84 + 16 * place,
            f"limit down by ≥ {cut // 100} % 降幅",
            "end",
            colour=colour,
        )
        for place, (cut, colour) in enumerate(zip(CUTS_BPS, CUT_COLOURS, strict=True))
    ]
    frame = panel.frame(
        f"Time from collapse to cut, {len(fallen)} collapses 反应时间",
        "weeks after the last normal one 距正常末周",
        "% of the collapses 占比 %",
        weeks,
        range(0, 101, 25),
    )
    return "\n".join((frame, *curves, *labels))


def _thousands(fen: int) -> float:
    return fen / FEN_A_THOUSAND


def _round_top(each: Life) -> float:
    """The least of 4, 8, 12, 16, 20, 28, 32, 40, … thousand yuan above everything shown."""
    most = max(*(each.supplier.turnover(week, MONTH) for week in range(15, WEEKS + 1)), *each.proposed, each.fixed)
    tops: Iterable[float] = (base * 10**power for power in range(8) for base in (4, 8, 12, 16, 20, 28, 32))
    return next(top for top in tops if top * FEN_A_THOUSAND >= most)


def _steps(xs: Iterable[int], ys: Sequence[float]) -> list[Point]:
    """A value holds until the next one."""
    points: list[Point] = []
    for x, y in zip(xs, ys, strict=True):
        points += [(x, points[-1][1]), (x, y)] if points else [(x, y)]
    return points


def _line(start: Point, end: Point, colour: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float, y: float, text: str, anchor: str, *, size: int = 11, weight: str = "normal", colour: str = INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
