"""The letters and short words a journal is written in, and the rows they stand for."""

from __future__ import annotations

from app.models.journal import AttendanceStatus, FinalMarkValue

ATTENDANCE = {
    "Н": AttendanceStatus.ABSENT,
    "У": AttendanceStatus.EXCUSED,
    "Б": AttendanceStatus.ILL,
    "О": AttendanceStatus.LATE,
}
LETTERS = {status: letter for letter, status in ATTENDANCE.items()}

FINAL = {
    "1": FinalMarkValue.ONE,
    "2": FinalMarkValue.TWO,
    "3": FinalMarkValue.THREE,
    "4": FinalMarkValue.FOUR,
    "5": FinalMarkValue.FIVE,
    "зач": FinalMarkValue.PASSED,
    "н/а": FinalMarkValue.NOT_ASSESSED,
    "осв": FinalMarkValue.EXEMPT,
}
FINAL_WORDS = {value: word for word, value in FINAL.items()}
