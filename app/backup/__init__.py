"""Backups: one file that holds an installation, whichever database it has, and the way back from it.

``values`` is how a value stands in the file, ``snapshot`` reads the database at one moment, ``archive`` is the file,
``sealing`` its encryption; ``making``, ``restoring``, ``schedule``, ``upgrading`` and ``anonymous`` use them.
"""
