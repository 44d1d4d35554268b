"""What happened in the lessons of a class: topics, homework, absences, marks, final marks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from app.demo.courses import Changes, ClassYear, Course
from app.demo.load import Writer
from app.demo.papers import Explained
from app.demo.population import Child
from app.demo.staff import Teacher
from app.demo.topics import homework, lesson_topic
from app.journal.calendar import PlannedLesson
from app.journal.grading import Grading, hundredths, rounded
from app.models import Attendance, FinalMark, Lesson, Mark, RollCall, Work
from app.models.journal import NUMBERS, AttendanceStatus, FinalMarkKind, FinalMarkValue, WorkKind

# Of an assignment's lessons every 8th is a test of all, in every 4th some homework is looked through.
TEST_EVERY, HOMEWORK_EVERY, HOMEWORK_PART = 8, 4, 0.35
WEIGHTS = {
    WorkKind.ANSWER: 1, WorkKind.HOMEWORK: 1, WorkKind.TEST: 3, WorkKind.DICTATION: 3, WorkKind.PRACTICAL: 2,
    WorkKind.PROJECT: 2,
}  # fmt: skip
SHIFTS = {WorkKind.TEST: -0.25, WorkKind.DICTATION: -0.35, WorkKind.HOMEWORK: 0.3, WorkKind.PROJECT: 0.4}
TITLES = {
    WorkKind.TEST: "Контрольная работа", WorkKind.DICTATION: "Диктант", WorkKind.PRACTICAL: "Практическая работа",
    WorkKind.PROJECT: "Мини-проект",
}  # fmt: skip
COMMENTS = (
    "Молодец, подробный ответ.", "Хороший ответ, но не хватило примера.", "Работа сдана позже срока.",
    "Нужно повторить правило.", "Аккуратно и без ошибок.",
)  # fmt: skip
VALUES = {number: value for value, number in NUMBERS.items()}
Away = dict[tuple[Child, date], AttendanceStatus]


@dataclass
class Pace:
    """How journals are kept: ``now`` is the first moment of today in the school's zone.

    ``density`` is how many marks a student gets in a lesson on average.
    """

    now: datetime
    density: float

    @property
    def answering(self) -> float:
        """The part of a class marked for its answers in a lesson: what tests and homework leave to it."""
        rest = self.density / 0.96 - 1 / TEST_EVERY - HOMEWORK_PART / HOMEWORK_EVERY  # 4 of 100 are absent
        return max(0.04, rest / (1 - 1 / TEST_EVERY))

    @property
    def today(self) -> date:
        """The school's day; lessons before it have been held."""
        return self.now.date()


def write_journal(
    writer: Writer, held: ClassYear, pace: Pace, changes: Changes, random: Random, explained: Explained
) -> None:
    """Write the lessons of the year, and what happened in those before today; ``explained`` absences among it."""
    away = _absences(held, pace.today, random) | dict.fromkeys(explained, AttendanceStatus.ILL)
    lessons: defaultdict[int, list[PlannedLesson]] = defaultdict(list)
    for lesson in held.lessons(held.year.days):
        lessons[lesson.teaching_assignment_id].append(lesson)
    for course in held.courses:
        journal = _Journal(writer, held, course, pace, changes, away, random, explained)
        planned = lessons[course.assignment_id]
        for index, lesson in enumerate(planned):
            journal.write(lesson, index, len(planned))
        _write_final_marks(writer, held, course, pace)
        course.sums.clear()
        writer.flush_if_full()


def _absences(held: ClassYear, today: date, random: Random) -> Away:
    """Who is away on which day, and why: spells of illness, days with a good reason, days without one."""
    away: Away = {}
    open_days = held.open_days(today)
    for place in held.places:
        skips = 0.002 + 0.006 * max(0.0, -place.child.strength)
        ill_until = date.min
        for day in open_days:
            chance = random.random()
            if chance < 0.008:
                ill_until = day + timedelta(random.randrange(1, 8))
            if day <= ill_until:
                away[place.child, day] = AttendanceStatus.ILL
            elif chance < 0.012:
                away[place.child, day] = AttendanceStatus.EXCUSED
            elif chance < 0.012 + skips:
                away[place.child, day] = AttendanceStatus.ABSENT
    return away


class _Journal:
    """The journal of one course."""

    def __init__(
        self, writer: Writer, held: ClassYear, course: Course, pace: Pace, changes: Changes, away: Away,
        random: Random, explained: Explained,
    ) -> None:  # fmt: skip
        self.explained = explained
        self.writer, self.held, self.course, self.pace = writer, held, course, pace
        self.changes, self.away, self.random = changes, away, random
        self.ability = {
            place.child: place.child.strength + course.subject.ease + random.gauss(0, 0.35) for place in course.places
        }

    def write(self, lesson: PlannedLesson, index: int, count: int) -> None:
        """Write the lesson that is the ``index``-th of the ``count`` of the year."""
        change = self.changes.get(lesson.key)
        is_cancelled = change is not None and change.substitute is None
        teacher = (change and change.substitute) or self.course.teacher
        is_filled = lesson.date < self.pace.today and not is_cancelled and self._is_filled(teacher, lesson.date)
        is_marked = is_filled and self.held.is_marked(lesson.date)
        works = self._works(index) if is_marked else []
        ends = datetime.combine(lesson.date, time(9 + lesson.number, 5), self.pace.now.tzinfo)
        subject, grade = self.course.subject.name, self.held.plan.grade
        lesson_id = self.writer.add(
            Lesson,
            teaching_assignment_id=lesson.teaching_assignment_id,
            date=lesson.date,
            number=lesson.number,
            room=lesson.room,
            topic=lesson_topic(subject, grade, index / count, TITLES.get(works[0][0]) if works else None)
            if is_filled
            else "",
            homework=homework(subject, index) if is_marked else "",
            homework_entered_at=self._entered(ends, 0.06, 1) if is_marked else None,
            substitute_id=teacher.user_id if teacher is not self.course.teacher else None,
            is_cancelled=is_cancelled,
        )
        if is_filled:
            taken = self._entered(ends, 0.03, 1)
            self.writer.add(RollCall, lesson_id=lesson_id, taken_at=taken, taken_by_id=teacher.user_id)
            present = self._attend(lesson_id, lesson, ends, teacher)
            for kind, part in works:
                self._work(lesson_id, kind, part, present, self._entered(ends, 0.05, 8), lesson.date, teacher)

    def _is_filled(self, teacher: Teacher, day: date) -> bool:
        return (self.pace.today - day).days > teacher.unfilled_days or self.random.random() < 0.2

    def _works(self, index: int) -> list[tuple[WorkKind, float]]:
        """What is marked in the ``index``-th lesson, and in which part of those present."""
        if index % TEST_EVERY == TEST_EVERY - 1:
            return [(self.course.subject.test, 1.0)]
        answers = (WorkKind.PROJECT if index % 24 == 12 else WorkKind.ANSWER, self.pace.answering)
        return [answers, (WorkKind.HOMEWORK, HOMEWORK_PART)] if index % HOMEWORK_EVERY == 1 else [answers]

    def _entered(self, ends: datetime, late: float, days: int) -> datetime:
        """When something of a lesson was written: the same day, or now and then ``days`` or more later."""
        moment = ends + timedelta(minutes=self.random.randrange(180))
        if self.random.random() < late:
            moment += timedelta(days + self.random.randrange(3))
        return min(moment, self.pace.now)

    def _attend(self, lesson_id: int, lesson: PlannedLesson, ends: datetime, teacher: Teacher) -> list[Child]:
        """Write who was away or late; give back who was there."""
        present = []
        for place in self.course.places_on(lesson.date):
            status = self.away.get((place.child, lesson.date))
            if status is None and lesson.number == 1 and self.random.random() < 0.01:
                status = AttendanceStatus.LATE
            if status is None or status is AttendanceStatus.LATE:
                present.append(place.child)
            if status is not None:
                usual = "По заявлению родителей" if status is AttendanceStatus.EXCUSED else ""
                self.writer.add(
                    Attendance,
                    lesson_id=lesson_id,
                    student_id=place.child.student_id,
                    status=status,
                    reason=self.explained.get((place.child, lesson.date), usual),
                    version=1,
                    entered_at=ends - timedelta(minutes=30),
                    entered_by_id=teacher.user_id,
                )
        return present

    def _work(
        self,
        lesson_id: int,
        kind: WorkKind,
        part: float,
        present: list[Child],
        entered: datetime,
        day: date,
        teacher: Teacher,
    ) -> None:
        random = self.random
        count = min(len(present), max(1, int(part * len(present) + random.random())))
        if not count:
            return
        weight, shift = WEIGHTS[kind], SHIFTS.get(kind, 0.0)
        term = next(index for index, term in enumerate(self.held.terms) if day in term.days)
        work_id = self.writer.add(Work, lesson_id=lesson_id, kind=kind, title=TITLES.get(kind, ""), weight=weight)
        for child in random.sample(present, count):
            value = _value(self.ability[child] + shift + random.gauss(0, 0.55))
            chance = random.random()
            self.writer.add(
                Mark,
                work_id=work_id,
                student_id=child.student_id,
                value=value,
                comment=random.choice(COMMENTS) if chance < 0.004 else "",
                version=1,
                entered_at=entered,
                entered_by_id=teacher.user_id,
            )
            total = self.course.sums.setdefault((child, term), [0, 0])
            total[0] += value * weight
            total[1] += weight


def _value(ability: float) -> int:
    """The mark for a performance, 0 being the middle of an ordinary class."""
    return 5 if ability > 0.7 else 4 if ability > -0.45 else 3 if ability > -1.85 else 2 if ability > -3.4 else 1


def _write_final_marks(writer: Writer, held: ClassYear, course: Course, pace: Pace) -> None:
    """Final marks of the terms that are over, and of the year when it is."""
    ended = [
        (index, term.days.last)
        for index, term in enumerate(held.terms)
        if term.days.last < pace.today and held.is_marked(term.days.last)
    ]
    for place in course.places:
        values = {
            index: _average(*course.sums.get((place.child, index), (0, 0)))
            for index, last in ended
            if place.holds_on(last)
        }
        for index, value in values.items():
            _write_final_mark(writer, held, course, pace, place.child, index, value)
        if values and held.terms[-1].days.last < pace.today and place.left is None:
            known = [value for value in values.values() if value]
            _write_final_mark(writer, held, course, pace, place.child, None, _average(sum(known), len(known)))


def _write_final_mark(
    writer: Writer, held: ClassYear, course: Course, pace: Pace, child: Child, term: int | None, value: int | None
) -> None:
    """The mark of the term of an index, or of the year; not assessed without a value."""
    last = held.terms[-1 if term is None else term].days.last
    writer.add(
        FinalMark,
        student_id=child.student_id,
        subject_id=course.subject_id,
        academic_year_id=held.year_id,
        teaching_assignment_id=course.assignment_id,
        kind=FinalMarkKind.YEAR if term is None else FinalMarkKind.TERM,
        term_id=None if term is None else held.term_ids[term],
        value=VALUES[value] if value else FinalMarkValue.NOT_ASSESSED,
        version=1,
        entered_at=min(datetime.combine(last, time(16), pace.now.tzinfo), pace.now),
        entered_by_id=course.teacher.user_id,
    )


def _average(total: int, weights: int) -> int | None:
    """The mark that the journal itself would propose; None of nothing."""
    figure = hundredths(total, weights)
    return rounded(figure, Grading()) if figure is not None else None
