"""What the journal holds about one student, as the family reads it: days, homework, marks, absences, timetable.

Every function takes a session bound to the reader, so that what is not theirs is not found.
"""
