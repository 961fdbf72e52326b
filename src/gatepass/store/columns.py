"""Types of columns that hold text.

PostgreSQL compares text as the database's locale says; ours compares by bytes on every engine, as Python and SQLite do:
that is what pages follow on from and what makes two names one.
"""

import sqlalchemy

String = sqlalchemy.String().with_variant(sqlalchemy.String(collation="C"), "postgresql")
Text = sqlalchemy.Text().with_variant(sqlalchemy.Text(collation="C"), "postgresql")
