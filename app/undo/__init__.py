"""Undo for people: what was deleted or changed in the last 30 days comes back as the audit knows it.

``kinds.py`` says what can come back, ``history.py`` reads the audit, ``values.py`` turns what it holds into values of
columns. ``deleted.py`` brings deleted rows back, ``changed.py`` a row to what it was before a change. Both plan first
(what will be written, what stands in the way) and write by a flush of the person's session, so that rights, rules and
the audit hold as for any other change; the caller commits.
"""
