"""Tables and their invariants, nothing else."""

from typing import Any

from app.extensions import Base
from app.models.access import (
    AuditRecord,
    Credential,
    Delivery,
    RecoveryCode,
    SecondFactor,
    SignIn,
    UserSession,
)
from app.models.communication import (
    Message,
    MessageFile,
    NewsItem,
    NewsItemClass,
    NewsReading,
    SupportFile,
    SupportReply,
    SupportRequest,
    Thread,
    ThreadMember,
    ThreadReport,
)
from app.models.control import ExcusedPeriod, Reminder, RuleCount, RuleRecord, RuleSetting, RuleTouch
from app.models.curriculum import (
    AcademicYear,
    BellTime,
    Handover,
    Holiday,
    Subject,
    TeachingAssignment,
    Term,
    TimetableSlot,
    YearChange,
)
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
    RollCall,
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
from app.models.records import AuditSeal, BackupRun, DataAccess, Erasure, Undoing, WorkerPulse

__all__ = [
    "AbsenceNote", "AcademicYear", "Account", "Attendance", "AuditRecord", "AuditSeal", "BackupRun", "BellTime",
    "CalendarFeed", "Consent", "Correction", "Credential", "DataAccess", "Delivery", "DiaryVisit", "EditReceipt",
    "Enrollment", "Erasure", "ExcusedPeriod", "FinalMark", "Guardianship", "Handover", "Happening", "Holiday",
    "HomeworkDone", "HomeworkFile", "Lesson", "Mark", "Message", "MessageFile", "NewsItem", "NewsItemClass",
    "NewsReading", "Notification", "NotificationChoice", "PlannedTopic", "PushSubscription", "QuietHours",
    "RecoveryCode", "Reminder", "RollCall", "RuleCount", "RuleRecord", "RuleSetting", "RuleTouch", "SchoolClass",
    "SchoolText", "SecondFactor", "SignIn", "StaffNote", "Student", "StudentDetails", "StudentHomework",
    "StudentImport", "StudyGroup", "StudyGroupMember", "Subject", "SupportFile", "SupportReply", "SupportRequest",
    "TeachingAssignment", "Term", "Thread", "ThreadMember", "ThreadReport", "TimetableSlot", "Undoing", "User",
    "UserSession", "Work", "WorkerPulse", "YearChange",
]  # fmt: skip

BY_NAME: dict[str, Any] = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
"""Every model by the name that records of the audit tell it by."""
