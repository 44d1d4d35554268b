"""The pages of the floor, each a string made of a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

from bench.references.floor.database import ask, marks_of

ROWS = 50

STUDENTS = """
SELECT s.id, s.family_name, s.given_name, s.patronymic, d.birth_date, d.phone, c.grade, c.letter
FROM student s LEFT JOIN student_details d ON d.student_id = s.id
LEFT JOIN enrollment e ON e.student_id = s.id AND e.ends_on IS NULL
LEFT JOIN school_class c ON c.id = e.school_class_id
"""
GUARDIANS = """
SELECT g.student_id, u.family_name, u.given_name, u.patronymic, a.phone, a.email
FROM guardianship g JOIN "user" u ON u.id = g.user_id LEFT JOIN account a ON a.user_id = u.id WHERE g.student_id IN
"""
MARKS = """
SELECT m.id, s.family_name, s.given_name, s.patronymic, m.value, w.kind, w.title, l.date, l.number, j.name, c.grade,
c.letter, m.comment, m.entered_at, u.family_name
FROM mark m JOIN student s ON s.id = m.student_id JOIN work w ON w.id = m.work_id JOIN lesson l ON l.id = w.lesson_id
JOIN teaching_assignment t ON t.id = l.teaching_assignment_id JOIN subject j ON j.id = t.subject_id
JOIN study_group y ON y.id = t.study_group_id JOIN school_class c ON c.id = y.school_class_id
LEFT JOIN "user" u ON u.id = m.entered_by_id
"""
LESSONS_OF_CHILD = """
SELECT l.id, l.date, l.number, l.room, l.topic, l.homework, j.name, l.is_cancelled FROM lesson l
JOIN teaching_assignment t ON t.id = l.teaching_assignment_id JOIN subject j ON j.id = t.subject_id
JOIN study_group y ON y.id = t.study_group_id
WHERE l.date BETWEEN ? AND ? AND (
 (y.is_whole_class AND EXISTS (SELECT 1 FROM enrollment e WHERE e.school_class_id = y.school_class_id
  AND e.student_id = ? AND e.starts_on <= l.date AND (e.ends_on IS NULL OR e.ends_on >= l.date)))
 OR EXISTS (SELECT 1 FROM study_group_member g WHERE g.study_group_id = y.id AND g.student_id = ?
  AND g.starts_on <= l.date AND (g.ends_on IS NULL OR g.ends_on >= l.date)))
ORDER BY l.date, l.number
"""


def _page(title: str, body: str) -> str:
    return f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{body}</html>'


def _name(*parts: str) -> str:
    return escape(" ".join(part for part in parts if part))


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    names = "".join(f"<th>{name}</th>" for name in head)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(*cells: object) -> str:
    return f"<tr><td>{'</td><td>'.join(map(str, cells))}</td></tr>"


def students(search: str = "", page: int = 0) -> str:
    """A page of the students by name, with class, birth date, telephone and parents; ``search`` is a part of it."""
    where, values = ("WHERE s.search_name LIKE ?", [f"%{search.lower().replace('ё', 'е')}%"]) if search else ("", [])
    total = ask(f"SELECT count(*) FROM student s {where}", *values)[0][0]
    found = ask(f"{STUDENTS} {where} ORDER BY s.sort_name, s.id LIMIT {ROWS} OFFSET {page * ROWS}", *values)
    parents = defaultdict(list)
    for student, family, given, patronymic, phone, email in (
        ask(f"{GUARDIANS} ({marks_of(len(found))})", *[row[0] for row in found]) if found else ()
    ):
        parents[student].append(f"{_name(family, given, patronymic)} {phone or email or ''}")
    rows = [
        _row(
            f'<a href="/student/{number}">{_name(family, given, patronymic)}</a>',
            f"{grade or ''}{letter or ''}",
            born or "",
            phone or "",
            "<br>".join(parents[number]),
        )  # fmt: skip
        for number, family, given, patronymic, born, phone, grade, letter in found
    ]
    return _page("Students", f"<p>{total}</p>" + _table(("Name", "Class", "Born", "Phone", "Parents"), rows))


def student(number: int) -> str:
    """The form of a student."""
    names = ("family_name", "given_name", "patronymic", "birth_date", "email", "phone", "address")
    row = ask(f"SELECT {', '.join(names)} FROM student s JOIN student_details d ON d.student_id = s.id "
              "WHERE s.id = ?", number)[0]  # fmt: skip
    fields = "".join(
        f'<p><label for="{name}">{name}</label><input id="{name}" name="{name}" value="{escape(str(value or ""))}">'
        for name, value in zip(names, row, strict=True)
    )
    return _page("Student", f'<form method="post">{fields}<button>Save</button></form>')


def marks(before: int | None = None) -> str:
    """The newest marks, or those before a mark's number."""
    where, values = ("WHERE m.id < ?", [before]) if before else ("", [])
    rows = [
        _row(
            _name(*name),
            value,
            f"{kind} {escape(title)} {day} {number} {escape(subject)} {grade}{letter}",
            escape(comment),
            str(at)[:16],
            escape(by or ""),
        )  # fmt: skip
        for _id, *name, value, kind, title, day, number, subject, grade, letter, comment, at, by in ask(
            f"{MARKS} {where} ORDER BY m.id DESC LIMIT {ROWS}", *values
        )
    ]
    return _page("Marks", _table(("Student", "Mark", "Work", "Comment", "Entered", "By"), rows))


def grid(assignment: int, term: int) -> str:
    """A journal in a term: students by works, each cell a box to type into."""
    lessons = ask("SELECT l.id, l.date, l.topic FROM lesson l JOIN term t ON t.id = ? "
                  "WHERE l.teaching_assignment_id = ? AND l.date BETWEEN t.starts_on AND t.ends_on "
                  "ORDER BY l.date, l.number", term, assignment)  # fmt: skip
    numbers = [lesson[0] for lesson in lessons]
    some = marks_of(len(numbers))
    works = ask(f"SELECT id, lesson_id FROM work WHERE lesson_id IN ({some}) ORDER BY id", *numbers)
    pupils = ask("SELECT s.id, s.family_name, s.given_name FROM student s WHERE s.id IN ("
                 "SELECT e.student_id FROM enrollment e JOIN study_group g ON g.school_class_id = e.school_class_id "
                 "JOIN teaching_assignment t ON t.study_group_id = g.id WHERE t.id = ?) ORDER BY s.sort_name",
                 assignment)  # fmt: skip
    of = {(work, pupil): value for work, pupil, value in ask(
        f"SELECT m.work_id, m.student_id, m.value FROM mark m JOIN work w ON w.id = m.work_id "
        f"WHERE w.lesson_id IN ({some})", *numbers)}  # fmt: skip
    away = {(lesson, pupil): status[0] for lesson, pupil, status in ask(
        f"SELECT lesson_id, student_id, status FROM attendance WHERE lesson_id IN ({some})", *numbers)}  # fmt: skip
    columns = [(lesson, day, [work for work, at in works if at == lesson]) for lesson, day, _topic in lessons]
    head = ["", *(f'<span title="{escape(topic)}">{day}</span>' for _id, day, topic in lessons)]
    rows = []
    for pupil, family, given in pupils:
        cells = [f"<tr><th>{_name(family, given)}</th>"]
        for lesson, _day, at in columns:
            boxes = "".join(
                f'<input name="{work}-{pupil}" value="{of.get((work, pupil), "")}" size="1">' for work in at
            )
            cells.append(f"<td>{away.get((lesson, pupil), '')}{boxes or '<input size=1>'}</td>")
        rows.append("".join(cells) + "</tr>")
    return _page("Journal", _table(head, rows))


def week(student: int, monday: str) -> str:
    """The lessons of a student from a Monday on, with topics, homework, marks and absences."""
    first = date.fromisoformat(monday)
    last = str(first + timedelta(6))
    lessons = ask(LESSONS_OF_CHILD, monday, last, student, student)
    numbers = [lesson[0] for lesson in lessons]
    of: defaultdict[int, list[Any]] = defaultdict(list)
    some = marks_of(len(numbers))
    if numbers:
        for lesson, value, comment in ask(
            "SELECT w.lesson_id, m.value, m.comment FROM mark m JOIN work w ON w.id = m.work_id WHERE m.student_id = ? "
            f"AND w.lesson_id IN ({some})", student, *numbers):  # fmt: skip
            of[lesson].append(f'<b title="{escape(comment)}">{value}</b>')
        for lesson, status in ask(
            f"SELECT lesson_id, status FROM attendance WHERE student_id = ? AND lesson_id IN ({some})",
            student, *numbers):  # fmt: skip
            of[lesson].append(status)
    rows = [
        _row(day, number, escape(subject), escape(room), escape(topic), escape(homework), " ".join(of[lesson]))
        for lesson, day, number, room, topic, homework, subject, cancelled in lessons
        if not cancelled
    ]
    return _page("Week", _table(("Day", "", "Subject", "Room", "Topic", "Homework", ""), rows))
