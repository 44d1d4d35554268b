"""The first screen of each role: what is to do now."""

from __future__ import annotations

from typing import Any

from flask_admin import expose

from admin_views.base import SchoolHome


class HomeView(SchoolHome):
    """What is to do now."""

    @expose("/")
    def index(self) -> Any:
        """The sections that the person's rights bring."""
        return self.render("admin/home.html")
