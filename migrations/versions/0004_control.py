"""The regulation watches itself

Revision: 0004
After: 0003
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KINDS = ('low_mark', 'mark', 'absence', 'homework', 'final_mark', 'message', 'news', 'request')
NEW_KINDS = ('support', 'reminder', 'weekly')
OF_A_KIND = ('happening', 'notification', 'notification_choice')


def allow(kinds):
    """The kinds of notices that may stand in the tables."""
    words = ', '.join(repr(kind) for kind in kinds)
    for table in OF_A_KIND:
        name = f'ck_{table}_noticekind'
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(name), type_='check')
            batch_op.create_check_constraint(batch_op.f(name), f'kind IN ({words})')


def keep_answers():
    """What a deputy director had answered becomes a reply; whose it was stood nowhere, so that of the first one."""
    request = sa.table('support_request', sa.column('id', sa.Integer()), sa.column('answer', sa.Text()),
                       sa.column('created_at', sa.DateTime(timezone=True)),
                       sa.column('solved_at', sa.DateTime(timezone=True)))
    user = sa.table('user', sa.column('id', sa.Integer()), sa.column('is_deputy_director', sa.Boolean()))
    reply = sa.table('support_reply', sa.column('request_id', sa.Integer()), sa.column('author_id', sa.Integer()),
                     sa.column('body', sa.Text()), sa.column('created_at', sa.DateTime(timezone=True)))
    first = sa.select(sa.func.min(user.c.id)).where(user.c.is_deputy_director).scalar_subquery()
    answered = sa.select(request.c.id, first, request.c.answer, sa.func.coalesce(request.c.solved_at, request.c.created_at))
    op.execute(sa.insert(reply).from_select(
        ['request_id', 'author_id', 'body', 'created_at'], answered.where(request.c.answer != '')))


def take_old_lessons_as_attended():
    """Before this version nobody was asked whether attendance was taken: what is filled counts as taken, in time."""
    lesson = sa.table('lesson', sa.column('id', sa.Integer()), sa.column('topic', sa.String()),
                      sa.column('date', sa.Date()))
    taken = sa.table('roll_call', sa.column('lesson_id', sa.Integer()),
                     sa.column('taken_at', sa.DateTime(timezone=True)))
    noon = sa.cast(lesson.c.date, sa.DateTime(timezone=True))
    if op.get_bind().dialect.name == 'sqlite':
        noon = sa.literal_column("date || ' 08:00:00.000000'")
    filled = sa.select(lesson.c.id, noon).where(lesson.c.topic != '')
    op.execute(sa.insert(taken).from_select(['lesson_id', 'taken_at'], filled))


def upgrade():
    op.create_table('rule_setting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('is_on', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('minimum', sa.Integer(), nullable=True),
    sa.Column('remind_days', sa.Integer(), nullable=True),
    sa.CheckConstraint('days BETWEEN 0 AND 60', name=op.f('ck_rule_setting_days')),
    sa.CheckConstraint('minimum BETWEEN 1 AND 60', name=op.f('ck_rule_setting_minimum')),
    sa.CheckConstraint('remind_days BETWEEN 1 AND 60', name=op.f('ck_rule_setting_remind_days')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_setting')),
    sa.UniqueConstraint('rule', name=op.f('uq_rule_setting_rule'))
    )
    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recovery_code_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_recovery_code_code_hash'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)

    op.create_table('reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=True),
    sa.Column('sent_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['sent_by_id'], ['user.id'], name=op.f('fk_reminder_sent_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_reminder_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_sent_by_id'), ['sent_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reminder_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_reminder_user_rule', ['user_id', 'rule', 'created_at'], unique=False)

    op.create_table('second_factor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_second_factor_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_factor'))
    )
    with op.batch_alter_table('second_factor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_second_factor_user_id'), ['user_id'], unique=True)

    op.create_table('year_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('from_year_id', sa.Integer(), nullable=False),
    sa.Column('to_year_id', sa.Integer(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made', sa.JSON(), nullable=False),
    sa.Column('ended', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['from_year_id'], ['academic_year.id'], name=op.f('fk_year_change_from_year_id_academic_year'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_year_change_made_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['to_year_id'], ['academic_year.id'], name=op.f('fk_year_change_to_year_id_academic_year'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_year_change'))
    )
    with op.batch_alter_table('year_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_year_change_from_year_id'), ['from_year_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_year_change_made_by_id'), ['made_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_year_change_to_year_id'), ['to_year_id'], unique=True)

    op.create_table('excused_period',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('teacher_id', sa.Integer(), nullable=True),
    sa.Column('school_class_id', sa.Integer(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_excused_period_dates')),
    sa.CheckConstraint('teacher_id IS NULL OR school_class_id IS NULL', name=op.f('ck_excused_period_of_one')),
    sa.ForeignKeyConstraint(['school_class_id'], ['school_class.id'], name=op.f('fk_excused_period_school_class_id_school_class'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['teacher_id'], ['user.id'], name=op.f('fk_excused_period_teacher_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_excused_period'))
    )
    with op.batch_alter_table('excused_period', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_excused_period_school_class_id'), ['school_class_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_excused_period_teacher_id'), ['teacher_id'], unique=False)

    op.create_table('news_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('news_item_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['news_item_id'], ['news_item.id'], name=op.f('fk_news_reading_news_item_id_news_item'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_news_reading_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_news_reading')),
    sa.UniqueConstraint('news_item_id', 'user_id', name=op.f('uq_news_reading_news_item_id_user_id'))
    )
    with op.batch_alter_table('news_reading', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_news_reading_news_item_id'), ['news_item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_news_reading_user_id'), ['user_id'], unique=False)

    op.create_table('rule_record',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('school_class_id', sa.Integer(), nullable=True),
    sa.Column('due', sa.Integer(), nullable=False),
    sa.Column('kept', sa.Integer(), nullable=False),
    sa.CheckConstraint('kept BETWEEN 0 AND due', name=op.f('ck_rule_record_kept')),
    sa.ForeignKeyConstraint(['school_class_id'], ['school_class.id'], name=op.f('fk_rule_record_school_class_id_school_class'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_record')),
    sa.UniqueConstraint('rule', 'week', 'school_class_id', name=op.f('uq_rule_record_rule_week_school_class_id'))
    )
    with op.batch_alter_table('rule_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rule_record_school_class_id'), ['school_class_id'], unique=False)
        batch_op.create_index('uq_rule_record_without_class', ['rule', 'week'], unique=True, sqlite_where=sa.text('school_class_id IS NULL'), postgresql_where=sa.text('school_class_id IS NULL'))

    op.create_table('support_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('stored', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['support_request.id'], name=op.f('fk_support_file_request_id_support_request'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_file')),
    sa.UniqueConstraint('stored', name=op.f('uq_support_file_stored'))
    )
    with op.batch_alter_table('support_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_support_file_request_id'), ['request_id'], unique=False)

    op.create_table('support_reply',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_support_reply_author_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['request_id'], ['support_request.id'], name=op.f('fk_support_reply_request_id_support_request'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_reply'))
    )
    with op.batch_alter_table('support_reply', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_support_reply_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_support_reply_request_id'), ['request_id'], unique=False)

    op.create_table('handover',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('teaching_assignment_id', sa.Integer(), nullable=False),
    sa.Column('from_teacher_id', sa.Integer(), nullable=False),
    sa.Column('to_teacher_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['from_teacher_id'], ['user.id'], name=op.f('fk_handover_from_teacher_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['teaching_assignment_id'], ['teaching_assignment.id'], name=op.f('fk_handover_teaching_assignment_id_teaching_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['to_teacher_id'], ['user.id'], name=op.f('fk_handover_to_teacher_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover'))
    )
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handover_from_teacher_id'), ['from_teacher_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_teaching_assignment_id'), ['teaching_assignment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_to_teacher_id'), ['to_teacher_id'], unique=False)

    with op.batch_alter_table('final_mark', schema=None) as batch_op:
        batch_op.create_index('ix_final_mark_figures', ['academic_year_id', 'kind', 'term_id', 'teaching_assignment_id', 'value'], unique=False)

    op.create_table('roll_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lesson_id', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['lesson_id'], ['lesson.id'], name=op.f('fk_roll_call_lesson_id_lesson'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['taken_by_id'], ['user.id'], name=op.f('fk_roll_call_taken_by_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_call'))
    )
    with op.batch_alter_table('roll_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roll_call_lesson_id'), ['lesson_id'], unique=True)
        batch_op.create_index(batch_op.f('ix_roll_call_taken_by_id'), ['taken_by_id'], unique=False)

    with op.batch_alter_table('news_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('support_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('taken_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_support_request_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_support_request_taken_by_id'), ['taken_by_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_support_request_taken_by_id_user'), 'user', ['taken_by_id'], ['id'], ondelete='RESTRICT')

    keep_answers()
    with op.batch_alter_table('support_request', schema=None) as batch_op:
        batch_op.drop_column('answer')

    take_old_lessons_as_attended()
    allow(KINDS + NEW_KINDS)


def downgrade():
    for table in OF_A_KIND:
        kind = sa.table(table, sa.column('kind', sa.String()))
        op.execute(sa.delete(kind).where(kind.c.kind.in_(NEW_KINDS)))
    allow(KINDS)
    with op.batch_alter_table('support_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answer', sa.Text(), server_default='', nullable=False))
        batch_op.drop_constraint(batch_op.f('fk_support_request_taken_by_id_user'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_support_request_taken_by_id'))
        batch_op.drop_index(batch_op.f('ix_support_request_created_at'))
        batch_op.drop_column('answered_at')
        batch_op.drop_column('taken_at')
        batch_op.drop_column('taken_by_id')

    with op.batch_alter_table('news_item', schema=None) as batch_op:
        batch_op.drop_column('archived_at')

    with op.batch_alter_table('roll_call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roll_call_taken_by_id'))
        batch_op.drop_index(batch_op.f('ix_roll_call_lesson_id'))

    op.drop_table('roll_call')

    with op.batch_alter_table('final_mark', schema=None) as batch_op:
        batch_op.drop_index('ix_final_mark_figures')

    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handover_to_teacher_id'))
        batch_op.drop_index(batch_op.f('ix_handover_teaching_assignment_id'))
        batch_op.drop_index(batch_op.f('ix_handover_from_teacher_id'))

    op.drop_table('handover')
    with op.batch_alter_table('support_reply', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_reply_request_id'))
        batch_op.drop_index(batch_op.f('ix_support_reply_author_id'))

    op.drop_table('support_reply')
    with op.batch_alter_table('support_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_file_request_id'))

    op.drop_table('support_file')
    with op.batch_alter_table('rule_record', schema=None) as batch_op:
        batch_op.drop_index('uq_rule_record_without_class', sqlite_where=sa.text('school_class_id IS NULL'), postgresql_where=sa.text('school_class_id IS NULL'))
        batch_op.drop_index(batch_op.f('ix_rule_record_school_class_id'))

    op.drop_table('rule_record')
    with op.batch_alter_table('news_reading', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_news_reading_user_id'))
        batch_op.drop_index(batch_op.f('ix_news_reading_news_item_id'))

    op.drop_table('news_reading')
    with op.batch_alter_table('excused_period', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_excused_period_teacher_id'))
        batch_op.drop_index(batch_op.f('ix_excused_period_school_class_id'))

    op.drop_table('excused_period')
    with op.batch_alter_table('year_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_year_change_to_year_id'))
        batch_op.drop_index(batch_op.f('ix_year_change_made_by_id'))
        batch_op.drop_index(batch_op.f('ix_year_change_from_year_id'))

    op.drop_table('year_change')
    with op.batch_alter_table('second_factor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_second_factor_user_id'))

    op.drop_table('second_factor')
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index('ix_reminder_user_rule')
        batch_op.drop_index(batch_op.f('ix_reminder_user_id'))
        batch_op.drop_index(batch_op.f('ix_reminder_sent_by_id'))

    op.drop_table('reminder')
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_code_user_id'))

    op.drop_table('recovery_code')
    op.drop_table('rule_setting')
