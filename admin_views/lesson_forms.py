"""What is typed on the card of a lesson and on a lesson plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from admin_views.forms import SchoolForm
from admin_views.labels import LABELS
from app.journal.lesson_card import LONGEST_HOMEWORK
from app.journal.planning import LONGEST, MOST


class LessonForm(SchoolForm):
    """Topic and homework; ``version`` is that of the lesson the person saw, ``seen`` when, in Unix seconds."""

    version = HiddenField()
    seen = HiddenField()
    topic = StringField(LABELS["topic"], [Length(max=300)])
    homework = TextAreaField(
        LABELS["homework"],
        [Length(max=LONGEST_HOMEWORK)],
        description=_("Addresses that begin with https:// become links."),
        render_kw={"rows": 5},
    )


class FilesForm(SchoolForm):
    """Files of the homework."""

    files = MultipleFileField(_("Add files"))


class TopicForm(SchoolForm):
    """A topic of the plan."""

    topic = StringField(LABELS["topic"], [Length(max=LONGEST["topic"])])
    homework = TextAreaField(LABELS["homework"], [Length(max=LONGEST["homework"])], render_kw={"rows": 3})
    position = IntegerField(
        _("Number in the plan"),
        [Optional(), NumberRange(1, MOST)],
        description=_("Another number moves the topic there."),
    )
