"""Alembic's entry point; `backend.store.migrate` hands over the connection."""

from alembic import context

from backend.store.tables import STORE

context.configure(connection=context.config.attributes["connection"], target_metadata=STORE, render_as_batch=True)
context.run_migrations()
