"""The curriculum of the demo school: subjects, hours a week by grade, who can teach them."""

from __future__ import annotations

from dataclasses import dataclass

from app.models.journal import WorkKind

RUSSIAN, MATHS, ENGLISH, HISTORY = "russian", "maths", "english", "history"
GEOGRAPHY, BIOLOGY, PHYSICS, CHEMISTRY = "geography", "biology", "physics", "chemistry"
COMPUTING, ARTS, CRAFTS, SPORT, SAFETY, PRIMARY = "computing", "arts", "crafts", "sport", "safety", "primary"
# Teachers of these work in pairs, each with half of the class at the same time.
SPLIT = {ENGLISH: ("Английский 1", "Английский 2"), CRAFTS: ("Труд, мальчики", "Труд, девочки")}


@dataclass(frozen=True)
class SubjectPlan:
    """A subject: ``hours`` a week by grade, the teachers' specialty, the kind of its tests, how kind its marks are."""

    name: str
    specialty: str
    hours: dict[int, int]
    test: WorkKind
    ease: float


def _by_grade(text: str, first: int) -> dict[int, int]:
    return {grade: int(hours) for grade, hours in enumerate(text.split(), first) if int(hours)}


def _plan(
    name: str, specialty: str, first: int, hours: str, test: WorkKind = WorkKind.TEST, ease: float = 0.0
) -> SubjectPlan:
    return SubjectPlan(name, specialty, _by_grade(hours, first), test, ease)


PRACTICAL, DICTATION = WorkKind.PRACTICAL, WorkKind.DICTATION
SUBJECTS = (
    _plan("Русский язык", PRIMARY, 1, "5 5 5 5", test=DICTATION),
    _plan("Литературное чтение", PRIMARY, 1, "4 4 4 4", ease=0.3),
    _plan("Математика", PRIMARY, 1, "4 4 4 4"),
    _plan("Окружающий мир", PRIMARY, 1, "2 2 2 2", ease=0.3),
    _plan("Основы религиозных культур и светской этики", PRIMARY, 4, "1", ease=0.8),
    _plan("Изобразительное искусство", PRIMARY, 1, "1 1 1 1", test=PRACTICAL, ease=1.0),
    _plan("Труд (технология)", PRIMARY, 1, "1 1 1 1", test=PRACTICAL, ease=1.0),
    _plan("Русский язык", RUSSIAN, 5, "5 6 4 3 3 2 2", test=DICTATION, ease=-0.2),
    _plan("Литература", RUSSIAN, 5, "3 3 2 2 3 3 3", ease=0.1),
    _plan("Английский язык", ENGLISH, 2, "2 2 2 3 3 3 3 3 3 3"),
    _plan("Математика", MATHS, 5, "5 5", ease=-0.2),
    _plan("Алгебра", MATHS, 7, "3 3 3", ease=-0.4),
    _plan("Геометрия", MATHS, 7, "2 2 2 2 2", ease=-0.4),
    _plan("Вероятность и статистика", MATHS, 7, "1 1 1 1 1"),
    _plan("Алгебра и начала математического анализа", MATHS, 10, "4 4", ease=-0.3),
    _plan("Информатика", COMPUTING, 7, "1 1 1 1 1", test=PRACTICAL, ease=0.3),
    _plan("История", HISTORY, 5, "3 3 3 3 3 2 2"),
    _plan("Обществознание", HISTORY, 6, "1 1 1 1 2 2", ease=0.2),
    _plan("География", GEOGRAPHY, 5, "1 1 2 2 2 1 1", test=PRACTICAL),
    _plan("Биология", BIOLOGY, 5, "1 1 1 2 2 1 1", test=PRACTICAL),
    _plan("Физика", PHYSICS, 7, "2 2 3 2 2", ease=-0.3),
    _plan("Химия", CHEMISTRY, 8, "2 2 1 1", ease=-0.3),
    _plan("Изобразительное искусство", ARTS, 5, "1 1 1", test=PRACTICAL, ease=1.0),
    _plan("Музыка", ARTS, 1, "1 1 1 1 1 1 1 1", ease=1.1),
    _plan("Труд (технология)", CRAFTS, 5, "2 2 2 1 1", test=PRACTICAL, ease=0.9),
    _plan("Физическая культура", SPORT, 1, "2 2 2 2 2 2 2 2 2 2 2", test=PRACTICAL, ease=1.0),
    _plan("Основы безопасности и защиты Родины", SAFETY, 8, "1 1 1 1", ease=0.6),
)


def subjects_of(grade: int) -> list[SubjectPlan]:
    """What a class of the grade is taught."""
    return [subject for subject in SUBJECTS if grade in subject.hours]
