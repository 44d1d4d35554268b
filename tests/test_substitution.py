"""An absent teacher's lessons go to colleagues who are free, the best first; the list hangs in the staff room."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.extensions import db
from app.journal import substitution
from app.journal.calendar import Span
from app.models import Lesson, StudyGroup, Subject, TeachingAssignment, User
from app.regulation import RegulationError
from tests.school import DAY, School
from tests.school_panel import Panel, deputy, second_class, text, written

FRIDAY = DAY + timedelta(1)


def teaches(school: School, name: str, subject: str, letter: str = "А") -> TeachingAssignment:
    """An assignment of a new teacher; ``letter`` says which class of grade 5."""
    known = db.session.scalars(select(Subject).where(Subject.name == subject)).first() or Subject(name=subject)
    school_class = school.school_class if letter == "А" else second_class(school, letter)
    group = db.session.scalars(
        select(StudyGroup).where(StudyGroup.school_class_id == school_class.id, StudyGroup.is_whole_class)
    ).one()
    who = User(family_name=name, given_name="Анна", is_staff=True)
    return written(TeachingAssignment(teacher=who, subject=known, study_group=group, starts_on=DAY))


def free(school: School) -> list[str]:
    """Who could take the school's lesson, in the order of the list."""
    lessons = [school.lesson]
    found = substitution.candidates(db.session(), lessons, school.teacher.id)[school.lesson.id]
    return [candidate.user.family_name for candidate in found]


def test_the_best_stands_first(school: School) -> None:
    teaches(school, "Ничей", "Музыка", "Г")
    teaches(school, "Здешний", "Физика")
    teaches(school, "Предметник", "Алгебра", "Б")
    assert free(school) == ["Предметник", "Здешний", "Ничей"]


def test_fewest_substitutions_of_the_week_decide_between_equals(school: School) -> None:
    one, two = teaches(school, "Абаева", "Алгебра", "Б"), teaches(school, "Яшина", "Алгебра", "В")
    written(Lesson(assignment=school.assignment, date=FRIDAY, number=5, substitute=one.teacher))
    assert free(school) == ["Яшина", "Абаева"]
    written(Lesson(assignment=school.assignment, date=FRIDAY, number=6, substitute=two.teacher))
    assert free(school) == ["Абаева", "Яшина"]


def test_nobody_is_offered_who_has_a_lesson_then_or_is_away_or_gone(school: School) -> None:
    busy, there, away, ended, off = (
        teaches(school, name, "Алгебра", letter)
        for name, letter in zip(("Занята", "Заменяет", "Болеет", "Ушла", "Отключена"), "БВГДЕ", strict=True)
    )
    written(Lesson(assignment=busy, date=DAY, number=1))
    written(Lesson(assignment=away, date=DAY, number=1, substitute=there.teacher))
    ended.ends_on = DAY
    off.teacher.is_active = False
    db.session.commit()
    assert free(school) == ["Ушла"]  # until the last day
    ended.starts_on = ended.ends_on = DAY + timedelta(1)
    db.session.commit()
    assert free(school) == []
    cancelled = db.session.scalars(select(Lesson).where(Lesson.assignment == busy)).one()
    cancelled.is_cancelled = True
    db.session.commit()
    assert free(school) == ["Занята"]


def test_lessons_they_would_have_substituted_are_affected_too(school: School) -> None:
    other = teaches(school, "Другая", "Физика", "Б")
    stand_in = written(Lesson(assignment=other, date=FRIDAY, number=2, substitute=school.teacher))
    written(Lesson(assignment=other, date=FRIDAY, number=3))
    found = substitution.affected(db.session(), school.teacher.id, Span(DAY, FRIDAY))
    assert [lesson.id for lesson in found] == [school.lesson.id, stand_in.id]


def test_the_substitute_writes_in_the_lesson_and_the_teacher_reads_it(school: School, app: Flask) -> None:
    colleague = teaches(school, "Замещающая", "Музыка", "Б").teacher
    substitution.assign(db.session(), [school.lesson], {school.lesson.id: colleague.id}, school.teacher.id)
    db.session.commit()
    session, number = db.session(), school.lesson.id
    for who, may_write in ((colleague.id, True), (school.teacher.id, False)):
        with policy.system() as facts:
            actor = policy.load_actor(facts, who, DAY, datetime(2026, 10, 1, 9, tzinfo=UTC))
        policy.act_as(session, actor)
        lesson = session.get_one(Lesson, number)
        assert ("topic" in (policy.writable(session, lesson) or ())) is may_write
        session.rollback()
    policy.act_as(session, policy.SYSTEM)


def test_a_substitute_who_became_busy_is_named(school: School) -> None:
    colleague = teaches(school, "Занята", "Физика", "Б")
    written(Lesson(assignment=colleague, date=DAY, number=1))
    with pytest.raises(RegulationError, match="Занята А. already has this lesson: Физика, 5Б"):
        substitution.assign(db.session(), [school.lesson], {school.lesson.id: colleague.teacher_id}, school.teacher.id)
    db.session.rollback()
    assert school.lesson.substitute_id is None


@pytest.mark.parametrize("who", ["absent", "parent", "unknown"])
def test_who_cannot_substitute_is_refused(school: School, who: str) -> None:
    parent = written(User(family_name="Родитель", given_name="Яна"))
    number = {"absent": school.teacher.id, "parent": parent.id, "unknown": 999}[who]
    with pytest.raises(RegulationError):
        substitution.assign(db.session(), [school.lesson], {school.lesson.id: number}, school.teacher.id)
    db.session.rollback()
    assert school.lesson.substitute_id is None


def absence(school: School, until: date = DAY, **fields: Any) -> dict[str, Any]:
    return {"teacher": school.teacher.id, "from": DAY.isoformat(), "until": until.isoformat(), "do": "assign"} | fields


def test_a_deputy_gives_the_lessons_away_and_takes_them_back(school: School, panel: Panel) -> None:
    boss, colleague = deputy(), teaches(school, "Замещающая", "Алгебра", "Б").teacher
    school.teacher.is_staff = True
    second = written(Lesson(assignment=school.assignment, date=FRIDAY, number=2, room="12"))
    asked = f"?teacher={school.teacher.id}&from={DAY}&until={FRIDAY}"
    page = panel.page(boss, f"/admin/substitution/{asked}")
    assert "Замещающая А. · same subject" in page
    assert "free for 2 of 2" in page
    filled = panel.post(boss, "/admin/substitution/", absence(school, FRIDAY, do="fill", for_all=colleague.id))
    assert filled.text.count(f'<option value="{colleague.id}" selected') == 3
    assert school.lesson.substitute_id is None
    choices = {f"to-{school.lesson.id}": colleague.id, f"to-{second.id}": "cancel", "reason": "семинар"}
    answer = panel.post(boss, "/admin/substitution/", absence(school, FRIDAY, **choices))
    said = text(panel.get(boss, answer.headers["Location"]))
    assert "1 lesson has a substitute. 1 lesson is cancelled." in said
    assert (school.lesson.substitute_id, second.cancel_reason) == (colleague.id, "семинар")
    printed = panel.page(boss, f"/admin/substitution/day?date={DAY}")
    assert "Substitutions on 1 October" in printed
    assert "1 5А Алгебра Орлова В. Замещающая А." in printed
    assert "no lesson (семинар)" in panel.page(boss, f"/admin/substitution/day?date={FRIDAY}")
    answer = panel.post(boss, "/admin/substitution/back", {"lesson": school.lesson.id, "from": DAY.isoformat()})
    assert "1 substitution is taken back." in text(panel.get(boss, answer.headers["Location"]))
    assert school.lesson.substitute_id is None


def test_a_cancelled_lesson_is_held_after_all(school: School, panel: Panel) -> None:
    boss, colleague = deputy(), teaches(school, "Замещающая", "Алгебра", "Б").teacher
    school.teacher.is_staff = True
    school.lesson.is_cancelled, school.lesson.cancel_reason = True, "болезнь"
    db.session.commit()
    panel.post(boss, "/admin/substitution/", absence(school, **{f"to-{school.lesson.id}": colleague.id}))
    assert (school.lesson.is_cancelled, school.lesson.substitute_id) == (False, colleague.id)


def test_what_was_chosen_stays_when_it_cannot_be(school: School, panel: Panel) -> None:
    boss, colleague = deputy(), teaches(school, "Занята", "Физика", "Б")
    school.teacher.is_staff = True
    second = written(Lesson(assignment=school.assignment, date=DAY, number=2))
    written(Lesson(assignment=colleague, date=DAY, number=1))
    choices = {f"to-{school.lesson.id}": colleague.teacher_id, f"to-{second.id}": "cancel"}
    answer = panel.post(boss, "/admin/substitution/", absence(school, **choices))
    assert "Занята А. already has this lesson" in text(answer)
    assert '<option value="cancel" selected' in answer.text
    assert (school.lesson.substitute_id, second.is_cancelled) == (None, False)


def test_days_that_make_no_sense_are_said(school: School, panel: Panel) -> None:
    boss = deputy()
    for until in ("2026-09-01", "2027-05-01"):
        page = panel.page(boss, f"/admin/substitution/?teacher=&from={DAY}&until={until}")
        assert "Choose a last day" in page


def test_only_who_may_substitute_comes_here(school: School, panel: Panel) -> None:
    school.teacher.is_staff = True
    db.session.commit()
    for address in ("/admin/substitution/", "/admin/substitution/day"):
        assert panel.get(school.teacher, address).status_code == 403
    assert panel.post(school.teacher, "/admin/substitution/back", {"lesson": 1}).status_code == 403
    assert panel.post(school.teacher, "/admin/substitution/", absence(school)).status_code == 403
    assert panel.get(deputy(), "/admin/substitution/?teacher=999").status_code == 404
