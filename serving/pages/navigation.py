"""The pages that the header leads to, and the scope that a key needs to see each."""

from fenzhen.store import KeyRecord

PAGES: tuple[tuple[str, str], ...] = (("triage", "triage"), ("churn", "churn"), ("devices", "devices"))
"""Path below /app, which is also the name of its word, and scope."""

HOMES = {"feedback": "triage", "sign-out": "sign-in", "account": "churn", "accounts-file": "churn", "outcome": "churn",
         "device": "devices", "alerts-file": "devices", "alert": "devices"}
"""What is no page of the header's own, and the page that each belongs to."""


def page_of(path: str) -> str:
    """Return the page that a path belongs to.

    >>> page_of("/app/feedback"), page_of("/app/triage"), page_of("/app/nothing")
    ('triage', 'triage', 'sign-in')
    """
    name = path.rpartition("/")[2]
    return HOMES.get(name, name if name in dict(PAGES) else "sign-in")


def pages_of(key: KeyRecord | None) -> list[str]:
    """Return the pages that a key may see, none where nobody is signed in."""
    return [] if key is None else [path for path, scope in PAGES if key.has(scope)]


def known_page(path: str, key: KeyRecord | None = None) -> str:
    """Return the page to go on to after signing in; never an address from outside.

    A page that was asked for and that the key may not see is gone to all the same: it says which scope is lacking. The
    first page is where everybody begins who asked for none, so a key without its scope goes to the first of its own.

    >>> known_page("churn"), known_page("//elsewhere.example/")
    ('churn', 'triage')
    """
    every = [each for each, _ in PAGES]
    allowed = pages_of(key) or every
    return path if path in allowed or path in every[1:] else allowed[0]
