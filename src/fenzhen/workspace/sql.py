"""Rows of a query over a database whose URL is in an environment variable; the URL never shows."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.workspace.typed import typed

__all__ = ["read_query"]


def read_query(url_env: str, query: str, environ: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return the rows of ``query`` with whole numbers, times and texts as the database has them.

    Raises ``TableError`` if the variable is unset, the database cannot be reached or refuses the query; the message
    never holds the URL's password.
    """
    import sqlalchemy
    import sqlalchemy.exc

    url = _url(url_env, (os.environ if environ is None else environ).get(url_env, ""))
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        with engine.connect().execution_options(no_parameters=True) as connection:
            result = connection.exec_driver_sql(query)
            if not result.returns_rows:
                raise TableError(f"the query over ${url_env} returns no rows, expected a select")
            names, rows = list(result.keys()), result.fetchall()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise TableError(f"the query over ${url_env} failed: {_without_secrets(error, url)}") from None
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise TableError(f"the query over ${url_env} returns {', '.join(repeated)} more than once; name them apart")
    return _frame(rows, names)


def _frame(rows: Any, names: list[str]) -> pd.DataFrame:
    """Return the rows without turning whole numbers beside NULL into floats."""
    return typed(pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object))


def _url(url_env: str, text: str) -> Any:
    import sqlalchemy
    import sqlalchemy.exc

    if not text.strip():
        raise TableError(f"the environment variable {url_env} is not set, expected a database URL such as "
                         "postgresql://user:password@host/name")
    try:
        url = sqlalchemy.make_url(text.strip())
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise TableError(f"the environment variable {url_env} does not hold a database URL such as "
                         "postgresql://user:password@host/name") from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"} and not url.query \
            and not Path(str(url.database)).is_file():
        raise TableError(f"the SQLite file {url.database} that ${url_env} names does not exist")
    return url


def _without_secrets(error: Exception, url: Any) -> str:
    message = str(getattr(error, "orig", None) or error).strip()
    message = message.replace(url.render_as_string(hide_password=False), "***")
    password = url.password or ""
    for secret in {str(password), quote(str(password)), quote_plus(str(password))} - {""}:
        message = message.replace(secret, "***")
    return " ".join(message.split())[:400]
