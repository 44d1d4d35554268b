"""What can be shown afterwards: seals of the audit, looks at personal data, erasures, backups

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('audit_seal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('hash', name=op.f('uq_audit_seal_hash')),
    sa.UniqueConstraint('record_id', name=op.f('uq_audit_seal_record_id'))
    )
    op.create_table('backup_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slot', sa.String(length=40), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file', sa.String(length=200), server_default='', nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('digest', sa.String(length=64), server_default='', nullable=False),
    sa.Column('error', sa.String(length=300), server_default='', nullable=False),
    sa.CheckConstraint('size >= 0', name=op.f('ck_backup_run_size')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup_run')),
    sa.UniqueConstraint('slot', name=op.f('uq_backup_run_slot'))
    )
    op.create_table('data_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.Integer(), server_default='0', nullable=False),
    sa.Column('what', sa.String(length=60), nullable=False),
    sa.Column('address', sa.String(length=45), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_data_access_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_access')),
    sa.UniqueConstraint('user_id', 'day', 'model', 'object_id', 'what', name=op.f('uq_data_access_user_id_day_model_object_id_what'))
    )
    with op.batch_alter_table('data_access', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_access_day'), ['day'], unique=False)
        batch_op.create_index('ix_data_access_object', ['model', 'object_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_data_access_user_id'), ['user_id'], unique=False)

    op.create_table('erasure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('model', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('erased_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['erased_by_id'], ['user.id'], name=op.f('fk_erasure_erased_by_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure')),
    sa.UniqueConstraint('model', 'object_id', name=op.f('uq_erasure_model_object_id'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasure_erased_by_id'), ['erased_by_id'], unique=False)

    op.create_table('worker_pulse',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worker_pulse')),
    sa.UniqueConstraint('name', name=op.f('uq_worker_pulse_name'))
    )
    with op.batch_alter_table('audit_record', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('unit', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('user_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_audit_record_unit'), ['unit'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_record_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_audit_record_deleted', ['at'], unique=False,
                              sqlite_where=sa.text("action = 'delete'"), postgresql_where=sa.text("action = 'delete'"))

    op.create_table('undoing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_undoing_user_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_undoing')),
    sa.UniqueConstraint('record_id', name=op.f('uq_undoing_record_id'))
    )
    with op.batch_alter_table('undoing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_undoing_user_id'), ['user_id'], unique=False)

    # Works that came back under another number are not brought back once more.
    op.execute("INSERT INTO undoing (record_id, object_id, at) "
               "SELECT MAX(audit_record.id), work.id, MAX(audit_record.at) FROM work JOIN audit_record "
               "ON audit_record.model = 'Work' AND audit_record.action = 'delete' "
               "AND audit_record.object_id = work.restored_from GROUP BY work.id")
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_work_restored_from'), type_='unique')
        batch_op.drop_column('restored_from')

    # Of whom the records of before tell, as far as their rows are still there.
    op.execute("UPDATE audit_record SET user_id = object_id WHERE model = 'User'")
    for model, table in (('Account', 'account'), ('Credential', 'credential'), ('Guardianship', 'guardianship'),
                         ('SecondFactor', 'second_factor'), ('Consent', 'consent')):
        op.execute(f"UPDATE audit_record SET user_id = (SELECT {table}.user_id FROM {table} "
                   f"WHERE {table}.id = audit_record.object_id) WHERE model = '{model}'")


def downgrade():
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restored_from', sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_work_restored_from'), ['restored_from'])

    with op.batch_alter_table('undoing', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_undoing_user_id'))

    op.drop_table('undoing')
    op.drop_table('worker_pulse')
    with op.batch_alter_table('audit_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_record_user_id'))
        batch_op.drop_index('ix_audit_record_deleted')
        batch_op.drop_index(batch_op.f('ix_audit_record_unit'))
        batch_op.drop_column('erased_at')
        batch_op.drop_column('user_id')
        batch_op.drop_column('unit')
        batch_op.drop_column('source')

    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_erasure_erased_by_id'))

    op.drop_table('erasure')
    with op.batch_alter_table('data_access', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_data_access_user_id'))
        batch_op.drop_index('ix_data_access_object')
        batch_op.drop_index(batch_op.f('ix_data_access_day'))

    op.drop_table('data_access')
    op.drop_table('backup_run')
    op.drop_table('audit_seal')
