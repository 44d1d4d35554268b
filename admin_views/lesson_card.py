"""The card of a lesson: topic, homework with links and files, homework for chosen students."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, flash, redirect, request
from flask_admin import expose
from flask_admin.helpers import get_redirect_target
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import FileStorage

from admin_views import formats
from admin_views.base import SAID, SchoolPage, acting, acting_person, explanation
from admin_views.lesson_forms import FilesForm, LessonForm
from app import attachments, policy
from app.extensions import db
from app.journal import homework_files, lesson_card
from app.journal.lesson_card import Card
from app.journal.links import with_links
from app.journal.plan import planned_topics
from app.models import HomeworkFile, Lesson, RollCall, StaffNote, StudentHomework
from app.policy import Action
from app.regulation import LOCKED


class LessonCardView(SchoolPage):
    """One lesson, for whoever sees it; its teacher writes in it."""

    of = Lesson

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Lesson"), category, endpoint="lessoncard", url="/admin/lessoncard")

    def is_visible(self) -> bool:
        """A card is reached from its lesson, not from the menu."""
        return False

    @expose("/")
    def index(self) -> Any:
        """No lesson is named: on to all of them."""
        return redirect(self.get_url("lesson.index_view"))

    @expose("/<int:number>/", methods=("GET", "POST"))
    def card(self, number: int) -> Any:
        """Show the lesson; take its topic and homework."""
        card = self._card(number)
        form = self._form(card)
        if request.method == "GET":
            return self._shown(card, form)
        if not set(form._fields) - {"version", "seen"}:
            abort(403)
        if not form.validate():
            return self._shown(card, form)
        try:
            if form.version.data != str(card.lesson.version) and self._differs(card.lesson, form):
                return self._in_conflict(number, form)
            self._write(card.lesson, form)
            db.session.commit()
        except StaleDataError:
            db.session.rollback()
            return self._in_conflict(number, form)
        except SAID as problem:
            db.session.rollback()
            flash(explanation(problem) or "", "error")
            return self._shown(self._card(number), form)
        flash(gettext("The lesson is saved."), "success")
        return redirect(self.get_url(".card", number=number))

    def _in_conflict(self, number: int, form: LessonForm) -> Any:
        """Somebody was quicker: what they wrote, and what the person typed, to be decided upon."""
        card = self._card(number)
        told = form.seen.data or ""
        seen = datetime.fromtimestamp(int(told) if re.fullmatch(r"\d{1,10}", told, re.ASCII) else 0, UTC)
        form.version.data, form.seen.data = str(card.lesson.version), None
        return self._shown(card, form, changes=lesson_card.changes_since(db.session(), card.lesson, seen))

    @staticmethod
    def _differs(lesson: Lesson, form: LessonForm) -> bool:
        return any(_typed(form, name) != getattr(lesson, name) for name in lesson_card.WRITTEN if name in form)

    @staticmethod
    def _write(lesson: Lesson, form: LessonForm) -> None:
        for name in lesson_card.WRITTEN:
            if name in form:
                setattr(lesson, name, _typed(form, name))

    @expose("/<int:number>/roll-call/", methods=("POST",))
    def roll_call(self, number: int) -> Any:
        """Everybody who is not noted as away was there."""
        if not policy.may(acting(), RollCall, Action.CREATE):
            abort(403)
        card = self._card(number)
        if card.lesson.is_cancelled or card.lesson.date > acting_person().today:
            flash(gettext("Attendance is taken of lessons that are held."), "error")
        else:
            self._carry_out(lambda: self._take(card.lesson))
        return redirect(get_redirect_target() or self.get_url(".card", number=number))

    @staticmethod
    def _take(lesson: Lesson) -> str:
        lesson_card.take_roll_call(db.session(), lesson)
        return gettext("Attendance is taken.")

    # Files

    @expose("/<int:number>/files/", methods=("POST",))
    def files(self, number: int) -> Any:
        """Add files; those that cannot be taken are named with the reason, the others are kept."""
        if not policy.may(acting(), HomeworkFile, Action.CREATE):
            abort(403)
        uploads, refused = self._read(request.files.getlist("files"))

        def keep() -> str:
            lesson = self._card(number).lesson
            for upload in uploads:
                homework_files.keep(db.session(), lesson, upload)
            return ngettext("%(num)d file is added.", "%(num)d files are added.", len(uploads)) if uploads else ""

        self._carry_out(keep)
        for reason in refused:
            flash(reason, "error")
        return redirect(self.get_url(".card", number=number) + "#files")

    @staticmethod
    def _read(given: list[FileStorage]) -> tuple[list[attachments.Upload], list[str]]:
        """What can be kept, and of the rest why not; before the database is asked for anything."""
        uploads, refused = [], []
        for file in given[: homework_files.MOST]:
            if not file.filename:
                continue
            try:
                uploads.append(homework_files.read(file.filename, file.stream.read(homework_files.limit() + 1)))
            except attachments.FileError as error:
                refused.append(gettext("«%(name)s» is not added. %(why)s", name=file.filename[:80], why=error.message))
        if not uploads and not refused:
            refused.append(gettext("Choose a file."))
        return uploads, refused

    @expose("/<int:number>/files/<int:file>/delete/", methods=("POST",))
    def delete_file(self, number: int, file: int) -> Any:
        """Delete a file."""
        row = self._row(HomeworkFile, number, file)

        def delete() -> str:
            db.session.delete(row)
            return gettext("The file «%(name)s» is deleted.", name=row.name)

        self._carry_out(delete)
        return redirect(self.get_url(".card", number=number) + "#files")

    @expose("/file/<int:number>")
    def file(self, number: int) -> Response:
        """A file, for those who may see it: pictures are shown, everything else is saved to the reader's disk."""
        row = db.session.get(HomeworkFile, number)
        if row is None or not homework_files.path(row).is_file():
            abort(404)
        return attachments.answer(homework_files.path(row), row.name, "save" in request.args)

    # Homework for chosen students

    @expose("/<int:number>/personal/", methods=("POST",))
    def personal(self, number: int) -> Any:
        """Write homework for chosen students."""
        card = self._card(number)
        boxes = request.form.getlist("students")
        chosen = {int(each) for each in boxes if re.fullmatch(r"[1-9]\d{0,8}", each, re.ASCII)}
        text = request.form.get("text", "")

        def write() -> str:
            lesson_card.set_personal(db.session(), card.lesson, chosen, text)
            return ngettext(
                "Homework for %(num)d student is saved.", "Homework for %(num)d students is saved.", len(chosen)
            )

        if self._carry_out(write):
            return redirect(self.get_url(".card", number=number) + "#personal")
        card = self._card(number)
        return self._shown(card, self._form(card, fresh=True), chosen=chosen, text=text)

    @expose("/<int:number>/personal/<int:row>/", methods=("POST",))
    def change_personal(self, number: int, row: int) -> Any:
        """Write the homework of one student anew, or take it away."""
        homework = self._row(StudentHomework, number, row)

        def change() -> str:
            if "delete" in request.form:
                db.session.delete(homework)
                return gettext("The homework of %(student)s is deleted.", student=homework.student)
            lesson_card.change_personal(homework, request.form.get("text", ""))
            return gettext("The homework of %(student)s is saved.", student=homework.student)

        if self._carry_out(change):
            return redirect(self.get_url(".card", number=number) + "#personal")
        card = self._card(number)
        return self._shown(card, self._form(card, fresh=True), changed={row: request.form.get("text", "")})

    # What the requests share

    def _carry_out(self, change: Callable[[], str]) -> bool:
        """Do it, commit and say what was done; all of it, or nothing and the reason."""
        try:
            done = change()
            db.session.commit()
        except SAID as problem:
            db.session.rollback()
            flash(explanation(problem) or "", "error")
            return False
        if done:
            flash(done, "success")
        return True

    @staticmethod
    def _card(number: int) -> Card:
        card = lesson_card.card(db.session(), number)
        return card if card is not None else abort(404)

    @staticmethod
    def _row(model: type[Any], lesson_id: int, number: int) -> Any:
        row = db.session.get(model, number)
        if row is None or row.lesson_id != lesson_id:
            abort(404)
        if not policy.allowed(db.session(), model, Action.CHANGE, [row.id]):
            abort(403)
        return row

    def _form(self, card: Card, *, fresh: bool = False) -> LessonForm:
        """The fields that the person may write in this lesson."""
        form = LessonForm(request.form if request.method == "POST" and not fresh else None, obj=card.lesson)
        for name in set(lesson_card.WRITTEN) - self._writable(card):
            del form[name]
        return form

    @staticmethod
    def _writable(card: Card) -> set[str]:
        names = {name for name in lesson_card.WRITTEN if card.writable is None or name in card.writable}
        if card.lesson.is_cancelled or card.is_locked:
            return set()
        return names if card.takes_homework else names - {"homework"}

    @staticmethod
    def _may_take(card: Card) -> bool:
        """Whether the person can say that the attendance of the lesson is taken."""
        held = not card.lesson.is_cancelled and card.lesson.date <= acting_person().today
        return held and card.roll_call is None and (card.writable is None or "topic" in card.writable)

    def _shown(self, card: Card, form: LessonForm, **more: Any) -> Any:
        lesson, session = card.lesson, db.session()
        writes_homework = "homework" in form
        is_staff = policy.may(acting_person(), StaffNote, Action.SEE)
        planned = planned_topics(session, lesson.teaching_assignment_id, [lesson]) if "topic" in form else {}
        form.version.data = form.version.data or str(lesson.version)
        form.seen.data = form.seen.data or str(int(acting_person().now.timestamp()))
        return self.render(
            "admin/lesson/card.html", card=card, lesson=lesson, form=form, writes_homework=writes_homework,
            is_staff=is_staff, files_form=FilesForm(), planned=planned.get(lesson.id, ""),
            students=lesson_card.students_that_day(session, lesson) if writes_homework else [],
            locked=LOCKED if is_staff and card.is_locked else "", with_links=with_links,
            may_take=self._may_take(card),
            limit=homework_files.limit() >> 20, size_words=attachments.size_words, day=formats.day, hour=formats.hour,
            moment=formats.moment,
            **({"changes": None, "chosen": set(), "text": "", "changed": {}} | more),
        )  # fmt: skip


def _typed(form: LessonForm, name: str) -> str:
    """What was typed, as it is kept: a topic in one line."""
    text = (form[name].data or "").replace("\r\n", "\n").strip()
    return " ".join(text.split()) if name == "topic" else text
