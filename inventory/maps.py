"""The schematic map of today's districts: relative positions are right, shapes and sizes not."""

from dataclasses import dataclass
from functools import cache
from math import dist

WIDTH, HEIGHT = 430, 474
CORNER_RADIUS = 13
LINE_HEIGHT = 18


@dataclass(frozen=True)
class Outline:
    """A district as a polygon, its name in lines and where the first one stands."""

    corners: tuple[tuple[int, int], ...]
    x: int
    y: int
    name: tuple[str, ...]

    @property
    def path(self) -> str:
        """The polygon with rounded corners, as an SVG path."""
        return rounded(self.corners)

    @property
    def lines(self) -> list[tuple[int, str]]:
        """y and text of each line of the name."""
        return [(self.y + place * LINE_HEIGHT, text) for place, text in enumerate(self.name)]

    @property
    def count_y(self) -> int:
        """Where the figure stands: under the name."""
        return self.y + len(self.name) * LINE_HEIGHT


@cache
def rounded(corners: tuple[tuple[int, int], ...]) -> str:
    """An SVG path through the corners, each cut off by a quadratic curve."""
    parts = []
    for place, corner in enumerate(corners):
        before, after = corners[place - 1], corners[(place + 1) % len(corners)]
        (x1, y1), (x2, y2) = (_towards(corner, before), _towards(corner, after))
        parts.append(f"{'L' if place else 'M'}{x1} {y1}Q{corner[0]} {corner[1]} {x2} {y2}")
    return "".join(parts) + "z"


def _towards(start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
    length = dist(start, end)
    part = min(CORNER_RADIUS, length / 2) / length
    return round(start[0] + (end[0] - start[0]) * part), round(
        start[1] + (end[1] - start[1]) * part
    )


def _corners(text: str) -> tuple[tuple[int, int], ...]:
    numbers = [int(part) for part in text.split()]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


DISTRICTS = {
    "jarva": Outline(
        _corners("102 10 206 6 232 40 214 92 154 98 90 82"),
        160,
        48,
        ("Järva",),
    ),
    "hasselby-vallingby": Outline(
        _corners("6 92 82 88 112 110 110 184 62 208 8 180"),
        60,
        132,
        (
            "Hässelby-",
            "Vällingby",
        ),
    ),
    "bromma": Outline(
        _corners("118 106 152 104 216 98 226 142 206 196 160 216 116 192"),
        169,
        152,
        ("Bromma",),
    ),
    "norra-innerstaden": Outline(
        _corners("240 64 294 50 356 78 406 116 402 178 336 184 270 178 232 148"),
        319,
        112,
        (
            "Norra",
            "innerstaden",
        ),
    ),
    "kungsholmen": Outline(
        _corners("200 208 222 190 270 185 322 190 338 217 312 246 226 246 197 229"),
        267,
        212,
        ("Kungsholmen",),
    ),
    "sodermalm": Outline(
        _corners("248 280 266 258 312 252 378 256 400 282 384 310 320 318 268 308"),
        325,
        280,
        ("Södermalm",),
    ),
    "hagersten-alvsjo": Outline(
        _corners("110 264 186 256 218 284 218 366 166 388 118 356 100 302"),
        160,
        312,
        (
            "Hägersten-",
            "Älvsjö",
        ),
    ),
    "skarholmen": Outline(
        _corners("4 342 56 322 110 356 124 394 96 430 28 418 2 386"),
        62,
        376,
        ("Skärholmen",),
    ),
    "enskede-arsta-vantor": Outline(
        _corners("224 326 312 326 316 366 310 430 262 448 208 424 222 370"),
        265,
        352,
        (
            "Enskede-",
            "Årsta-",
            "Vantör",
        ),
    ),
    "skarpnack": Outline(
        _corners("320 328 384 316 426 342 428 386 372 398 322 392"),
        374,
        356,
        ("Skarpnäck",),
    ),
    "farsta": Outline(
        _corners("320 400 372 406 420 395 418 446 366 468 316 454"),
        370,
        432,
        ("Farsta",),
    ),
}
