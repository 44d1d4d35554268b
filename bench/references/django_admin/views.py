"""The journal page and what it saves, and a week of a child's diary: written by hand beside the admin."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F, Prefetch, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from bench.references.django_admin.models import (
    Attendance,
    AuditRecord,
    EditReceipt,
    Lesson,
    Mark,
    Student,
    TeachingAssignment,
    Term,
    Work,
)


@login_required
def grid(request: HttpRequest, assignment_id: int, term_id: int) -> HttpResponse:
    """A journal in a term: students by works, each cell a box to type into."""
    assignment = get_object_or_404(
        TeachingAssignment.objects.select_related("subject", "study_group__school_class"), id=assignment_id
    )
    term = get_object_or_404(Term, id=term_id)
    lessons = list(
        Lesson.objects.filter(teaching_assignment=assignment, date__range=(term.starts_on, term.ends_on))
        .order_by("date", "number")
        .prefetch_related(Prefetch("work_set", Work.objects.order_by("id"), to_attr="works"))
    )
    of_class = Student.objects.filter(enrollments__school_class=assignment.study_group.school_class_id).distinct()
    entries = Mark.objects.filter(work__lesson__in=lessons).order_by().values_list("work_id", "student_id", "value")
    marks = {(work, student): value for work, student, value in entries}
    noted = Attendance.objects.filter(lesson__in=lessons).values_list("lesson_id", "student_id", "status")
    away = {(lesson, student): status[0] for lesson, student, status in noted}
    rows = [
        (
            student,
            [
                (
                    away.get((lesson.id, student.id), ""),
                    [(work.id, marks.get((work.id, student.id), "")) for work in lesson.works],
                )
                for lesson in lessons
            ],
        )
        for student in of_class
    ]
    return render(request, "grid.html", {"assignment": assignment, "lessons": lessons, "rows": rows})


@login_required
def edits(request: HttpRequest, teacher_id: int) -> JsonResponse:
    """Save edits of cells with the rows that ours writes: mark, audit record, receipt; one transaction."""
    sent, now, unit = json.loads(request.body)["edits"], timezone.now(), uuid.uuid4().hex
    results, new, changed, records, receipts = [], [], [], [], []
    with transaction.atomic():
        numbers = {edit["work"] for edit in sent}
        lessons = dict(Work.objects.filter(id__in=numbers).values_list("id", "lesson_id"))
        stands = {(mark.work_id, mark.student_id): mark for mark in Mark.objects.filter(work__in=numbers)}
        for edit in sent:
            mark = stands.get((edit["work"], edit["student"]))
            if (mark.version if mark else 0) != edit["version"]:
                results.append({"key": edit["key"], "status": "conflict", "version": mark.version if mark else 0})
                continue
            old, wanted = mark.value if mark else None, int(edit["value"])
            if mark is None:
                mark = Mark(work_id=edit["work"], student_id=edit["student"], version=0, entered_by_id=teacher_id)
                new.append(mark)
            else:
                changed.append(mark)
            mark.value, mark.entered_at, mark.version = wanted, now, mark.version + 1
            records.append((mark, "create" if old is None else "update", [old, wanted]))
            result = {"key": edit["key"], "status": "saved", "value": edit["value"], "version": mark.version}
            results.append(result)
            receipts.append(EditReceipt(user_id=teacher_id, key=edit["key"], at=now, result=result))
        Mark.objects.bulk_create(new)
        Mark.objects.bulk_update(changed, ["value", "entered_at", "version"])
        AuditRecord.objects.bulk_create(
            AuditRecord(
                at=now, actor_id=teacher_id, source="panel", unit=unit, action=action, model="Mark", object_id=mark.id,
                student_id=mark.student_id, lesson_id=lessons[mark.work_id], changes={"value": change},
            )
            for mark, action, change in records
        )  # fmt: skip
        EditReceipt.objects.bulk_create(receipts)
    return JsonResponse({"results": results})


@login_required
def week(request: HttpRequest, student_id: int, monday: str) -> HttpResponse:
    """The lessons of a student from a Monday on, with topics, homework, marks and absences."""
    first = date.fromisoformat(monday)
    student = get_object_or_404(Student, id=student_id)
    of_class = Q(
        teaching_assignment__study_group__is_whole_class=True,
        teaching_assignment__study_group__school_class__enrollment__student=student,
        teaching_assignment__study_group__school_class__enrollment__starts_on__lte=F("date"),
    ) & (
        Q(teaching_assignment__study_group__school_class__enrollment__ends_on=None)
        | Q(teaching_assignment__study_group__school_class__enrollment__ends_on__gte=F("date"))
    )
    groups = student.studygroupmember_set.filter(Q(ends_on=None) | Q(ends_on__gte=first)).values("study_group")
    found = Lesson.objects.filter(date__range=(first, first + timedelta(6)), is_cancelled=False)
    lessons = list(
        found.filter(of_class | Q(teaching_assignment__study_group__in=groups))
        .distinct()
        .select_related("teaching_assignment__subject")
        .order_by("date", "number")
    )
    marks: defaultdict[int, list[Any]] = defaultdict(list)
    for mark in Mark.objects.filter(student=student, work__lesson__in=lessons).select_related("work"):
        marks[mark.work.lesson_id].append(mark)
    away = dict(Attendance.objects.filter(student=student, lesson__in=lessons).values_list("lesson_id", "status"))
    rows = [(lesson, marks[lesson.id], away.get(lesson.id, "")) for lesson in lessons]
    return render(request, "week.html", {"student": student, "rows": rows})
