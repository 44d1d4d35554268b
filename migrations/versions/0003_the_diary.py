"""The diary

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

from app.collation import search_key

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

CHANNEL = 'ck_delivery_deliverychannel'
KEYS = (('thread', 'subject', 'search_name'), ('message', 'body', 'search_body'))


def keep_search_keys():
    """What stands already is found like what will be written."""
    for name, column, key in KEYS:
        table = sa.table(name, sa.column('id', sa.Integer()), sa.column(column, sa.Text()), sa.column(key, sa.Text()))
        rows = op.get_bind().execute(sa.select(table.c.id, table.c[column])).all()
        for number, text in rows:
            op.execute(table.update().where(table.c.id == number).values({key: search_key(text)}))


def upgrade():
    op.create_table('happening',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('low_mark', 'mark', 'absence', 'homework', 'final_mark', 'message', 'news', 'request', name='noticekind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('model', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=True),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_happening'))
    )
    with op.batch_alter_table('happening', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_happening_at'), ['at'], unique=False)

    op.create_table('notification_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('low_mark', 'mark', 'absence', 'homework', 'final_mark', 'message', 'news', 'request', name='noticekind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('channel', sa.Enum('sms', 'email', 'slip', 'push', name='deliverychannel', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('timing', sa.Enum('never', 'at_once', 'evening', name='timing', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_notification_choice_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_choice')),
    sa.UniqueConstraint('user_id', 'kind', 'channel', name=op.f('uq_notification_choice_user_id_kind_channel'))
    )
    with op.batch_alter_table('notification_choice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notification_choice_user_id'), ['user_id'], unique=False)

    op.create_table('push_subscription',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('p256dh', sa.String(length=120), nullable=False),
    sa.Column('auth', sa.String(length=60), nullable=False),
    sa.Column('agent', sa.String(length=200), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_push_subscription_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_subscription')),
    sa.UniqueConstraint('endpoint', name=op.f('uq_push_subscription_endpoint'))
    )
    with op.batch_alter_table('push_subscription', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_push_subscription_user_id'), ['user_id'], unique=False)

    op.create_table('quiet_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.Time(), nullable=False),
    sa.Column('ends_at', sa.Time(), nullable=False),
    sa.Column('weekends', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_quiet_hours_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quiet_hours'))
    )
    with op.batch_alter_table('quiet_hours', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quiet_hours_user_id'), ['user_id'], unique=True)

    op.create_table('school_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('about', 'consent', name='textkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_school_text_author_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_school_text')),
    sa.UniqueConstraint('kind', 'version', name=op.f('uq_school_text_kind_version'))
    )
    with op.batch_alter_table('school_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_school_text_author_id'), ['author_id'], unique=False)

    op.create_table('absence_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('first_number', sa.Integer(), nullable=True),
    sa.Column('last_number', sa.Integer(), nullable=True),
    sa.Column('status', sa.Enum('absent', 'excused', 'ill', 'late', name='attendancestatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('sent', 'confirmed', 'declined', 'withdrawn', name='requeststate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('answer', sa.String(length=300), server_default='', nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('excused', 'ill')", name=op.f('ck_absence_note_status')),
    sa.CheckConstraint('(first_number IS NULL) = (last_number IS NULL)', name=op.f('ck_absence_note_both_numbers')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_absence_note_dates')),
    sa.CheckConstraint('first_number IS NULL OR starts_on = ends_on', name=op.f('ck_absence_note_part_of_one_day')),
    sa.CheckConstraint('last_number >= first_number', name=op.f('ck_absence_note_numbers')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_absence_note_answered_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_absence_note_author_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_absence_note_student_id_student'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence_note'))
    )
    with op.batch_alter_table('absence_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_note_answered_by_id'), ['answered_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_absence_note_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_absence_note_starts_on'), ['starts_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_absence_note_student_id'), ['student_id'], unique=False)

    op.create_table('calendar_feed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_calendar_feed_student_id_student'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_calendar_feed_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feed_token_hash')),
    sa.UniqueConstraint('user_id', 'student_id', name=op.f('uq_calendar_feed_user_id_student_id'))
    )
    with op.batch_alter_table('calendar_feed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_feed_student_id'), ['student_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_calendar_feed_user_id'), ['user_id'], unique=False)

    op.create_table('consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('text_id', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['text_id'], ['school_text.id'], name=op.f('fk_consent_text_id_school_text'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_consent_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_text_id'), ['text_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consent_user_id'), ['user_id'], unique=False)

    op.create_table('correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.Enum('family_name', 'given_name', 'patronymic', 'birth_date', 'phone', 'email', 'address', name='correctedfield', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('was', sa.String(length=300), server_default='', nullable=False),
    sa.Column('value', sa.String(length=300), nullable=False),
    sa.Column('state', sa.Enum('sent', 'confirmed', 'declined', 'withdrawn', name='requeststate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('answer', sa.String(length=300), server_default='', nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("user_id IS NULL OR field IN ('family_name', 'given_name', 'patronymic')", name=op.f('ck_correction_own_name')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_correction_answered_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_correction_author_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_correction_student_id_student'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_correction_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_answered_by_id'), ['answered_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_student_id'), ['student_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_user_id'), ['user_id'], unique=False)

    op.create_table('diary_visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('visits', sa.Integer(), server_default='1', nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_diary_visit_student_id_student'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_diary_visit_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_diary_visit')),
    sa.UniqueConstraint('user_id', 'student_id', 'week', name=op.f('uq_diary_visit_user_id_student_id_week'))
    )
    with op.batch_alter_table('diary_visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_diary_visit_student_id'), ['student_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_diary_visit_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_diary_visit_week'), ['week'], unique=False)

    op.create_table('notification',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('sms', 'email', 'slip', 'push', name='deliverychannel', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('kind', sa.Enum('low_mark', 'mark', 'absence', 'homework', 'final_mark', 'message', 'news', 'request', name='noticekind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('model', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivery_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_notification_delivery_id_delivery'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_notification_student_id_student'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_notification_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification'))
    )
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notification_delivery_id'), ['delivery_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notification_student_id'), ['student_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notification_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_notification_waiting', ['due_at'], unique=False, sqlite_where=sa.text('delivery_id IS NULL'), postgresql_where=sa.text('delivery_id IS NULL'))

    op.create_table('thread_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('reported_by_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=500), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_thread_report_opened_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['reported_by_id'], ['user.id'], name=op.f('fk_thread_report_reported_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_thread_report_thread_id_thread'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_report'))
    )
    with op.batch_alter_table('thread_report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thread_report_opened_by_id'), ['opened_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_thread_report_reported_by_id'), ['reported_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_thread_report_thread_id'), ['thread_id'], unique=False)

    op.create_table('message_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('stored', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_message_file_message_id_message'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_file')),
    sa.UniqueConstraint('stored', name=op.f('uq_message_file_stored'))
    )
    with op.batch_alter_table('message_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_file_message_id'), ['message_id'], unique=False)

    op.create_table('homework_done',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lesson_id', sa.Integer(), nullable=False),
    sa.Column('student_id', sa.Integer(), nullable=False),
    sa.Column('done_by_id', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['done_by_id'], ['user.id'], name=op.f('fk_homework_done_done_by_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['lesson_id'], ['lesson.id'], name=op.f('fk_homework_done_lesson_id_lesson'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['student_id'], ['student.id'], name=op.f('fk_homework_done_student_id_student'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_homework_done')),
    sa.UniqueConstraint('lesson_id', 'student_id', name=op.f('uq_homework_done_lesson_id_student_id'))
    )
    with op.batch_alter_table('homework_done', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_homework_done_done_by_id'), ['done_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_homework_done_lesson_id'), ['lesson_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_homework_done_student_id'), ['student_id'], unique=False)

    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('introduced_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(CHANNEL), type_='check')
        batch_op.create_check_constraint(batch_op.f(CHANNEL), "channel IN ('sms', 'email', 'slip', 'push')")
        batch_op.add_column(sa.Column('subscription_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_delivery_subscription_id'), ['subscription_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_delivery_subscription_id_push_subscription'), 'push_subscription', ['subscription_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('search_body', sa.Text(), server_default='', nullable=False))

    with op.batch_alter_table('thread', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.Enum('conversation', 'announcement', name='threadkind', native_enum=False, create_constraint=True, length=24), server_default='conversation', nullable=False))
        batch_op.add_column(sa.Column('search_name', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('student_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('school_class_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_thread_school_class_id'), ['school_class_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_thread_student_id'), ['student_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_thread_student_id_student'), 'student', ['student_id'], ['id'], ondelete='RESTRICT')
        batch_op.create_foreign_key(batch_op.f('fk_thread_school_class_id_school_class'), 'school_class', ['school_class_id'], ['id'], ondelete='RESTRICT')

    keep_search_keys()


def downgrade():
    # Messages of a kind that the older journal does not know.
    op.execute("UPDATE notification SET delivery_id = NULL")
    op.execute("DELETE FROM delivery WHERE credential_id IS NULL")
    with op.batch_alter_table('thread', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_thread_school_class_id_school_class'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_thread_student_id_student'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_thread_student_id'))
        batch_op.drop_index(batch_op.f('ix_thread_school_class_id'))
        batch_op.drop_column('school_class_id')
        batch_op.drop_column('student_id')
        batch_op.drop_column('search_name')
        batch_op.drop_constraint(batch_op.f('ck_thread_threadkind'), type_='check')
        batch_op.drop_column('kind')

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_column('search_body')

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_delivery_subscription_id_push_subscription'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_delivery_subscription_id'))
        batch_op.drop_constraint(batch_op.f(CHANNEL), type_='check')
        batch_op.create_check_constraint(batch_op.f(CHANNEL), "channel IN ('sms', 'email', 'slip')")
        batch_op.drop_column('subscription_id')

    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('introduced_at')

    with op.batch_alter_table('homework_done', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_homework_done_student_id'))
        batch_op.drop_index(batch_op.f('ix_homework_done_lesson_id'))
        batch_op.drop_index(batch_op.f('ix_homework_done_done_by_id'))

    op.drop_table('homework_done')
    with op.batch_alter_table('message_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_file_message_id'))

    op.drop_table('message_file')
    with op.batch_alter_table('thread_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thread_report_thread_id'))
        batch_op.drop_index(batch_op.f('ix_thread_report_reported_by_id'))
        batch_op.drop_index(batch_op.f('ix_thread_report_opened_by_id'))

    op.drop_table('thread_report')
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.drop_index('ix_notification_waiting', sqlite_where=sa.text('delivery_id IS NULL'), postgresql_where=sa.text('delivery_id IS NULL'))
        batch_op.drop_index(batch_op.f('ix_notification_user_id'))
        batch_op.drop_index(batch_op.f('ix_notification_student_id'))
        batch_op.drop_index(batch_op.f('ix_notification_delivery_id'))

    op.drop_table('notification')
    with op.batch_alter_table('diary_visit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_diary_visit_week'))
        batch_op.drop_index(batch_op.f('ix_diary_visit_user_id'))
        batch_op.drop_index(batch_op.f('ix_diary_visit_student_id'))

    op.drop_table('diary_visit')
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_correction_user_id'))
        batch_op.drop_index(batch_op.f('ix_correction_student_id'))
        batch_op.drop_index(batch_op.f('ix_correction_author_id'))
        batch_op.drop_index(batch_op.f('ix_correction_answered_by_id'))

    op.drop_table('correction')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consent_user_id'))
        batch_op.drop_index(batch_op.f('ix_consent_text_id'))

    op.drop_table('consent')
    with op.batch_alter_table('calendar_feed', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_calendar_feed_user_id'))
        batch_op.drop_index(batch_op.f('ix_calendar_feed_student_id'))

    op.drop_table('calendar_feed')
    with op.batch_alter_table('absence_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_absence_note_student_id'))
        batch_op.drop_index(batch_op.f('ix_absence_note_starts_on'))
        batch_op.drop_index(batch_op.f('ix_absence_note_author_id'))
        batch_op.drop_index(batch_op.f('ix_absence_note_answered_by_id'))

    op.drop_table('absence_note')
    with op.batch_alter_table('school_text', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_school_text_author_id'))

    op.drop_table('school_text')
    with op.batch_alter_table('quiet_hours', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quiet_hours_user_id'))

    op.drop_table('quiet_hours')
    with op.batch_alter_table('push_subscription', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_push_subscription_user_id'))

    op.drop_table('push_subscription')
    with op.batch_alter_table('notification_choice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notification_choice_user_id'))

    op.drop_table('notification_choice')
    with op.batch_alter_table('happening', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_happening_at'))

    op.drop_table('happening')
