"""Runs the migrations on the database whose URL is in the configuration's attributes, or after `alembic -x url=`."""

from alembic import context

from callcenter.store import create_engine
from callcenter.tables import Base

url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]
engine = create_engine(url)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
