"""What happens deep inside and is counted elsewhere: sent to whoever listens, which costs nothing while nobody does."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()
edits_answered = _signals.signal("edits answered")
"""Sent with ``results``, the answers to the edits of one request to the journal page."""
delivery_recorded = _signals.signal("delivery recorded")
"""Sent by the message worker with ``channel`` and ``outcome``, when what became of a message is written down."""
