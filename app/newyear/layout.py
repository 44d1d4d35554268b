"""What comes of a wish: the new classes with students, groups and assignments. Pure; looked at first, then written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.models import SchoolClass, TeachingAssignment, User
from app.models.people import TermKind, usual_term_kind
from app.newyear.ground import Ground
from app.newyear.proposal import LAST_BASIC, LAST_GRADE, ClassWish, Wish

WHOLE = ""
"""The name of the group of a whole class."""
FIRST_OF_UPPER = LAST_BASIC + 1
Source = tuple[SchoolClass, ClassWish]


@dataclass
class NewClass:
    """A class of the new year. ``groups`` are the students of its parts by their names; ``assignments`` are those to
    be copied, each with the name of its group."""

    grade: int
    letter: str
    term_kind: TermKind
    sources: list[SchoolClass] = field(default_factory=list)
    class_teacher: User | None = None
    students: list[int] = field(default_factory=list)
    groups: dict[str, list[int]] = field(default_factory=dict)
    assignments: list[tuple[str, TeachingAssignment]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


@dataclass
class Layout:
    """The new classes, and what does not go on: graduates and others by old class, assignments and classes of
    teachers who have left."""

    classes: list[NewClass]
    graduates: int = 0
    leaving: dict[SchoolClass, int] = field(default_factory=dict)
    untaught: list[TeachingAssignment] = field(default_factory=list)
    unled: list[NewClass] = field(default_factory=list)

    @property
    def students(self) -> int:
        """How many go on."""
        return sum(len(each.students) for each in self.classes)

    @property
    def assignments(self) -> int:
        """How many are copied."""
        return sum(len(each.assignments) for each in self.classes)

    @property
    def groups(self) -> int:
        """How many parts of classes are copied."""
        return sum(len(each.groups) for each in self.classes)


def lay_out(ground: Ground, wish: Wish) -> Layout:
    """What comes of ``wish``; classes that get one name become one class."""
    layout = Layout([])
    by_name: dict[tuple[int, str], list[Source]] = defaultdict(list)
    wishes = {each.class_id: each for each in wish.classes}
    for old in ground.classes:
        asked = wishes.get(old.id)
        if asked is not None and asked.goes_on and old.grade < LAST_GRADE:
            by_name[old.grade + 1, asked.letter].append((old, asked))
        elif old.grade == LAST_GRADE:
            layout.graduates += len(ground.students(old.id))
        elif ground.students(old.id):
            layout.leaving[old] = len(ground.students(old.id))
    first_kind = next((each.term_kind for each in ground.classes if each.grade == 1), usual_term_kind(1))
    layout.classes = [NewClass(1, letter, first_kind) for letter in wish.first_letters]
    layout.unled += layout.classes
    for grade, letter in sorted(by_name):
        # The class that keeps its letter decides where two become one.
        sources = sorted(by_name[grade, letter], key=lambda source: source[0].letter != letter)
        layout.classes.append(_joined(ground, wish, layout, grade, letter, sources))
    return layout


def _joined(
    ground: Ground, wish: Wish, layout: Layout, grade: int, letter: str, sources: Sequence[Source]
) -> NewClass:  # fmt: skip
    kind = usual_term_kind(grade) if grade == FIRST_OF_UPPER else sources[0][0].term_kind
    new = NewClass(grade, letter, kind, [old for old, _asked in sources])
    for old, asked in sources:
        students = [each.id for each in ground.students(old.id)]
        going = [number for number in students if number not in asked.staying_behind]
        if len(going) < len(students):
            layout.leaving[old] = len(students) - len(going)
        new.students += going
        if wish.with_groups:
            _join_groups(ground, new, old, set(going))
        teacher = old.class_teacher
        if asked.keeps_teacher and teacher is not None and teacher.is_active and new.class_teacher is None:
            new.class_teacher = teacher
        if asked.keeps_assignments:
            _join_assignments(ground, wish, layout, new, old)
    if new.class_teacher is None:
        layout.unled.append(new)
    return new


def _join_groups(ground: Ground, new: NewClass, old: SchoolClass, going: set[int]) -> None:
    for group in ground.groups.get(old.id, ()):
        if group.is_whole_class:
            continue
        members = [each.student_id for each in ground.members.get(group.id, ()) if each.student_id in going]
        known = new.groups.setdefault(group.name, [])
        known += [number for number in dict.fromkeys(members) if number not in known]


def _join_assignments(ground: Ground, wish: Wish, layout: Layout, new: NewClass, old: SchoolClass) -> None:
    """What another source gave already is not given twice."""
    given = {(name, each.subject_id) for name, each in new.assignments}
    known: set[tuple[str, int, int]] = set()
    for assignment in ground.assignments.get(old.id, ()):
        name = WHOLE if assignment.study_group.is_whole_class else assignment.study_group.name
        key = (name, assignment.subject_id, assignment.teacher_id)
        if (name, assignment.subject_id) in given or key in known or (name and not wish.with_groups):
            continue
        known.add(key)
        if assignment.teacher.is_active:
            new.assignments.append((name, assignment))
        else:
            layout.untaught.append(assignment)
