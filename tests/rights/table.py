"""The table of rights of domain.md, said in plain Python over the rows of the world.

``SEES``, ``CHANGES``, ``DELETES`` and ``CREATES`` answer for an actor of the world and a row, without
a look at the policy: what they say and what the policy does must be the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import models as m
from app.models.communication import Audience
from app.models.diary import RequestState
from tests.rights.world import NOW, TODAY, World

OWN_CHILDREN = {"ga1": {"a1"}, "sa1": {"a1"}}
LED = {"ct": {"a1", "a2"}}
STAFF = {"dep", "ct", "t", "sub", "ended"}
EVERYBODY = (m.AcademicYear, m.Term, m.Holiday, m.BellTime, m.Subject)
FOR_ALL = (*EVERYBODY, m.SchoolText, m.QuietHours)
PRIVATE = (
    m.Thread, m.ThreadMember, m.Message, m.MessageFile, m.EditReceipt, m.HomeworkDone, m.CalendarFeed, m.Happening,
    m.Notification, m.NotificationChoice, m.PushSubscription,
)  # fmt: skip
"""What a deputy director does not see for being one."""


class Rights:
    """Answers for one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user = {user.id: name for name, user in world.users.items()}
        self.student = {student.id: name for name, student in world.students.items()}

    def sees(self, who: str, row: Any) -> bool:
        """Whether the row is for this person to see."""
        if who == "dep" and not isinstance(row, PRIVATE):
            return True
        return isinstance(row, FOR_ALL) or self._by_model(SEES, who, row)

    def changes(self, who: str, row: Any) -> bool:
        """Whether the person may change something of the row."""
        return self._by_model(CHANGES, who, row)

    def deletes(self, who: str, row: Any) -> bool:
        """Whether the person may delete the row."""
        return self._by_model(DELETES, who, row)

    def _by_model(self, table: dict[Any, Callable[[Rights, str, Any], bool]], who: str, row: Any) -> bool:
        rule = table.get(type(row))
        return bool(rule and rule(self, who, row))

    # What the rows are about

    def near(self, who: str, student_id: int) -> bool:
        """A student of the class they lead, or their child."""
        name = self.student[student_id]
        return name in LED.get(who, ()) or name in OWN_CHILDREN.get(who, ())

    def led(self, who: str, student_id: int) -> bool:
        """A student of the class they lead."""
        return self.student[student_id] in LED.get(who, ())

    def guards(self, who: str, student_id: int) -> bool:
        """Their child."""
        return self.student[student_id] in OWN_CHILDREN.get(who, ())

    def near_class(self, who: str, class_id: int) -> bool:
        """A class they lead or have a child in."""
        return who in ("ct", "ga1", "sa1") and class_id == self.world.named["class_a"].id

    def taught_class(self, who: str, class_id: int) -> bool:
        """A class they teach or substitute in."""
        return who in ("t", "sub") and class_id == self.world.named["class_a"].id

    def taught_group(self, who: str, group_id: int) -> bool:
        """A group they teach or substitute in."""
        named = self.world.named
        taught = {"t": {named["group_a"].id, named["part_a"].id}, "sub": {named["group_a"].id}}
        return group_id in taught.get(who, ())

    def holds(self, who: str, assignment: Any) -> bool:
        """An assignment they hold today."""
        return self.user[assignment.teacher_id] == who and (assignment.ends_on is None or assignment.ends_on >= TODAY)

    def substitutes(self, who: str, lesson: Any) -> bool:
        """A lesson they substitute in."""
        return lesson.substitute_id is not None and self.user[lesson.substitute_id] == who

    def taught(self, who: str, lesson: Any) -> bool:
        """A lesson they see as a teacher."""
        return self.holds(who, lesson.assignment) or self.substitutes(who, lesson)

    def writes(self, who: str, lesson: Any) -> bool:
        """A lesson they write in."""
        own = self.holds(who, lesson.assignment) and lesson.substitute_id is None
        return own or self.substitutes(who, lesson)

    def sees_assignment(self, who: str, assignment: Any) -> bool:
        """Their own, one they substitute in, one of a near class."""
        substituted = who == "sub" and self.world.named["group_a"] is assignment.study_group
        substituted = substituted and self.user[assignment.teacher_id] == "t"
        near = self.near_class(who, assignment.study_group.school_class_id)
        return self.holds(who, assignment) or substituted or near

    def in_led_class(self, who: str, lesson: Any) -> bool:
        """A lesson of the class they lead."""
        return who == "ct" and lesson.assignment.study_group.school_class_id == self.world.named["class_a"].id

    def guards_led(self, who: str, user_id: int) -> bool:
        """A guardian of the class they lead, or a student of it with own access."""
        return who == "ct" and self.user[user_id] in ("ga1", "ga2", "sa1")

    def talks_with(self, who: str, user_id: int) -> bool:
        """A guardian of whom they teach today, or somebody in a conversation of theirs."""
        name = self.user[user_id]
        together = any(self.opens(who, number) and name in talk.members for number, talk in self.world.threads.items())
        return together or (who == "t" and name in ("ga1", "ga2"))

    def reads(self, who: str, thread_id: int) -> bool:
        """A thread they are in, one to the administration, one they have opened for a report."""
        talk = self.world.threads[thread_id]
        return who in talk.members or who == talk.opened_by or (talk.to_administration and who == "dep")

    def opens(self, who: str, thread_id: int) -> bool:
        """A thread whose members they see."""
        return self.reads(who, thread_id) and self.world.threads[thread_id].author in ("", who)

    def owns(self, who: str, row: Any) -> bool:
        """A row of their own."""
        return self.user[row.user_id] == who

    def answers(self, who: str, row: Any) -> bool:
        """A request of a family that they may answer, or take back."""
        unanswered = row.state in (RequestState.SENT, RequestState.WITHDRAWN)
        answers = self.led(who, row.student_id) and row.state is not RequestState.WITHDRAWN
        return answers or (self.user[row.author_id] == who and unanswered)

    def is_excused(self, who: str, row: Any) -> bool:
        """Days that do not count for the school, for them, or for a class they lead or teach."""
        if who not in STAFF or row.teacher_id is not None:
            return row.teacher_id is not None and self.user[row.teacher_id] == who
        of_class = row.school_class_id
        return of_class is None or (
            who in ("ct", "t", "sub") and (self.near_class(who, of_class) or self.taught_class(who, of_class))
        )

    def addressed(self, who: str, item: Any) -> bool:
        """News for them."""
        if item.published_at is None or item.published_at > NOW:
            return False
        near = any(self.near_class(who, school_class.id) for school_class in item.classes)
        to = {
            Audience.ALL: True,
            Audience.STAFF: who in STAFF,
            Audience.GUARDIANS: who == "ga1",
            Audience.CLASSES: near,
        }
        return to[item.audience]


def _member(rights: Rights, who: str, row: Any) -> bool:
    own_class = who == "ct" and row.study_group_id == rights.world.named["part_a"].id
    return rights.guards(who, row.student_id) or rights.taught_group(who, row.study_group_id) or own_class


def _record(rights: Rights, who: str, row: Any) -> bool:
    own = row.actor_id is not None and rights.user[row.actor_id] == who
    led = row.student_id is not None and rights.led(who, row.student_id)
    lesson = rights.world.lessons.get(row.lesson_id)
    return own or led or (lesson is not None and (rights.in_led_class(who, lesson) or rights.taught(who, lesson)))


SEES: dict[Any, Callable[[Rights, str, Any], bool]] = {
    m.User: lambda r, who, row: (
        r.user[row.id] == who or row.is_staff or r.guards_led(who, row.id) or r.talks_with(who, row.id)
    ),
    m.Account: lambda r, who, row: r.user[row.user_id] == who or r.guards_led(who, row.user_id),
    m.Student: lambda r, who, row: r.near(who, row.id) or (who in ("t", "sub", "ct") and r.student[row.id][0] == "a"),
    m.StudentDetails: lambda r, who, row: r.near(who, row.student_id),
    m.Guardianship: lambda r, who, row: r.led(who, row.student_id) or r.user[row.user_id] == who,
    m.Enrollment: lambda r, who, row: (
        r.guards(who, row.student_id)
        or r.taught_class(who, row.school_class_id)
        or (who == "ct" and r.near_class(who, row.school_class_id))
    ),
    m.SchoolClass: lambda r, who, row: r.near_class(who, row.id) or r.taught_class(who, row.id),
    m.StudyGroup: lambda r, who, row: r.near_class(who, row.school_class_id) or r.taught_group(who, row.id),
    m.StudyGroupMember: _member,
    m.TeachingAssignment: lambda r, who, row: r.sees_assignment(who, row),
    m.TimetableSlot: lambda r, who, row: r.sees_assignment(who, row.assignment),
    m.Lesson: lambda r, who, row: r.taught(who, row) or r.near_class(who, row.assignment.study_group.school_class_id),
    m.Work: lambda r, who, row: (
        r.taught(who, row.lesson) or r.near_class(who, row.lesson.assignment.study_group.school_class_id)
    ),
    m.Mark: lambda r, who, row: (
        r.guards(who, row.student_id) or r.taught(who, row.work.lesson) or r.in_led_class(who, row.work.lesson)
    ),
    m.StaffNote: lambda r, who, row: r.taught(who, row.mark.work.lesson) or r.in_led_class(who, row.mark.work.lesson),
    m.Attendance: lambda r, who, row: (
        r.guards(who, row.student_id) or r.taught(who, row.lesson) or r.in_led_class(who, row.lesson)
    ),
    m.StudentHomework: lambda r, who, row: (
        r.guards(who, row.student_id) or r.taught(who, row.lesson) or r.in_led_class(who, row.lesson)
    ),
    m.HomeworkFile: lambda r, who, row: SEES[m.Lesson](r, who, row.lesson),
    m.PlannedTopic: lambda r, who, row: who not in OWN_CHILDREN and r.sees_assignment(who, row.assignment),
    m.EditReceipt: lambda r, who, row: r.user[row.user_id] == who,
    m.FinalMark: lambda r, who, row: (
        r.near(who, row.student_id)
        or r.holds(who, row.assignment)
        or (who == "t" and r.student[row.student_id][0] == "a")
        or (who == "ct" and r.near_class(who, row.assignment.study_group.school_class_id))
    ),
    m.NewsItem: lambda r, who, row: r.addressed(who, row),
    m.NewsItemClass: lambda r, who, row: r.near_class(who, row.school_class_id),
    m.Thread: lambda r, who, row: r.reads(who, row.id),
    m.ThreadMember: lambda r, who, row: r.opens(who, row.thread_id) or r.owns(who, row),
    m.Message: lambda r, who, row: r.reads(who, row.thread_id),
    m.MessageFile: lambda r, who, row: r.reads(who, row.message.thread_id),
    m.ThreadReport: lambda r, who, row: r.user[row.reported_by_id] == who,
    m.HomeworkDone: lambda r, who, row: r.guards(who, row.student_id),
    m.AbsenceNote: lambda r, who, row: r.near(who, row.student_id),
    m.Correction: lambda r, who, row: r.led(who, row.student_id) or r.user[row.author_id] == who,
    m.Consent: lambda r, who, row: r.owns(who, row) or r.guards_led(who, row.user_id),
    m.CalendarFeed: lambda r, who, row: r.owns(who, row),
    m.DiaryVisit: lambda r, who, row: r.owns(who, row) or r.led(who, row.student_id),
    m.Notification: lambda r, who, row: r.owns(who, row),
    m.NotificationChoice: lambda r, who, row: r.owns(who, row),
    m.PushSubscription: lambda r, who, row: r.owns(who, row),
    m.SupportRequest: lambda r, who, row: r.user[row.author_id] == who,
    m.SupportReply: lambda r, who, row: r.user[row.request.author_id] == who,
    m.SupportFile: lambda r, who, row: r.user[row.request.author_id] == who,
    m.RuleSetting: lambda _r, who, _row: who in STAFF,
    m.ExcusedPeriod: lambda r, who, row: r.is_excused(who, row),
    m.RuleRecord: lambda r, who, row: who == "ct" and row.school_class_id == r.world.named["class_a"].id,
    m.Reminder: lambda r, who, row: r.owns(who, row),
    m.Handover: lambda r, who, row: r.sees_assignment(who, row.assignment),
    m.SecondFactor: lambda r, who, row: r.owns(who, row),
    m.RecoveryCode: lambda r, who, row: r.owns(who, row),
    m.NewsReading: lambda r, who, row: r.owns(who, row),
    m.RollCall: lambda r, who, row: r.taught(who, row.lesson) or r.in_led_class(who, row.lesson),
    m.Credential: lambda r, who, row: r.guards_led(who, row.user_id),
    m.Delivery: lambda r, who, row: r.guards_led(who, row.user_id) or (r.owns(who, row) and row.credential_id is None),
    m.UserSession: lambda r, who, row: r.guards_led(who, row.user_id) or r.user[row.user_id] == who,
    m.SignIn: lambda r, who, row: r.user[row.user_id] == who,
    m.AuditRecord: _record,
    m.DataAccess: lambda r, who, row: r.owns(who, row),
    m.Undoing: lambda r, who, row: who in STAFF,
}


def _deputy(_rights: Rights, who: str, _row: Any) -> bool:
    return who == "dep"


CHANGES: dict[Any, Callable[[Rights, str, Any], bool]] = {
    m.User: lambda r, who, row: who == "dep" or r.guards_led(who, row.id),
    m.Account: lambda r, who, row: who == "dep" or SEES[m.Account](r, who, row),
    m.Student: lambda r, who, row: who == "dep" or r.led(who, row.id),
    m.StudentDetails: lambda r, who, row: who == "dep" or r.led(who, row.student_id),
    m.Guardianship: lambda r, who, row: who == "dep" or r.led(who, row.student_id),
    m.Lesson: lambda r, who, row: who == "dep" or r.writes(who, row),
    m.Work: lambda r, who, row: r.writes(who, row.lesson),
    m.Mark: lambda r, who, row: r.writes(who, row.work.lesson),
    m.Attendance: lambda r, who, row: r.writes(who, row.lesson) or r.led(who, row.student_id),
    m.StaffNote: lambda r, who, row: r.writes(who, row.mark.work.lesson),
    m.HomeworkFile: lambda r, who, row: r.writes(who, row.lesson),
    m.StudentHomework: lambda r, who, row: r.writes(who, row.lesson),
    m.PlannedTopic: lambda r, who, row: r.holds(who, row.assignment),
    m.FinalMark: lambda r, who, row: r.holds(who, row.assignment),
    m.SupportRequest: lambda r, who, row: who == "dep" or r.user[row.author_id] == who,
    m.SecondFactor: lambda r, who, row: r.owns(who, row),
    m.RecoveryCode: lambda r, who, row: r.owns(who, row),
    m.Credential: lambda r, who, row: who == "dep" or r.guards_led(who, row.user_id),
    m.Delivery: lambda r, who, row: who == "dep" or r.guards_led(who, row.user_id),
    m.UserSession: lambda r, who, row: who == "dep" or SEES[m.UserSession](r, who, row),
    m.ThreadMember: lambda r, who, row: r.owns(who, row),
    m.ThreadReport: _deputy,
    m.AbsenceNote: lambda r, who, row: r.answers(who, row),
    m.Correction: lambda r, who, row: r.answers(who, row),
    m.Consent: lambda r, who, row: r.owns(who, row),
    m.CalendarFeed: lambda r, who, row: r.owns(who, row),
    m.NotificationChoice: lambda r, who, row: r.owns(who, row),
    m.PushSubscription: lambda r, who, row: r.owns(who, row),
    m.QuietHours: lambda r, who, row: r.owns(who, row),
} | dict.fromkeys(
    (
        m.Enrollment, m.SchoolClass, m.StudyGroup, m.StudyGroupMember, m.TeachingAssignment, m.TimetableSlot,
        m.NewsItem, m.NewsItemClass, m.StudentImport, m.RuleSetting, m.ExcusedPeriod, m.YearChange, *EVERYBODY,
    ),
    _deputy,
)  # fmt: skip

DELETES: dict[Any, Callable[[Rights, str, Any], bool]] = {
    m.User: lambda r, who, row: who == "dep" and r.user[row.id] != who,
    m.Guardianship: CHANGES[m.Guardianship],
    m.Work: CHANGES[m.Work],
    m.Mark: CHANGES[m.Mark],
    m.Attendance: lambda r, who, row: r.writes(who, row.lesson),
    m.FinalMark: CHANGES[m.FinalMark],
    m.StaffNote: CHANGES[m.StaffNote],
    m.HomeworkFile: CHANGES[m.HomeworkFile],
    m.StudentHomework: CHANGES[m.StudentHomework],
    m.PlannedTopic: CHANGES[m.PlannedTopic],
    m.HomeworkDone: SEES[m.HomeworkDone],
    m.RollCall: lambda r, who, row: r.writes(who, row.lesson),
    m.SecondFactor: lambda r, who, row: who == "dep" or r.owns(who, row),
    m.RecoveryCode: lambda r, who, row: who == "dep" or r.owns(who, row),
    m.CalendarFeed: CHANGES[m.CalendarFeed],
    m.NotificationChoice: CHANGES[m.NotificationChoice],
    m.PushSubscription: CHANGES[m.PushSubscription],
    m.QuietHours: CHANGES[m.QuietHours],
} | dict.fromkeys(
    (
        m.Account, m.Student, m.StudentDetails, m.Lesson, m.Enrollment, m.SchoolClass, m.StudyGroup,
        m.StudyGroupMember, m.TeachingAssignment, m.TimetableSlot, m.NewsItem, m.NewsItemClass, m.StudentImport,
        m.NewsReading, m.RuleSetting, m.ExcusedPeriod, m.YearChange, *EVERYBODY,
    ),
    _deputy,
)  # fmt: skip
