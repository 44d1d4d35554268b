"""The benchmark: ours next to a reference, on the same machine, in the same run. ``make bench`` runs it."""
