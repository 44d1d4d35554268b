"""What the journal is measured against, over the same tables: the floor, Django's admin, Flask-Admin."""
