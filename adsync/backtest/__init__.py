"""Replays an account's history: what the lifecycle rule would have done on each night, and simpler rules beside it."""
