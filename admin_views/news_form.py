"""The form of a news item: what belongs together, and the picture."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from wtforms import FileField
from wtforms.validators import ValidationError

from admin_views.forms import SchoolForm
from app.models.communication import Audience
from app.news import pictures


class PictureField(FileField):
    """A picture to upload; ``picture`` is what can be kept of it, None without one."""

    picture: pictures.Picture | None = None

    def pre_validate(self, form: Any) -> None:
        """Look at what the file is, whatever it is called."""
        if isinstance(self.data, FileStorage) and self.data.filename:
            try:
                self.picture = pictures.read(self.data.read())
            except pictures.PictureError as error:
                raise ValidationError(str(error.message)) from error

    def populate_obj(self, obj: Any, name: str) -> None:
        """The file is kept by the view: it needs the session."""


class NewsForm(SchoolForm):
    """Classes are named for the audience «chosen classes», and only for it."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and what belongs together."""
        fine: bool = super().validate(extra_validators)
        if "classes" in self and "audience" in self:
            for_classes, named = self["audience"].data is Audience.CLASSES, bool(self["classes"].data)
            if for_classes and not named:
                self._object("classes", gettext("Choose the classes that the news is for."))
            elif named and self["audience"].data is not None and not for_classes:
                self._object(
                    "classes", gettext("Choose «Chosen classes» as the audience, or take the classes away here.")
                )
        fine = fine and not self.errors
        if not fine and "picture_file" in self and self["picture_file"].picture is not None:
            self._object("picture_file", gettext("Choose the picture again: browsers do not keep it in a form."))
        return fine

    def _object(self, name: str, message: str) -> None:
        self[name].errors = [*self[name].errors, message]
