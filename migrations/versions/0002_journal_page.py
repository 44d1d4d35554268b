"""Journal page

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

VERSIONED = ('mark', 'attendance', 'final_mark')


def upgrade():
    if op.get_bind().dialect.name == 'postgresql':  # SQLite's integers have 64 bits already
        for table in VERSIONED:
            op.alter_column(table, 'version', existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
    op.create_table('edit_receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_edit_receipt_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edit_receipt')),
    sa.UniqueConstraint('user_id', 'key', name=op.f('uq_edit_receipt_user_id_key'))
    )
    with op.batch_alter_table('edit_receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_edit_receipt_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_edit_receipt_user_id'), ['user_id'], unique=False)

    op.create_table('planned_topic',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('teaching_assignment_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=300), nullable=False),
    sa.Column('homework', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint('position BETWEEN 1 AND 999', name=op.f('ck_planned_topic_position')),
    sa.ForeignKeyConstraint(['teaching_assignment_id'], ['teaching_assignment.id'], name=op.f('fk_planned_topic_teaching_assignment_id_teaching_assignment'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_topic')),
    sa.UniqueConstraint('teaching_assignment_id', 'position', name=op.f('uq_planned_topic_teaching_assignment_id_position'))
    )
    with op.batch_alter_table('planned_topic', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_planned_topic_teaching_assignment_id'), ['teaching_assignment_id'], unique=False)

    op.create_table('homework_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lesson_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('stored', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['lesson_id'], ['lesson.id'], name=op.f('fk_homework_file_lesson_id_lesson'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user.id'], name=op.f('fk_homework_file_uploaded_by_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_homework_file')),
    sa.UniqueConstraint('stored', name=op.f('uq_homework_file_stored'))
    )
    with op.batch_alter_table('homework_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_homework_file_lesson_id'), ['lesson_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_homework_file_uploaded_by_id'), ['uploaded_by_id'], unique=False)

    op.create_table('student_homework',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lesson_id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['lesson_id'], ['lesson.id'], name=op.f('fk_student_homework_lesson_id_lesson'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_student_homework_student_id_student'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_student_homework')),
    sa.UniqueConstraint('lesson_id', 'student_id', name=op.f('uq_student_homework_lesson_id_student_id'))
    )
    with op.batch_alter_table('student_homework', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_student_homework_lesson_id'), ['lesson_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_student_homework_student_id'), ['student_id'], unique=False)

    op.create_table('staff_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mark_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['mark_id'], ['mark.id'], name=op.f('fk_staff_note_mark_id_mark'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_note'))
    )
    with op.batch_alter_table('staff_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_note_mark_id'), ['mark_id'], unique=True)

    with op.batch_alter_table('audit_record', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lesson_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_audit_record_lesson_id'), ['lesson_id'], unique=False)

    with op.batch_alter_table('final_mark', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason', sa.String(length=200), server_default='', nullable=False))

    with op.batch_alter_table('lesson', schema=None) as batch_op:
        batch_op.add_column(sa.Column('plan_position', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('cancel_reason', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='1', nullable=False))

    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unlock_reason', sa.String(length=200), server_default='', nullable=False))


    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restored_from', sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_work_restored_from'), ['restored_from'])


def downgrade():
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_work_restored_from'), type_='unique')
        batch_op.drop_column('restored_from')

    if op.get_bind().dialect.name == 'postgresql':
        for table in VERSIONED:
            op.alter_column(table, 'version', existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False,
                            postgresql_using='1')

    with op.batch_alter_table('term', schema=None) as batch_op:
        batch_op.drop_column('unlock_reason')

    with op.batch_alter_table('lesson', schema=None) as batch_op:
        batch_op.drop_column('version')
        batch_op.drop_column('cancel_reason')
        batch_op.drop_column('plan_position')

    with op.batch_alter_table('final_mark', schema=None) as batch_op:
        batch_op.drop_column('reason')

    with op.batch_alter_table('audit_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_record_lesson_id'))
        batch_op.drop_column('lesson_id')

    with op.batch_alter_table('staff_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_note_mark_id'))

    op.drop_table('staff_note')
    with op.batch_alter_table('student_homework', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_student_homework_student_id'))
        batch_op.drop_index(batch_op.f('ix_student_homework_lesson_id'))

    op.drop_table('student_homework')
    with op.batch_alter_table('homework_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_homework_file_uploaded_by_id'))
        batch_op.drop_index(batch_op.f('ix_homework_file_lesson_id'))

    op.drop_table('homework_file')
    with op.batch_alter_table('planned_topic', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_planned_topic_teaching_assignment_id'))

    op.drop_table('planned_topic')
    with op.batch_alter_table('edit_receipt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_edit_receipt_user_id'))
        batch_op.drop_index(batch_op.f('ix_edit_receipt_at'))

    op.drop_table('edit_receipt')
