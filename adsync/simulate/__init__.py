"""Simulated account years: what the lifecycle rule does with accounts of which the truth is known."""
