"""Parsers of what comes from outside, fed with anything: ``targets.py`` says what must hold, whatever comes.

``make judges`` runs each by atheris, which looks for inputs that reach new code; ``tests/test_fuzz.py`` runs what it
has found and what hypothesis makes of that.
"""
