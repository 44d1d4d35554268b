"""Tables and their invariants, nothing else."""

from app.models.access import AuditRecord, Credential, Delivery, SignIn, UserSession
from app.models.communication import Message, NewsItem, NewsItemClass, SupportRequest, Thread, ThreadMember
from app.models.curriculum import AcademicYear, BellTime, Holiday, Subject, TeachingAssignment, Term, TimetableSlot
from app.models.imports import StudentImport
from app.models.journal import (
    Attendance,
    EditReceipt,
    FinalMark,
    HomeworkFile,
    Lesson,
    Mark,
    PlannedTopic,
    StaffNote,
    StudentHomework,
    Work,
)
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
    "AcademicYear", "Account", "Attendance", "AuditRecord", "BellTime", "Credential", "Delivery", "EditReceipt",
    "Enrollment", "FinalMark", "Guardianship", "Holiday", "HomeworkFile", "Lesson", "Mark", "Message", "NewsItem",
    "NewsItemClass", "PlannedTopic", "SchoolClass", "SignIn", "StaffNote", "Student", "StudentDetails",
    "StudentHomework", "StudentImport", "StudyGroup", "StudyGroupMember", "Subject", "SupportRequest",
    "TeachingAssignment", "Term", "Thread", "ThreadMember", "TimetableSlot", "User", "UserSession", "Work",
]  # fmt: skip
