"""A new academic year in one step: classes go on, grade 11 leaves; taken back, everything is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import db
from app.models import (
    AcademicYear,
    Enrollment,
    Holiday,
    Lesson,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    Term,
    User,
    YearChange,
)
from app.models.people import TermKind
from app.newyear import undoing, writing
from app.newyear.dates import first_day, next_name, same_weekday
from app.newyear.ground import ground, latest_year
from app.newyear.layout import lay_out
from app.newyear.proposal import ClassWish, Days, Wish, proposal
from app.newyear.review import warnings
from app.people import placement
from app.people.refusal import Refusal
from tests.rights.screens import changed, snapshot
from tests.school_panel import HOSTILE, Panel, counted, deputy, text

BEGINS, ENDS = date(2026, 9, 1), date(2027, 5, 31)
PAGES = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is about pages, not data, is tried on one database."""
NOW = datetime(2027, 6, 7, 9, tzinfo=UTC)


class Town:
    """A school with chosen classes, each with students, a part of it, a class teacher and two assignments."""

    def __init__(self, classes: dict[str, int], terms: bool = True) -> None:
        self.year = AcademicYear(name="2026/2027", starts_on=BEGINS, ends_on=ENDS)
        self.teacher = User(family_name="Орлова", given_name="Вера", is_staff=True)
        self.other = User(family_name="Быкова", given_name="Нина", is_staff=True)
        self.subjects = [Subject(name="Математика"), Subject(name="Английский язык")]
        db.session.add_all([self.year, self.teacher, self.other, *self.subjects])
        if terms:
            self._terms()
        db.session.flush()
        for name, students in classes.items():
            self._class(name, students)
        db.session.commit()

    def _terms(self) -> None:
        quarter, half = {"academic_year": self.year, "kind": TermKind.QUARTER}, TermKind.HALF_YEAR
        db.session.add_all([
            Term(number=1, starts_on=BEGINS, ends_on=date(2026, 10, 23), **quarter),
            Term(number=2, starts_on=date(2026, 11, 2), ends_on=ENDS, **quarter),
            Term(academic_year=self.year, kind=half, number=1, starts_on=BEGINS, ends_on=ENDS),
            Holiday(academic_year=self.year, name="Осень", starts_on=date(2026, 10, 24), ends_on=date(2026, 11, 1)),
            Holiday(academic_year=self.year, name="8 марта", starts_on=date(2027, 3, 8), ends_on=date(2027, 3, 8)),
        ])  # fmt: skip

    def _class(self, name: str, students: int) -> None:
        school_class = SchoolClass(
            academic_year=self.year, grade=int(name[:-1]), letter=name[-1], class_teacher=self.teacher
        )
        db.session.add(school_class)
        db.session.flush()
        whole = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == school_class.id)).one()
        half = StudyGroup(school_class_id=school_class.id, name="англ. 1")
        pupils = [Student(family_name=f"Ученик{name}{number}", given_name="Пётр") for number in range(students)]
        db.session.add_all([half, *pupils])
        db.session.add_all(Enrollment(student=each, school_class=school_class, starts_on=BEGINS) for each in pupils)
        db.session.flush()
        db.session.add_all([
            *(StudyGroupMember(study_group=half, student=each, starts_on=BEGINS) for each in pupils[::2]),
            TeachingAssignment(teacher=self.teacher, subject=self.subjects[0], study_group=whole, starts_on=BEGINS),
            TeachingAssignment(teacher=self.other, subject=self.subjects[1], study_group=half, starts_on=BEGINS),
        ])  # fmt: skip


@contextmanager
def acting(number: int) -> Iterator[tuple[Session, policy.Actor]]:
    """A session that works for the person in June."""
    db.session.commit()
    with policy.system() as facts:
        actor = policy.load_actor(facts, number, NOW.date(), NOW)
    assert actor is not None
    with Session(db.engine, info={"actor": actor, "criteria": {}}) as session:
        yield session, actor


def step(boss: int, wish: Wish | None = None) -> None:
    """Write the next year, as proposed or wished."""
    with acting(boss) as (session, actor):
        year = latest_year(session)
        assert year is not None
        old = ground(session, year)
        writing.write(session, actor, old, wish or proposal(old))
        session.commit()
    db.session.expire_all()


def take_back(boss: int) -> None:
    with acting(boss) as (session, _actor):
        undoing.undo(session, session.scalars(select(YearChange)).one())
        session.commit()
    db.session.expire_all()


def proposed() -> Wish:
    year = latest_year(db.session())
    assert year is not None
    wish = proposal(ground(db.session(), year))
    db.session.commit()
    return wish


def wish_for(wish: Wish, name: str, **changes: object) -> Wish:
    """``wish`` with one class otherwise."""
    number = next(each.id for each in db.session.scalars(select(SchoolClass)) if str(each) == name)
    db.session.commit()
    classes = tuple(replace(each, **changes) if each.class_id == number else each for each in wish.classes)
    return replace(wish, classes=classes)


def new_classes() -> dict[str, SchoolClass]:
    rows = db.session.scalars(select(SchoolClass).join(SchoolClass.academic_year).where(AcademicYear.starts_on > ENDS))
    return {str(each): each for each in rows}


def names_in(school_class: SchoolClass) -> list[str]:
    rows = select(Student.family_name).join(Enrollment).where(Enrollment.school_class_id == school_class.id)
    return list(db.session.scalars(rows.order_by(Student.sort_name)))


def untold(before: dict[str, list[object]]) -> list[str]:
    """What differs from before, but for the records of who did it."""
    db.session.commit()
    return [row for row in changed(before, snapshot()) if not row.startswith(("audit_record", "rule_touch"))]


def test_everybody_goes_on_and_grade_11_leaves(app: Flask) -> None:
    Town({"1А": 2, "4А": 2, "5А": 3, "9А": 2, "11А": 2})
    boss = deputy().id
    step(boss)
    classes = new_classes()
    assert sorted(classes) == ["10А", "1А", "2А", "5А", "6А"]
    assert names_in(classes["6А"]) == ["Ученик5А0", "Ученик5А1", "Ученик5А2"]
    assert names_in(classes["1А"]) == []
    assert classes["10А"].term_kind is TermKind.HALF_YEAR
    assert (classes["6А"].class_teacher_id is not None, classes["5А"].class_teacher_id) == (True, None)
    new_year = classes["6А"].academic_year
    assert (new_year.name, new_year.starts_on, new_year.ends_on) == ("2027/2028", date(2027, 9, 1), date(2028, 5, 31))
    for spell in db.session.scalars(select(Enrollment)):
        is_new = spell.school_class.academic_year_id == new_year.id
        assert (spell.starts_on, spell.ends_on) == ((date(2027, 9, 1), None) if is_new else (BEGINS, ENDS))
    graduate = db.session.scalars(select(Student).where(Student.family_name == "Ученик11А0")).one()
    assert [spell.ends_on for spell in graduate.enrollments] == [ENDS]


def test_groups_members_and_assignments_go_on_but_into_grade_5(app: Flask) -> None:
    town = Town({"4А": 2, "5А": 3})
    step(deputy().id)
    assignments = db.session.scalars(
        select(TeachingAssignment).join(TeachingAssignment.study_group).where(TeachingAssignment.starts_on > ENDS)
    ).all()
    assert sorted((str(each), each.teacher.family_name) for each in assignments) == [
        ("Английский язык · 6А англ. 1", "Быкова"), ("Математика · 6А", "Орлова"),
    ]  # fmt: skip
    members = db.session.scalars(select(StudyGroupMember).where(StudyGroupMember.starts_on > ENDS)).all()
    assert sorted(str(each) for each in members) == [
        "Ученик4А0 Пётр · 5А англ. 1", "Ученик5А0 Пётр · 6А англ. 1", "Ученик5А2 Пётр · 6А англ. 1",
    ]  # fmt: skip
    old = db.session.scalars(select(TeachingAssignment).where(TeachingAssignment.starts_on == BEGINS))
    assert {each.ends_on for each in old} == {ENDS}
    assert town.year.id


def test_terms_and_holidays_keep_their_weekdays(app: Flask) -> None:
    Town({"5А": 1})
    step(deputy().id)
    terms = db.session.scalars(select(Term).where(Term.starts_on > ENDS).order_by(Term.kind, Term.number)).all()
    assert [(each.kind.value, each.number, each.starts_on, each.ends_on) for each in terms] == [
        ("half_year", 1, date(2027, 9, 1), date(2028, 5, 31)), ("quarter", 1, date(2027, 9, 1), date(2027, 10, 22)),
        ("quarter", 2, date(2027, 11, 1), date(2028, 5, 31)),
    ]  # fmt: skip
    holidays = db.session.scalars(select(Holiday).where(Holiday.starts_on > ENDS).order_by(Holiday.starts_on)).all()
    assert [(each.starts_on, each.ends_on) for each in holidays] == [
        (date(2027, 10, 23), date(2027, 10, 31)), (date(2028, 3, 8), date(2028, 3, 8)),
    ]  # fmt: skip


def test_days_of_a_year_later() -> None:
    assert first_day(date(2028, 9, 1)) == date(2029, 9, 3)  # the first is a Saturday
    assert [same_weekday(date(2027, 1, day)).weekday() for day in range(11, 18)] == [0, 1, 2, 3, 4, 5, 6]
    assert same_weekday(date(2028, 2, 29)) == date(2029, 2, 27)
    assert (next_name("2026/2027", BEGINS), next_name("Первый", date(2027, 9, 1))) == ("2027/2028", "2027/2028")


def test_one_letter_for_two_classes_makes_them_one(app: Flask) -> None:
    Town({"5А": 2, "5Б": 1})
    boss = deputy().id
    step(boss, wish_for(proposed(), "5Б", letter="А"))
    classes = new_classes()
    assert sorted(classes) == ["6А"]
    assert names_in(classes["6А"]) == ["Ученик5А0", "Ученик5А1", "Ученик5Б0"]
    assert len(db.session.scalars(select(TeachingAssignment).where(TeachingAssignment.starts_on > ENDS)).all()) == 2
    take_back(boss)


def test_who_does_not_go_on_is_named_before(app: Flask) -> None:
    town = Town({"5А": 2, "9А": 2, "11А": 1})
    town.other.is_active = False
    db.session.commit()
    boss, wish = deputy().id, wish_for(proposed(), "5А", goes_on=False)
    leaver = db.session.scalars(select(Student.id).where(Student.family_name == "Ученик9А1")).one()
    wish = wish_for(wish, "9А", staying_behind=frozenset({leaver}))
    old = ground(db.session(), town.year)
    layout = lay_out(old, wish)
    said = " ".join(warnings(db.session(), old, wish, layout, NOW.date()))
    db.session.commit()
    assert "2 students of 5А are in no class" in said
    assert "1 student of 9А is in no class" in said
    assert "3 terms of the old year are not locked" in said
    assert "Английский язык · 9А англ. 1 (Быкова Н.)" in said
    assert (layout.students, layout.graduates) == (1, 1)
    step(boss, wish)
    assert names_in(new_classes()["10А"]) == ["Ученик9А0"]
    assert db.session.scalars(select(Enrollment.ends_on).where(Enrollment.student_id == leaver)).all() == [ENDS]


def test_taken_back_everything_is_as_it_was(app: Flask) -> None:
    Town({"1А": 1, "4А": 2, "5А": 3, "5Б": 2, "9А": 2, "10А": 1, "11А": 2})
    boss = deputy().id
    db.session.commit()
    before = snapshot()
    step(boss)
    assert untold(before) != []
    take_back(boss)
    assert untold(before) == []


def test_what_was_built_on_it_keeps_it(app: Flask) -> None:
    Town({"5А": 2})
    boss = deputy().id
    step(boss)
    assignment = db.session.scalars(select(TeachingAssignment).where(TeachingAssignment.starts_on > ENDS)).first()
    assert assignment is not None
    lesson = Lesson(assignment=assignment, date=date(2027, 9, 2), number=1)
    newcomer = Student(family_name="Новый", given_name="Илья")
    db.session.add_all([lesson, Enrollment(student=newcomer, school_class=new_classes()["6А"],
                                           starts_on=date(2027, 9, 1))])  # fmt: skip
    db.session.commit()
    before = snapshot()
    with pytest.raises(Refusal, match=r"something was built on the new year since \(.*\)") as refused:
        take_back(boss)
    assert "lessons: 1" in str(refused.value)
    assert "students who joined or moved: 1" in str(refused.value)
    assert untold(before) == []


def test_who_leaves_before_the_new_year_begins_gives_up_the_place_in_it(app: Flask) -> None:
    Town({"5А": 2})
    boss = deputy().id
    step(boss)
    leaver = db.session.scalars(select(Student).where(Student.family_name == "Ученик5А0")).one()
    placement.leave(db.session(), leaver, date(2027, 5, 20), date(2027, 5, 18))
    db.session.commit()
    db.session.expire_all()
    assert [(each.starts_on, each.ends_on) for each in leaver.enrollments] == [(BEGINS, date(2027, 5, 20))]
    assert [each.ends_on for each in leaver.memberships] == [date(2027, 5, 20)]
    take_back(boss)
    assert [each.ends_on for each in leaver.enrollments] == [date(2027, 5, 20)]


def test_confirmed_it_stays(app: Flask) -> None:
    Town({"5А": 2})
    boss = deputy().id
    step(boss)
    with acting(boss) as (session, _actor):
        undoing.confirm(session.scalars(select(YearChange)).one(), NOW)
        session.commit()
    with pytest.raises(Refusal, match="confirmed already"):
        take_back(boss)


NONSENSE: list[tuple[dict[str, object], str]] = [
    ({"name": "2026/2027"}, "There is a year"),
    ({"name": ""}, "Give the year a name"),
    ({"days": Days(ENDS, date(2028, 5, 31))}, "begins after the last day of the old one"),
    ({"days": Days(date(2027, 9, 1), date(2029, 5, 31))}, "400 days"),
    ({"terms": {(TermKind.QUARTER, 1): Days(date(2027, 9, 1), date(2027, 9, 1))}}, "comes after the first one"),
    ({"terms": {(TermKind.QUARTER, 1): Days(date(2027, 8, 1), date(2027, 10, 1))}}, "outside of the year"),
    ({"terms": {(TermKind.QUARTER, 1): Days(date(2027, 9, 1), date(2027, 10, 1)),
                (TermKind.QUARTER, 2): Days(date(2027, 10, 1), date(2027, 11, 1))}}, "before the one before it"),
    ({"first_letters": ("А", "А")}, "letter of its own"),
    ({"classes": (), "first_letters": ()}, "nothing would be left"),
]  # fmt: skip


def test_a_year_that_makes_no_sense_is_refused(app: Flask) -> None:
    Town({"5А": 1})
    boss, wish = deputy().id, proposed()
    before = snapshot()
    for change, said in NONSENSE:
        with pytest.raises(Refusal, match=said):
            step(boss, replace(wish, **change))
    assert untold(before) == []


@given(st.data())
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_forward_and_back_is_no_step_at_all(app: Flask, data: st.DataObject) -> None:
    """Whatever the school and whatever is wished."""
    for table in reversed(db.metadata.sorted_tables):
        db.session.connection().execute(table.delete())
    db.session.commit()
    names = st.sampled_from([f"{grade}{letter}" for grade in range(1, 12) for letter in "АБ"])
    Town(data.draw(st.dictionaries(names, st.integers(0, 3), min_size=1, max_size=5)), terms=data.draw(st.booleans()))
    db.session.scalars(select(User)).first().is_active = data.draw(st.booleans())  # type: ignore[union-attr]
    for spell in db.session.scalars(select(Enrollment)).all()[::3]:
        spell.ends_on = date(2027, 1, 15)
    boss, wish = deputy().id, proposed()

    def drawn(each: ClassWish) -> ClassWish:
        letter, flags = data.draw(st.sampled_from("АБВ")), [data.draw(st.booleans()) for _ in range(3)]
        return replace(each, letter=letter, goes_on=flags[0], keeps_teacher=flags[1], keeps_assignments=flags[2])

    wish = replace(wish, classes=tuple(drawn(each) for each in wish.classes), first_letters=("А", "Б"),
                   with_groups=data.draw(st.booleans()), with_holidays=data.draw(st.booleans()))  # fmt: skip
    before = snapshot()
    step(boss, wish)
    take_back(boss)
    assert untold(before) == []


# The pages


def sent(panel: Panel, boss: User, **otherwise: str) -> dict[str, object]:
    """The form as it comes, with some fields otherwise."""
    from bs4 import BeautifulSoup

    form = BeautifulSoup(panel.get(boss, "/admin/newyear/").text, "html.parser").select("main form")[-1]
    fields: dict[str, object] = {}
    for field in form.select("input[name], select[name]"):
        if field.get("type") == "checkbox" and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]") if field.name == "select" else field
        fields.setdefault(str(field["name"]), []).append(str(chosen.get("value", "")))  # type: ignore[union-attr, attr-defined]
    return fields | otherwise


def test_the_step_from_the_form_to_the_confirmed_year(panel: Panel, school: object) -> None:
    boss = deputy()
    fields = sent(panel, boss)
    looked = panel.post(boss, "/admin/newyear/", fields, do="preview")
    assert "The year 2027/2028: look before writing" in text(looked)
    assert len(db.session.scalars(select(AcademicYear)).all()) == 1
    assert "What becomes of it" in text(panel.post(boss, "/admin/newyear/", fields, do="change"))
    with counted() as statements:
        assert panel.post(boss, "/admin/newyear/", fields, do="write").status_code == 302
    assert len(statements) < 150
    assert "written and not confirmed yet" in panel.page(boss, "/admin/newyear/")
    panel.post(boss, "/admin/newyear/", do="undo")
    assert len(db.session.scalars(select(AcademicYear)).all()) == 1
    panel.post(boss, "/admin/newyear/", fields, do="write")
    panel.post(boss, "/admin/newyear/", fields, do="write")  # pressed twice
    panel.post(boss, "/admin/newyear/", do="confirm")
    assert "prepared and confirmed. It begins on Wed, 1 Sep 2027" in panel.page(boss, "/admin/newyear/")
    assert len(db.session.scalars(select(AcademicYear)).all()) == 2


@PAGES
def test_nothing_breaks_the_form_and_nobody_else_opens_it(panel: Panel, school: object) -> None:
    boss = deputy()
    teacher = db.session.scalars(select(User).where(User.family_name == "Орлова")).one()
    assert panel.get(teacher, "/admin/newyear/").status_code == 403
    assert panel.post(teacher, "/admin/newyear/", do="write").status_code == 403
    fields = sent(panel, boss)
    before = snapshot()
    for value in HOSTILE:
        only = {each: value for each in fields if each.startswith(("name", "letter-"))}
        assert panel.post(boss, "/admin/newyear/", fields | only, do="preview").status_code in (200, 400)
        assert panel.post(boss, "/admin/newyear/", do=value).status_code == 400
        assert panel.post(boss, "/admin/newyear/", dict.fromkeys(fields, value), do="write").status_code in (200, 400)
    assert untold(before) == []
    refused = panel.post(boss, "/admin/newyear/", fields | {"starts_on": "2027-01-01", "name": "Наш год"}, do="preview")
    assert "begins after the last day of the old one" in text(refused)
    assert 'value="Наш год"' in refused.text
