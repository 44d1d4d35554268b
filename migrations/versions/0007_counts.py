"""Counts that are kept by the write

Triggers note what a change may have made of the counts: whoever writes, also the release before, and SQL by hand.

Revision: 0007
After: 0006
"""

from itertools import product

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

EVERYTHING = 'SELECT NULL, NULL'
DAY = "SELECT 'lesson', DAY_OF(l.date) FROM lesson l WHERE l.id = ROW.lesson_id"
DAY_OF_WORK = (
    "SELECT 'lesson', DAY_OF(l.date) FROM work w JOIN lesson l ON l.id = w.lesson_id WHERE w.id = ROW.work_id"
)
CLASS_OF_LESSON = (
    "SELECT 'mark', CAST(g.school_class_id AS TEXT) FROM lesson l "
    'JOIN teaching_assignment a ON a.id = l.teaching_assignment_id JOIN study_group g ON g.id = a.study_group_id '
)
OF_GROUP = (
    "SELECT k.kind, CAST(g.school_class_id AS TEXT) FROM study_group g "
    "CROSS JOIN (SELECT 'final' AS kind UNION ALL SELECT 'mark') k WHERE g.id = "
)
OF_STUDENT = "SELECT DISTINCT '{}', CAST(e.school_class_id AS TEXT) FROM enrollment e WHERE e.student_id = ROW.student_id"
OF_GUARDIAN = (
    "SELECT DISTINCT 'student', CAST(e.school_class_id AS TEXT) FROM guardianship p "
    'JOIN enrollment e ON e.student_id = p.student_id WHERE p.user_id = ROW.'
)

# Of a table: what is to be looked at anew, by which columns, and (where another row is meant then) which of these.
WATCHED = (
    ('lesson', "SELECT 'lesson', DAY_OF(ROW.date)", 'insert update delete',
     'date is_cancelled topic homework homework_entered_at substitute_id teaching_assignment_id', 'date'),
    ('lesson', CLASS_OF_LESSON + 'WHERE l.id = ROW.id', 'delete', '', ''),
    ('lesson', "SELECT 'mark', NULL", 'update', 'date teaching_assignment_id', ''),
    ('work', DAY, 'insert update delete', 'lesson_id', 'lesson_id'),
    ('work', CLASS_OF_LESSON + 'WHERE l.id = ROW.lesson_id', 'update delete', 'lesson_id', 'lesson_id'),
    ('mark', DAY_OF_WORK, 'insert update delete', 'work_id entered_at', 'work_id'),
    ('mark', CLASS_OF_LESSON + 'JOIN work w ON w.lesson_id = l.id WHERE w.id = ROW.work_id', 'insert update delete',
     'work_id student_id', 'work_id'),
    ('roll_call', DAY, 'insert update delete', 'lesson_id taken_at', 'lesson_id'),
    ('homework_file', DAY, 'insert update delete', 'lesson_id uploaded_at', 'lesson_id'),
    ('student_homework', DAY, 'insert update delete', 'lesson_id', 'lesson_id'),
    ('final_mark', OF_STUDENT.format('final'), 'insert update delete',
     'kind term_id student_id subject_id academic_year_id entered_at', 'student_id'),
    ('teaching_assignment', "SELECT 'lesson', NULL", 'update', 'teacher_id study_group_id', ''),
    ('teaching_assignment', OF_GROUP + 'ROW.study_group_id', 'insert update delete',
     'teacher_id study_group_id subject_id starts_on ends_on', 'study_group_id'),
    ('study_group', EVERYTHING, 'update', 'school_class_id is_whole_class', ''),
    ('study_group', OF_GROUP + 'ROW.id', 'delete', '', ''),
    ('study_group_member', OF_GROUP + 'ROW.study_group_id', 'insert update delete',
     'study_group_id student_id starts_on ends_on', 'study_group_id'),
    ('enrollment', "SELECT 'student', CAST(ROW.school_class_id AS TEXT)", 'insert update delete',
     'student_id school_class_id starts_on ends_on', 'school_class_id'),
    ('school_class', EVERYTHING, 'update', 'grade term_kind academic_year_id', ''),
    ('school_class', "SELECT 'student', CAST(ROW.id AS TEXT)", 'update delete', 'class_teacher_id', ''),
    ('academic_year', EVERYTHING, 'update', 'starts_on ends_on', ''),
    ('term', EVERYTHING, 'insert update delete', 'academic_year_id kind number starts_on ends_on', ''),
    ('excused_period', EVERYTHING, 'insert update delete', 'teacher_id school_class_id starts_on ends_on', ''),
    ('student_details', OF_STUDENT.format('student'), 'insert update delete', 'student_id birth_date', 'student_id'),
    ('guardianship', OF_STUDENT.format('student'), 'insert update delete', 'student_id user_id', 'student_id'),
    ('account', OF_GUARDIAN + 'user_id', 'insert update delete', 'user_id password_hash phone email', 'user_id'),
    ('user', OF_GUARDIAN + 'id', 'update', 'is_active is_staff', ''),
    ('diary_visit', OF_STUDENT.format('visit'), 'insert update delete', 'student_id user_id last_at week',
     'student_id'),
)  # fmt: skip


def upgrade():
    op.create_table(
        'rule_count',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('rule', sa.String(length=40), nullable=False),
        sa.Column('part', sa.String(length=10), nullable=False),
        sa.Column('basis', sa.String(length=32), nullable=False),
        sa.Column('day', sa.Date(), nullable=True),
        sa.Column('person', sa.Integer(), nullable=True),
        sa.Column('states', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_count')),
    )
    op.create_index(op.f('ix_rule_count_rule_part'), 'rule_count', ['rule', 'part'], unique=False)
    op.create_table(
        'rule_touch',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=10), nullable=True),
        sa.Column('part', sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_touch')),
    )
    for number, (table, parts, moments, columns, key) in enumerate(WATCHED):
        make = _of_postgresql if op.get_bind().dialect.name == 'postgresql' else _of_sqlite
        for statement in make(f'counts_{number:02}_{table}', table, parts, moments.split(), columns.split(), key):
            op.execute(statement)


def _of_sqlite(name, table, parts, moments, columns, key):
    """A row that is deleted is noted before: what it belongs to goes along with it."""
    for moment, row in product(moments, ('OLD', 'NEW')):
        if row == ('OLD' if moment == 'insert' else 'NEW' if moment == 'delete' else '' if key else 'OLD'):
            continue
        when = f'BEFORE {moment}' if moment == 'delete' else f'AFTER {moment}'
        of = f' OF {", ".join(columns)}' if moment == 'update' else ''
        only = f' WHEN OLD.{key} <> NEW.{key}' if moment == 'update' and row == 'OLD' else ''
        yield (
            f'CREATE TRIGGER {name}_{moment}_{row.lower()} {when}{of} ON "{table}"{only} BEGIN '
            f'INSERT INTO rule_touch (kind, part) {_told(parts, row, "{}")}; END'
        )


def _of_postgresql(name, table, parts, moments, columns, key):
    written = f'INSERT INTO rule_touch (kind, part) {_told(parts, "{row}", "to_char({}, {pattern})")};'
    new, old = (written.format(row=row, pattern="'YYYY-MM-DD'") for row in ('NEW', 'OLD'))
    moved = f'IF OLD.{key} <> NEW.{key} THEN {old} END IF;' if key and 'update' in moments else ''
    yield (
        f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF TG_OP = 'DELETE' THEN {old} RETURN OLD; END IF; {new} "
        f"IF TG_OP = 'UPDATE' THEN {moved or 'NULL;'} END IF; RETURN NEW; END $$"
    )
    for moment in moments:
        when = f'BEFORE {moment}' if moment == 'delete' else f'AFTER {moment}'
        of = f' OF {", ".join(columns)}' if moment == 'update' else ''
        yield (
            f'CREATE TRIGGER {name}_{moment} {when}{of} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()'
        )


def _told(parts, row, day):
    """SQLite keeps days as text."""
    before, given, rest = parts.partition('DAY_OF(')
    column, _, after = rest.partition(')')
    return (before + (day.replace('{}', column) if given else '') + after).replace('ROW.', f'{row}.')


def downgrade():
    postgresql = op.get_bind().dialect.name == 'postgresql'
    for number, (table, parts, moments, columns, key) in enumerate(WATCHED):
        name = f'counts_{number:02}_{table}'
        if postgresql:
            op.execute(f'DROP FUNCTION {name}() CASCADE')
            continue
        for statement in _of_sqlite(name, table, parts, moments.split(), columns.split(), key):
            op.execute(f'DROP TRIGGER IF EXISTS {statement.split()[2]}')
    op.drop_table('rule_touch')
    op.drop_index(op.f('ix_rule_count_rule_part'), table_name='rule_count')
    op.drop_table('rule_count')
