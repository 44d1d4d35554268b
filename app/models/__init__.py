"""Tables and their invariants, nothing else."""

from app.models.access import AuditRecord, Credential, Delivery, SignIn, UserSession
from app.models.communication import Message, NewsItem, NewsItemClass, SupportRequest, Thread, ThreadMember
from app.models.curriculum import AcademicYear, BellTime, Holiday, Subject, TeachingAssignment, Term, TimetableSlot
from app.models.imports import StudentImport
from app.models.journal import Attendance, FinalMark, Lesson, Mark, Work
from app.models.people import (
    Account,
    Enrollment,
    Guardianship,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    StudyGroupMember,
    User,
)

__all__ = [
    "AcademicYear", "Account", "Attendance", "AuditRecord", "BellTime", "Credential", "Delivery", "Enrollment",
    "FinalMark", "Guardianship", "Holiday", "Lesson", "Mark", "Message", "NewsItem", "NewsItemClass",
    "SchoolClass", "SignIn", "Student", "StudentDetails", "StudentImport", "StudyGroup", "StudyGroupMember",
    "Subject", "SupportRequest", "TeachingAssignment", "Term", "Thread", "ThreadMember", "TimetableSlot",
    "User", "UserSession", "Work",
]  # fmt: skip
