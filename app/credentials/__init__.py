"""Access for a person: issue, activate, revoke; texts and printable slips."""
