"""Independent judges of the running journal: ``python -m judges``. They reach this machine and nothing else."""
