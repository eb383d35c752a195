"""Tables, upserts, queries and migrations: the only package that imports SQLAlchemy."""
