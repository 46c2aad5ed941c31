"""The address of the page that is shown, with some of its parameters changed."""

from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from serving.pages.language import PARAMETER

__all__ = ["query_of"]


def query_of(asked: QueryParams, **changes: str | None) -> str:
    """Return the query of an address with some parameters changed; None takes one away, and empty ones go.

    >>> query_of(QueryParams("region=华东&site=&cursor=2"), cursor="3", format=None)
    'region=%E5%8D%8E%E4%B8%9C&cursor=3'
    """
    kept = [(name, value) for name, value in asked.multi_items() if name not in (*changes, PARAMETER) and value]
    return urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])
