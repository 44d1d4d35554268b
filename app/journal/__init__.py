"""The work of the journal: lessons, marks, attendance, final marks."""
