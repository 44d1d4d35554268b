"""Indexes fitted to the questions

Revision: 0006
After: 0005
"""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# Another index of the table, or a unique constraint, begins with the same column and answers the same questions.
REPEATED = {
    'attendance': ('lesson_id',),
    'calendar_feed': ('user_id',),
    'credential': ('user_id',),
    'data_access': ('user_id',),
    'diary_visit': ('user_id',),
    'edit_receipt': ('user_id',),
    'enrollment': ('student_id',),
    'final_mark': ('academic_year_id', 'student_id'),
    'guardianship': ('user_id',),
    'homework_done': ('lesson_id',),
    'lesson': ('teaching_assignment_id',),
    'mark': ('work_id',),
    'news_item_class': ('news_item_id',),
    'news_reading': ('news_item_id',),
    'notification_choice': ('user_id',),
    'planned_topic': ('teaching_assignment_id',),
    'reminder': ('user_id',),
    'school_class': ('academic_year_id',),
    'student_homework': ('lesson_id',),
    'study_group': ('school_class_id',),
    'study_group_member': ('study_group_id',),
    'teaching_assignment': ('teacher_id',),
    'term': ('academic_year_id',),
    'thread_member': ('thread_id',),
    'timetable_slot': ('teaching_assignment_id',),
}


def upgrade():
    for table, columns in REPEATED.items():
        for column in columns:
            op.drop_index(op.f(f'ix_{table}_{column}'), table_name=table)


def downgrade():
    for table, columns in REPEATED.items():
        for column in columns:
            op.create_index(op.f(f'ix_{table}_{column}'), table, [column], unique=False)
