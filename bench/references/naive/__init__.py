"""Flask-Admin as an average developer writes it: models, default model views, no rights."""
