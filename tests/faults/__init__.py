"""What happens when something breaks: each fault with real processes, and what was lost or doubled by it.

``make test`` tries a little of each; ``FAULTS=full`` (make reliability) kills and waits as long as a bad day would,
and ``tests/reliability.py`` writes what was found into docs/reliability.md.
"""
