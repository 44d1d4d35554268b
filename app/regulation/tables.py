"""The tables that the rules are written in, and how a lesson finds its class and its term."""

from __future__ import annotations

from sqlalchemy import and_

from app import models
from app.policy.scopes import table_of

Ids = set[int]
user, account, term = table_of(models.User), table_of(models.Account), table_of(models.Term)
school_class, study_group = table_of(models.SchoolClass), table_of(models.StudyGroup)
enrollment, member = table_of(models.Enrollment), table_of(models.StudyGroupMember)
assignment, lesson, work = table_of(models.TeachingAssignment), table_of(models.Lesson), table_of(models.Work)
personal_homework, homework_file = table_of(models.StudentHomework), table_of(models.HomeworkFile)
roll_call = table_of(models.RollCall)
mark, attendance, final_mark = table_of(models.Mark), table_of(models.Attendance), table_of(models.FinalMark)

# A lesson with its class, and the term of the class that its day falls in.
class_of_lesson = (
    lesson.join(assignment, assignment.c.id == lesson.c.teaching_assignment_id)
    .join(study_group, study_group.c.id == assignment.c.study_group_id)
    .join(school_class, school_class.c.id == study_group.c.school_class_id)
)
term_of_class = and_(
    term.c.academic_year_id == school_class.c.academic_year_id, term.c.kind == school_class.c.term_kind
)
in_term = and_(term_of_class, lesson.c.date.between(term.c.starts_on, term.c.ends_on))
