"""Decisions and vocabulary of a plan: pure functions, one module per noun."""
