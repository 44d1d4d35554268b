"""The step into a new academic year: proposed, looked at, written at once, taken back until it is confirmed.

``ground.py`` reads the year that ends, ``dates.py`` and ``proposal.py`` propose, ``layout.py`` says what comes of a
wish (pure), ``review.py`` judges it, ``writing.py`` writes it, ``undoing.py`` takes it back.
"""
