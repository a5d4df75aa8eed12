"""Alembic's entry: always on the connection, and in the transaction, of whoever opens the database."""

from alembic import context

from adsync.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
