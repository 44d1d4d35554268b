"""The tables of the journal as plain Flask-SQLAlchemy models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The declarative base."""


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class User(Model):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    family_name = Column(String(80))
    given_name = Column(String(80))
    patronymic = Column(String(80))

    def __str__(self) -> str:
        return f"{self.family_name} {self.given_name} {self.patronymic}"


class SchoolClass(Model):
    __tablename__ = "school_class"
    id = Column(Integer, primary_key=True)
    grade = Column(Integer)
    letter = Column(String(4))

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


class Student(Model):
    __tablename__ = "student"
    id = Column(Integer, primary_key=True)
    family_name = Column(String(80))
    given_name = Column(String(80))
    patronymic = Column(String(80))
    sort_name = Column(String(300))
    details = relationship("StudentDetails", back_populates="student", uselist=False)
    enrollments = relationship("Enrollment", back_populates="student")
    guardians = relationship("User", secondary="guardianship")

    def __str__(self) -> str:
        return f"{self.family_name} {self.given_name} {self.patronymic}"


class StudentDetails(Model):
    __tablename__ = "student_details"
    id = Column(Integer, primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    birth_date = Column(Date)
    email = Column(String(254))
    phone = Column(String(16))
    address = Column(String(300))
    student = relationship("Student", back_populates="details")


class Guardianship(Model):
    __tablename__ = "guardianship"
    id = Column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))


class Enrollment(Model):
    __tablename__ = "enrollment"
    id = Column(Integer, primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    school_class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"))
    starts_on = Column(Date)
    ends_on = Column(Date)
    student = relationship("Student", back_populates="enrollments")
    school_class = relationship("SchoolClass")

    def __str__(self) -> str:
        return str(self.school_class)


class StudyGroup(Model):
    __tablename__ = "study_group"
    id = Column(Integer, primary_key=True)
    school_class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"))
    name = Column(String(60))
    is_whole_class = Column(Boolean)
    school_class = relationship("SchoolClass")

    def __str__(self) -> str:
        return f"{self.school_class} {self.name}"


class Subject(Model):
    __tablename__ = "subject"
    id = Column(Integer, primary_key=True)
    name = Column(String(80))

    def __str__(self) -> str:
        return str(self.name)


class Term(Model):
    __tablename__ = "term"
    id = Column(Integer, primary_key=True)
    starts_on = Column(Date)
    ends_on = Column(Date)


class TeachingAssignment(Model):
    __tablename__ = "teaching_assignment"
    id = Column(Integer, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    study_group_id: Mapped[int] = mapped_column(ForeignKey("study_group.id"))
    subject = relationship("Subject")
    study_group = relationship("StudyGroup")

    def __str__(self) -> str:
        return f"{self.subject} {self.study_group}"


class Lesson(Model):
    __tablename__ = "lesson"
    id = Column(Integer, primary_key=True)
    teaching_assignment_id: Mapped[int] = mapped_column(ForeignKey("teaching_assignment.id"))
    date = Column(Date)
    number = Column(Integer)
    topic = Column(String(300))
    homework = Column(Text)
    teaching_assignment = relationship("TeachingAssignment")
    works = relationship("Work", back_populates="lesson", order_by="Work.id")

    def __str__(self) -> str:
        return f"{self.date}, {self.number} {self.teaching_assignment}"


class Work(Model):
    __tablename__ = "work"
    id = Column(Integer, primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    kind = Column(String(24))
    title = Column(String(120))
    lesson = relationship("Lesson", back_populates="works")
    marks = relationship("Mark", back_populates="work")

    def __str__(self) -> str:
        return f"{self.title or self.kind} {self.lesson}"


class Mark(Model):
    __tablename__ = "mark"
    id = Column(Integer, primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("work.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    value = Column(Integer)
    comment = Column(String(500))
    entered_at = Column(DateTime(timezone=True))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    work = relationship("Work", back_populates="marks")
    student = relationship("Student")
    entered_by = relationship("User")


class Attendance(Model):
    __tablename__ = "attendance"
    id = Column(Integer, primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    status = Column(String(24))
