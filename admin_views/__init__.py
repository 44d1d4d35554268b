"""The panel: Flask-Admin views, declarative, one file per area."""
