"""Charts: a CSV file beside a post becomes an SVG in the page, and a PNG for feeds."""

from pipeline.charts.chart_data import ChartData, parse_chart
from pipeline.charts.figure import COLORS, chart_html, chart_png, png_name

__all__ = ["COLORS", "ChartData", "chart_html", "chart_png", "parse_chart", "png_name"]
