"""How the journal stands on several hosts: nginx, systemd, PostgreSQL; and the rehearsal that tries it."""
