"""Whatever is sent to the forms of people, nobody sees an error of ours and nothing half is written."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select

from app.extensions import db
from app.models import Enrollment, Guardianship, Student, StudyGroup, StudyGroupMember, User
from tests.school import DAY, School
from tests.school_panel import HOSTILE, Panel, deputy, second_class, written


def pages(school: School) -> list[str]:
    """Every form of people, for existing rows and new ones."""
    second_class(school)
    other = Student(family_name="Второй", given_name="Ян")
    written(Enrollment(student=other, school_class=school.school_class, starts_on=DAY))
    group = written(StudyGroup(school_class_id=school.school_class.id, name="Английский 1"))
    member = written(StudyGroupMember(study_group=group, student=school.student, starts_on=DAY))
    parent = written(Guardianship(student=school.student, user=User(family_name="Семёнова", given_name="Анна")))
    rows: dict[str, Any] = {
        "student": school.student, "guardianship": parent, "user": parent.user, "schoolclass": school.school_class,
        "enrollment": school.student.enrollments[0], "studygroup": group, "studygroupmember": member,
    }  # fmt: skip
    edits = [f"/admin/{name}/edit/?id={row.id}" for name, row in rows.items()]
    news = [f"/admin/{name}/new/" for name in rows]
    moves = [f"/admin/student/{page}/?id={school.student.id}" for page in ("move", "leave")]
    return [*edits, *news, *moves, f"/admin/studygroup/members/?id={group.id}", "/admin/imports/students/"]


def names(html: str) -> list[str]:
    form = BeautifulSoup(html, "html.parser").select_one("form.form.card")
    assert form is not None
    return sorted({str(field["name"]) for field in form.select("[name]")})


def test_no_value_breaks_a_form(panel: Panel, school: School) -> None:
    boss = deputy()
    forms = {path: names(panel.get(boss, path).text) for path in pages(school)}
    for path, known in forms.items():
        for value in HOSTILE:
            answer = panel.post(boss, path, dict.fromkeys(known, value))
            assert answer.status_code < 500, (path, value[:40], answer.status_code)
    assert db.session.scalars(select(Student.family_name).order_by(Student.id)).all() == ["Семёнов", "Второй"]
    for path in forms:
        assert panel.get(boss, path).status_code == 200


def test_no_address_breaks_a_list(panel: Panel, school: School) -> None:
    boss = deputy()
    keys = ("search", "class", "gap", "place", "sort", "page", "page_size", "flt0_class", "student", "id", "url")
    for name in ("student", "guardianship", "user", "schoolclass", "enrollment", "studygroup", "studygroupmember"):
        for value in ("'", "%00", "-1", "99999999999999999999", "x" * 300, "%F0%9F", "5%22%D0%90", "0001-01-01"):
            query = "&".join(f"{key}={value}" for key in keys)
            for page in ("", "new/"):
                answer = panel.get(boss, f"/admin/{name}/{page}?{query}")
                assert answer.status_code < 500, (name, page, value)
