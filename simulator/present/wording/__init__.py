"""Results as text, made from their datasets alone.

`run`, `ranking`, `comparison`, `backtest` and `library`: sentences, tables and JSON of each; `numbers`: the one way
to write numbers, intervals, shares, counts and names; `plain`: datasets as the values that JSON holds.
"""
