"""Personal data (152-ФЗ): what is held of whom and why, who looked at it, a copy on demand, and its erasure.

``holdings.py`` is the vocabulary, ``tables.py`` the declaration of every table; everything else here, the worker's
upkeep and docs/personal-data.md are made of it.
"""
