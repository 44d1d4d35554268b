"""What the school holds about a person and the children they read, how it is corrected, and a copy to take along."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app import contacts, policy, school_texts
from app.auth import agents, signed_in
from app.diary import data_export
from app.diary.frame import blueprint, children, page, reader, usual_child
from app.diary.paper_forms import CorrectionForm, refuse
from app.diary.taking_back import take_back
from app.extensions import db
from app.models import Correction, Enrollment, Guardianship, SignIn, Student, StudyGroupMember, User, UserSession
from app.models.diary import CorrectedField, RequestState
from app.people.refusal import Refusal
from app.policy import Action
from app.requests import answers, corrections

SIGN_INS = 10


@blueprint.get("/data/")
def own_data() -> ResponseReturnValue:
    """All of it in plain words, with a way to correct each value."""
    session, me = db.session(), _person()
    sign_ins = select(SignIn).where(SignIn.user_id == me.id).order_by(SignIn.at.desc(), SignIn.id.desc())
    browsers = select(UserSession).where(UserSession.user_id == me.id, UserSession.ended_at.is_(None))
    return page(
        "own_data.html", me=me, students=students(),
        relations={each.student_id: each.relation for each in session.scalars(
            select(Guardianship).where(Guardianship.user_id == me.id))},
        sign_ins=session.scalars(sign_ins.limit(SIGN_INS)).all(),
        browsers=session.scalars(browsers.order_by(UserSession.last_seen_at.desc())).all(), device=agents.device,
        asked=corrections.corrections_by(session), consents=school_texts.consents(session),
        phone=contacts.shown_phone, shown=corrections.shown, current=corrections.current,
        Field=CorrectedField, fields=(*corrections.NAMES, *corrections.DETAILS), names=corrections.NAMES,
        State=RequestState, may_ask=policy.may(reader(), Correction, Action.CREATE),
        corrects_own_name=_corrects_own(me),
    )  # fmt: skip


@blueprint.get("/data/correct")
def correct() -> ResponseReturnValue:
    """What the value is, and what it should be."""
    student, user, field = _what()
    form = CorrectionForm(formdata=None, value=_typed(field, corrections.current(student, user, field)))
    return _form(form, student, user, field)


@blueprint.post("/data/correct")
def send_correction() -> ResponseReturnValue:
    """Ask the class teacher to correct a value."""
    (student, user, field), form = _what(), CorrectionForm()
    if not form.validate_on_submit():
        return _form(form, student, user, field, 422)
    try:
        corrections.ask(db.session(), student, user, field, form.value.data or "", reader().today)
        db.session.commit()
    except Refusal as refusal:
        refuse(form, refusal)
        return _form(form, *_what(), status=422)
    flash(gettext("The class teacher has your correction. Once it is confirmed, the data is changed."), "success")
    return redirect(url_for("diary.own_data"))


@blueprint.post("/data/corrections/<int:number>/withdraw")
def withdraw_correction(number: int) -> ResponseReturnValue:
    """Take an own correction back while nobody has answered it."""
    row = answers.latest(db.session(), Correction, number)
    if row is None or row.author_id != reader().user_id:
        abort(404)
    take_back(row, gettext("The correction is withdrawn."))
    return redirect(url_for("diary.own_data"))


@blueprint.post("/data/consent/withdraw")
def withdraw_consent() -> ResponseReturnValue:
    """Take the consent back."""
    school_texts.withdraw(db.session())
    db.session.commit()
    flash(gettext("Your consent is withdrawn. The school can tell you what follows from that."), "success")
    return redirect(url_for("diary.own_data"))


@blueprint.get("/data/export")
def export() -> ResponseReturnValue:
    """A file with everything about the person and the children they read."""
    data = data_export.everything(
        db.session(), _person(), students(), signed_in.now(), current_app.config["SCHOOL_NAME"]
    )
    body = json.dumps(data, ensure_ascii=False, indent=1)
    name = f"diary-{reader().today.isoformat()}.json"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(body, mimetype="application/json", headers=headers)


def students() -> list[Student]:
    """The children with everything the page says of them, in the order of the diary; four statements."""
    ids = [child.id for child in children()]
    rows = db.session.scalars(
        select(Student)
        .where(Student.id.in_(ids))
        .options(
            joinedload(Student.details),
            selectinload(Student.enrollments).joinedload(Enrollment.school_class),
            selectinload(Student.memberships).joinedload(StudyGroupMember.study_group),
        )
    )
    return sorted(rows, key=lambda student: ids.index(student.id))


def _person() -> User:
    return db.session.scalars(select(User).where(User.id == reader().user_id).options(joinedload(User.account))).one()


def _corrects_own(me: User) -> bool:
    """The own name is corrected here by guardians; that of staff by the deputy director, a student's as the child's."""
    return reader().is_guardian and not reader().is_student and not (me.is_staff or me.is_deputy_director)


def _what() -> tuple[Student, User | None, CorrectedField]:
    """What the address asks to correct; 404 for what is not the person's."""
    args = request.args
    field = next((each for each in CorrectedField if each.value == args.get("field")), None) or abort(404)
    own = args.get("own") == "1"
    number = usual_child().id if own else args.get("student", type=int)
    if number not in [child.id for child in children()]:
        abort(404)
    student = next(each for each in students() if each.id == number)
    if not own:
        return student, None, field
    me = _person()
    if field not in corrections.NAMES or not _corrects_own(me):
        abort(404)
    return student, me, field


def _typed(field: CorrectedField, value: str) -> str:
    """A value as a person types it."""
    if field is CorrectedField.PHONE:
        return contacts.shown_phone(value)
    return ".".join(reversed(value.split("-"))) if field is CorrectedField.BIRTH_DATE else value


def _form(
    form: CorrectionForm, student: Student, user: User | None, field: CorrectedField, status: int = 200
) -> ResponseReturnValue:
    words: dict[str, Any] = {
        "form": form, "student": student, "own": user is not None, "field": field,
        "now": corrections.shown(field, corrections.current(student, user, field)),
    }  # fmt: skip
    return page("correct.html", None, status, **words)
