"""The area of a funnel."""

from math import pi


def area(radius: float) -> float:
    """Return the area of a circle."""
    return pi * radius**2


if __name__ == "__main__":
    raise SystemExit(f"{area(80):.1f} mm²")
