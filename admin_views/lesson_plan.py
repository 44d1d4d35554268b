"""The lesson plan (КТП) of an assignment: from a spreadsheet, topic by topic, laid on the lessons."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import FileField

from admin_views import formats
from admin_views.base import SAID, SchoolPage, acting_person, explanation
from admin_views.forms import at_field
from admin_views.lesson_forms import TopicForm
from app import policy, spreadsheet
from app.extensions import db
from app.imports import ReadingError
from app.imports.files import MAX_BYTES
from app.imports.plans import HEADINGS, read_plan
from app.journal import plan, planning
from app.journal.planning import Words
from app.journal.progress import classes_with_plans, plans, progress
from app.models import PlannedTopic, StudyGroup, TeachingAssignment
from app.people.refusal import Refusal
from app.policy import Action

LISTED = 40  # more assignments than that are shown class by class


class PlanForm(BaseForm):
    """One file."""

    file = FileField(_("Lesson plan (xlsx or csv)"))


class LessonPlanView(SchoolPage):
    """Lesson plans."""

    of = PlannedTopic

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Lesson plans"), category, endpoint="plan", url="/admin/plan")

    @expose("/")
    def index(self) -> Any:
        """The assignments whose plans the person sees; where they are many, class by class."""
        actor, session = acting_person(), db.session()
        lines, classes, chosen = plans(session, actor, most=LISTED + 1), [], None
        if len(lines) > LISTED:
            classes = classes_with_plans(session, actor)
            asked = request.args.get("class", "")
            chosen = next((each for each in classes if str(each.id) == asked), classes[0])
            lines = plans(session, actor, chosen.id)
        return self.render("admin/plan/list.html", lines=lines, classes=classes, chosen=chosen)

    @expose("/<int:number>/")
    def plan(self, number: int) -> Any:
        """The plan with its lessons, and how far the class is."""
        assignment, session = self._assignment(number), db.session()
        if not policy.sees_whole(session, number):
            return self.render("admin/plan/plan.html", assignment=assignment, progress=None, writes=False,
                               topics=planning.words_of(session, number), day=formats.day)  # fmt: skip
        return self.render(
            "admin/plan/plan.html", assignment=assignment, progress=progress(session, number, acting_person().today),
            writes=self._writes(number), topics=[], day=formats.day,
        )  # fmt: skip

    @expose("/<int:number>/lay/", methods=("POST",))
    def lay(self, number: int) -> Any:
        """Lay the plan on the lessons from today on."""
        self._to_write(number)

        def lay() -> str:
            laid = plan.lay(db.session(), number, acting_person().today)
            return ngettext(
                "The plan stands on %(num)d lesson from today on.", "The plan stands on %(num)d lessons from today on.",
                laid.lessons,
            )  # fmt: skip

        self._carry_out(number, lay)
        return self._back(number)

    # One topic

    @expose("/<int:number>/topics/new/", methods=("GET", "POST"))
    def new_topic(self, number: int) -> Any:
        """Put a topic in, at the end or where ``position`` says."""
        assignment = self._to_write(number)
        form = TopicForm(request.form if request.method == "POST" else None)
        if request.method == "GET":
            asked = request.args.get("position", "")
            form.position.data = int(asked) if re.fullmatch(r"[1-9]\d{0,2}", asked, re.ASCII) else None
        form.position.description = gettext("Empty: at the end.")

        def put() -> str:
            words = planning.checked(form.topic.data or "", form.homework.data or "")
            planning.insert(db.session(), number, words, form.position.data, acting_person().today)
            return gettext("The topic is added.")

        if request.method == "POST" and form.validate() and self._carry_out(number, put, form):
            return self._back(number)
        return self.render("admin/plan/topic.html", assignment=assignment, form=form, topic=None)

    @expose("/<int:number>/topics/<int:position>/", methods=("GET", "POST"))
    def topic(self, number: int, position: int) -> Any:
        """Change a topic, or take it to another place."""
        assignment = self._to_write(number)
        topic = self._topic(number, position)
        form = TopicForm(request.form if request.method == "POST" else None, obj=topic)

        def change() -> str:
            words, today = planning.checked(form.topic.data or "", form.homework.data or ""), acting_person().today
            planning.change(db.session(), number, position, words, today)
            if form.position.data and form.position.data != position:
                planning.move(db.session(), number, position, form.position.data, today)
            return gettext("The topic is saved.")

        if request.method == "POST" and form.validate() and self._carry_out(number, change, form):
            return self._back(number)
        return self.render("admin/plan/topic.html", assignment=assignment, form=form, topic=position)

    @expose("/<int:number>/topics/<int:position>/move/", methods=("POST",))
    def move(self, number: int, position: int) -> Any:
        """A step up or down, or out of the plan."""
        self._to_write(number)
        self._topic(number, position)
        today = acting_person().today

        def change() -> str:
            if "delete" in request.form:
                planning.delete(db.session(), number, position, today)
                return gettext("The topic is deleted.")
            step = -1 if "up" in request.form else 1
            planning.move(db.session(), number, position, position + step, today)
            return ""

        self._carry_out(number, change)
        return redirect(self.get_url(".plan", number=number) + f"#topic-{position}")

    # A whole plan

    @expose("/<int:number>/import/", methods=("GET", "POST"))
    def upload(self, number: int) -> Any:
        """Take a spreadsheet and show what would happen; nothing is written."""
        assignment = self._to_write(number)
        form = PlanForm(request.files if request.method == "POST" else None)
        if request.method == "POST":
            file = form.file.data
            try:
                if not file or not file.filename:
                    raise ReadingError(gettext("Choose a file."))
                found = read_plan(file.stream.read(MAX_BYTES + 1))
            except ReadingError as problem:
                form.file.errors = [str(problem)]
            else:
                now = progress(db.session(), number, acting_person().today)
                other = [
                    line for line, (topic, _homework) in zip(now.lines, found.topics, strict=False)
                    if line.is_fixed and line.topic.topic != topic
                ]  # fmt: skip
                return self.render(
                    "admin/plan/preview.html", assignment=assignment, found=found, now=now, other=other,
                    given=sum(line.is_given for line in now.lines), sealed=_seal().dumps([number, found.topics]),
                )  # fmt: skip
        return self.render("admin/plan/upload.html", assignment=assignment, form=form, max_mb=MAX_BYTES >> 20)

    @expose("/<int:number>/import/confirm/", methods=("POST",))
    def confirm(self, number: int) -> Any:
        """Write the plan that was looked at, in one transaction."""
        self._to_write(number)
        try:
            of, topics = _seal().loads(request.form.get("sealed", ""))
        except (BadData, ValueError, TypeError):
            of, topics = None, []
        if of != number:
            flash(gettext("This form is not whole. Upload the file again."), "error")
            return redirect(self.get_url(".upload", number=number))

        def write() -> str:
            plan_words = [Words(topic, homework) for topic, homework in topics]
            planning.replace(db.session(), number, plan_words, acting_person().today)
            return ngettext("The plan has %(num)d topic.", "The plan has %(num)d topics.", len(topics))

        self._carry_out(number, write)
        return self._back(number)

    @expose("/<int:number>/plan.xlsx")
    def template(self, number: int) -> Any:
        """The plan as a spreadsheet that can be filled in and imported; an empty one shows how."""
        assignment = self._assignment(number)
        words = planning.words_of(db.session(), number)
        rows = [(index, each.topic, each.homework, 1) for index, each in enumerate(words, start=1)]
        body = spreadsheet.xlsx(str(assignment.subject), [str(title) for title in HEADINGS.values()], rows)
        headers = {"Content-Disposition": f"attachment; filename=plan_{number}.xlsx"}
        return Response(body, mimetype=spreadsheet.XLSX, headers=headers)

    @expose("/<int:number>/copy/", methods=("GET", "POST"))
    def copy(self, number: int) -> Any:
        """Give the plan to a parallel class of the same teacher."""
        assignment, session = self._to_write(number), db.session()
        targets = [(each, len(planning.words_of(session, each.id))) for each in planning.parallel(session, assignment)]
        if request.method == "POST":
            target = next((pair for pair in targets if str(pair[0].id) == request.form.get("target")), None)

            def copy() -> str:
                if target is None:
                    raise Refusal(gettext("Choose a class."))
                if target[1] and "replace" not in request.form:
                    raise Refusal(gettext("There is a plan already. Tick that it may be replaced."))
                words = planning.words_of(session, number)
                planning.replace(session, target[0].id, words, acting_person().today)
                return gettext("The plan is copied to %(group)s.", group=target[0].study_group)

            if self._carry_out(target[0].id if target else number, copy) and target:
                return self._back(target[0].id)
            return redirect(self.get_url(".copy", number=number))
        return self.render("admin/plan/copy.html", assignment=assignment, targets=targets)

    # What the requests share

    def _assignment(self, number: int, action: Action = Action.SEE) -> TeachingAssignment:
        rows = (
            planning.opens(acting_person(), action)
            .where(TeachingAssignment.id == number)
            .options(
                joinedload(TeachingAssignment.subject),
                joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
            )
        )
        found = db.session.scalars(rows).one_or_none()
        return found if found is not None else abort(404)

    def _to_write(self, number: int) -> TeachingAssignment:
        """The assignment; 404 to who may not see its plan, 403 to who may not write it."""
        assignment = self._assignment(number)
        if not self._writes(number):
            abort(403)
        return assignment

    @staticmethod
    def _writes(number: int) -> bool:
        rows = planning.opens(acting_person(), Action.CREATE).where(TeachingAssignment.id == number)
        return db.session.scalars(rows).one_or_none() is not None

    @staticmethod
    def _topic(number: int, position: int) -> PlannedTopic:
        rows = select(PlannedTopic).where(PlannedTopic.teaching_assignment_id == number)
        if position > planning.MOST:
            abort(404)
        found = db.session.scalars(rows.where(PlannedTopic.position == position)).one_or_none()
        return found if found is not None else abort(404)

    def _back(self, number: int) -> Any:
        return redirect(self.get_url(".plan", number=number))

    @staticmethod
    def _carry_out(number: int, change: Callable[[], str], form: Any = ()) -> bool:
        """Do it and commit; then lay the plan on the lessons that a substitute writes in. All of it, or the reason."""
        today = acting_person().today
        try:
            done = change()
            db.session.commit()
        except SAID as problem:
            db.session.rollback()
            if isinstance(problem, Refusal) and problem.field in form:
                return at_field(form, problem)
            flash(explanation(problem) or "", "error")
            return False
        if done:
            flash(done, "success")
        with policy.system() as session:
            try:
                plan.shift(session, {number}, today)
                session.commit()
            except SAID as problem:
                flash(explanation(problem) or "", "warning")
        return True


def _seal() -> URLSafeSerializer:
    """Keeps a plan in a form between preview and confirmation, so that what was looked at is what is written."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="lesson plan")
