"""Tables and their invariants, nothing else."""

from app.models.access import AuditRecord, Credential, Delivery, SignIn, UserSession
from app.models.communication import (
    Message,
    MessageFile,
    NewsItem,
    NewsItemClass,
    SupportRequest,
    Thread,
    ThreadMember,
    ThreadReport,
)
from app.models.curriculum import AcademicYear, BellTime, Holiday, Subject, TeachingAssignment, Term, TimetableSlot
from app.models.diary import (
    AbsenceNote,
    CalendarFeed,
    Consent,
    Correction,
    DiaryVisit,
    HomeworkDone,
    SchoolText,
)
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
from app.models.notification import (
    Happening,
    Notification,
    NotificationChoice,
    PushSubscription,
    QuietHours,
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
    "AbsenceNote", "AcademicYear", "Account", "Attendance", "AuditRecord", "BellTime", "CalendarFeed", "Consent",
    "Correction", "Credential", "Delivery", "DiaryVisit", "EditReceipt", "Enrollment", "FinalMark", "Guardianship",
    "Happening", "Holiday", "HomeworkDone", "HomeworkFile", "Lesson", "Mark", "Message", "MessageFile", "NewsItem",
    "NewsItemClass", "Notification", "NotificationChoice", "PlannedTopic", "PushSubscription", "QuietHours",
    "SchoolClass", "SchoolText", "SignIn", "StaffNote", "Student", "StudentDetails", "StudentHomework",
    "StudentImport", "StudyGroup", "StudyGroupMember", "Subject", "SupportRequest", "TeachingAssignment", "Term",
    "Thread", "ThreadMember", "ThreadReport", "TimetableSlot", "User", "UserSession", "Work",
]  # fmt: skip
