"""Figures with their yardsticks: ``make bench``; docs/bench.md says how each is measured."""
