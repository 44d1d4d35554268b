"""The tables of the journal as Django sees them; they are ours, so Django makes none of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CASCADE


class Table(models.Model):
    """A table that is there already."""

    class Meta:
        abstract = True
        managed = False


class User(Table):
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    patronymic = models.CharField(max_length=80, blank=True)
    sort_name = models.CharField(max_length=300)
    search_name = models.CharField(max_length=250)

    class Meta(Table.Meta):
        db_table = "user"

    def __str__(self) -> str:
        return f"{self.family_name} {self.given_name} {self.patronymic}".strip()


class Account(Table):
    user = models.OneToOneField(User, CASCADE, related_name="account")
    login = models.CharField(max_length=80, null=True)
    phone = models.CharField(max_length=16, null=True)
    email = models.CharField(max_length=254, null=True)

    class Meta(Table.Meta):
        db_table = "account"


class SchoolClass(Table):
    grade = models.IntegerField()
    letter = models.CharField(max_length=4)

    class Meta(Table.Meta):
        db_table = "school_class"

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


class Student(Table):
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    patronymic = models.CharField(max_length=80, blank=True)
    sort_name = models.CharField(max_length=300, editable=False)
    search_name = models.CharField(max_length=250, editable=False)

    class Meta(Table.Meta):
        db_table = "student"
        ordering: ClassVar = ["sort_name", "id"]

    def __str__(self) -> str:
        return f"{self.family_name} {self.given_name} {self.patronymic}".strip()


class StudentDetails(Table):
    student = models.OneToOneField(Student, CASCADE, related_name="details")
    birth_date = models.DateField(null=True, blank=True)
    email = models.EmailField(max_length=254, null=True, blank=True)
    phone = models.CharField(max_length=16, null=True, blank=True)
    address = models.CharField(max_length=300, null=True, blank=True)

    class Meta(Table.Meta):
        db_table = "student_details"


class Guardianship(Table):
    user = models.ForeignKey(User, CASCADE)
    student = models.ForeignKey(Student, CASCADE, related_name="guardianships")

    class Meta(Table.Meta):
        db_table = "guardianship"


class Enrollment(Table):
    student = models.ForeignKey(Student, CASCADE, related_name="enrollments")
    school_class = models.ForeignKey(SchoolClass, CASCADE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta(Table.Meta):
        db_table = "enrollment"


class StudyGroup(Table):
    school_class = models.ForeignKey(SchoolClass, CASCADE)
    name = models.CharField(max_length=60)
    is_whole_class = models.BooleanField()

    class Meta(Table.Meta):
        db_table = "study_group"


class StudyGroupMember(Table):
    study_group = models.ForeignKey(StudyGroup, CASCADE, related_name="members")
    student = models.ForeignKey(Student, CASCADE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta(Table.Meta):
        db_table = "study_group_member"


class Subject(Table):
    name = models.CharField(max_length=80)

    class Meta(Table.Meta):
        db_table = "subject"


class Term(Table):
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta(Table.Meta):
        db_table = "term"


class TeachingAssignment(Table):
    teacher = models.ForeignKey(User, CASCADE)
    subject = models.ForeignKey(Subject, CASCADE)
    study_group = models.ForeignKey(StudyGroup, CASCADE)

    class Meta(Table.Meta):
        db_table = "teaching_assignment"


class Lesson(Table):
    teaching_assignment = models.ForeignKey(TeachingAssignment, CASCADE)
    date = models.DateField()
    number = models.IntegerField()
    room = models.CharField(max_length=20, blank=True)
    topic = models.CharField(max_length=300, blank=True)
    homework = models.TextField(blank=True)
    is_cancelled = models.BooleanField(default=False)

    class Meta(Table.Meta):
        db_table = "lesson"


class Work(Table):
    lesson = models.ForeignKey(Lesson, CASCADE)
    kind = models.CharField(max_length=24)
    title = models.CharField(max_length=120, blank=True)
    weight = models.IntegerField(default=1)

    class Meta(Table.Meta):
        db_table = "work"

    def __str__(self) -> str:
        lesson = self.lesson
        assignment = lesson.teaching_assignment
        return (
            f"{self.title or self.kind} · {lesson.date:%d.%m.%Y}, {lesson.number} · {assignment.subject.name} · "
            f"{assignment.study_group.school_class}"
        )


class Mark(Table):
    work = models.ForeignKey(Work, CASCADE)
    student = models.ForeignKey(Student, CASCADE)
    value = models.IntegerField()
    comment = models.CharField(max_length=500, blank=True, default="")
    version = models.BigIntegerField(default=1)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, CASCADE, null=True)

    class Meta(Table.Meta):
        db_table = "mark"
        ordering: ClassVar = ["-id"]


class Attendance(Table):
    lesson = models.ForeignKey(Lesson, CASCADE)
    student = models.ForeignKey(Student, CASCADE)
    status = models.CharField(max_length=24)

    class Meta(Table.Meta):
        db_table = "attendance"


class AuditRecord(Table):
    at = models.DateTimeField()
    actor = models.ForeignKey(User, CASCADE, null=True)
    source = models.CharField(max_length=16)
    unit = models.CharField(max_length=32)
    action = models.CharField(max_length=16)
    model = models.CharField(max_length=40)
    object_id = models.IntegerField()
    student_id = models.IntegerField(null=True)
    lesson_id = models.IntegerField(null=True)
    changes = models.JSONField()
    address = models.CharField(max_length=45, default="")
    summary = models.TextField(default="")

    class Meta(Table.Meta):
        db_table = "audit_record"


class EditReceipt(Table):
    user = models.ForeignKey(User, CASCADE)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    result = models.JSONField()

    class Meta(Table.Meta):
        db_table = "edit_receipt"
