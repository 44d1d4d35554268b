"""Hosts that come and go while the journal is in use: ``make scale``."""
