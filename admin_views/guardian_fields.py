"""The fields that write a guardian: a person the journal knows, or a new one, never the same one twice.

They stand in the form of a guardian and in that of a new student.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField
from wtforms.validators import Length, Optional

from admin_views.forms import EmailField, PhoneField, SchoolForm, WordField, proper_full_name, stripped
from app.extensions import db
from app.models import Guardianship, User
from app.models.people import Channel, Relation
from app.people import guardians

NAMES = ("guardian_name", "guardian_phone", "guardian_email", "guardian_channel", "relation", "guardian_same")
ANOTHER = "new"


def fields() -> dict[str, Any]:
    """Name and contacts of a new person, the relation, and who it is where somebody has the same contacts."""
    return {
        "guardian_name": StringField(
            _("Name of the parent"), [Optional(), Length(max=250), proper_full_name], filters=[stripped],
            description=_("Family name, given name and patronymic."),
        ),
        "guardian_phone": PhoneField(_("Phone of the parent")),
        "guardian_email": EmailField(_("E-mail of the parent")),
        "guardian_channel": WordField(_("Preferred channel"), words=Channel, allow_blank=True),
        "relation": WordField(_("Relation"), words=Relation, allow_blank=True),
        "guardian_same": RadioField(_("The journal knows this phone or e-mail. Who is it?"), choices=[],
                                    validate_choice=False),
    }  # fmt: skip


class GuardianFields(SchoolForm):
    """What the fields of a guardian mean together."""

    def process(self, formdata: Any = None, *arguments: Any, **values: Any) -> None:
        """Read what was posted, and find out whether the journal knows the person."""
        super().process(formdata, *arguments, **values)
        self.known: list[User] = []
        if "guardian_same" not in self:
            return
        if formdata and self.names_somebody():
            self.known = guardians.known_by(db.session(), self._contact("phone"), self._contact("email"))
        if not self.known:
            del self["guardian_same"]
            return
        self["guardian_same"].choices = [
            *((str(person.id), guardians.described(person)) for person in self.known),
            (ANOTHER, gettext("somebody else with the same phone or e-mail")),
        ]

    def _contact(self, kind: str) -> str | None:
        field = self[f"guardian_{kind}"]
        return None if field.process_errors else field.data

    def names_somebody(self) -> bool:
        """Whether anything of a new person was entered."""
        return any(self[f"guardian_{name}"].data for name in ("name", "phone", "email"))

    def check_guardian(self) -> bool:
        """Messages at what is missing or has to be decided."""
        problems = []
        if not self["guardian_name"].data:
            problems.append(("guardian_name", gettext("Whose contacts are these? Give the name.")))
        if not self["relation"].data:
            problems.append(("relation", gettext("Choose one from the list.")))
        if self.known and self._chosen() is None:
            problems.append(("guardian_same", gettext("Choose the person, so that nobody is written twice.")))
        for name, message in problems:
            self[name].errors = [*self[name].errors, message]
        return not problems

    def _chosen(self) -> User | str | None:
        chosen = self["guardian_same"].data
        return chosen if chosen == ANOTHER else next((p for p in self.known if str(p.id) == chosen), None)

    def guardian(self) -> User:
        """The known person that was chosen, or a new one; after validation."""
        chosen = self._chosen() if self.known else None
        if isinstance(chosen, User):
            return chosen
        name = self["guardian_name"].parts
        return guardians.new_person(
            (name.family_name, name.given_name, name.patronymic),
            self["guardian_phone"].data, self["guardian_email"].data, self["guardian_channel"].data,
        )  # fmt: skip

    def guardianship(self) -> Guardianship:
        """What makes them a guardian; the student is still to be set."""
        return Guardianship(user=self.guardian(), relation=self["relation"].data)
