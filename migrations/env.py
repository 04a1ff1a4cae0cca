"""Runs the migrations on the database whose URL is in the configuration's attributes."""

from alembic import context

from callcenter.store import create_engine
from callcenter.tables import Base

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
