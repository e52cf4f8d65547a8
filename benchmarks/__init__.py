"""Build times as ratios between two programs in one run: `python -m benchmarks [POSTS …]`."""
