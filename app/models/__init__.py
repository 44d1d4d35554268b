"""Tables and their invariants, nothing else."""

from app.models.access import AuditRecord, Credential, Delivery, SignIn
from app.models.communication import Message, NewsItem, NewsItemClass, SupportRequest, Thread, ThreadMember
from app.models.curriculum import AcademicYear, BellTime, Holiday, Subject, TeachingAssignment, Term, TimetableSlot
from app.models.journal import Attendance, FinalMark, Lesson, Mark, Work
from app.models.people import Enrollment, Guardianship, SchoolClass, Student, StudyGroup, StudyGroupMember, User

__all__ = [
    "AcademicYear", "Attendance", "AuditRecord", "BellTime", "Credential", "Delivery", "Enrollment",
    "FinalMark", "Guardianship", "Holiday", "Lesson", "Mark", "Message", "NewsItem", "NewsItemClass",
    "SchoolClass", "SignIn", "Student", "StudyGroup", "StudyGroupMember", "Subject", "SupportRequest",
    "TeachingAssignment", "Term", "Thread", "ThreadMember", "TimetableSlot", "User", "Work",
]  # fmt: skip
