"""After every test that used the database all books must still add up."""

from collections.abc import Iterator

import pytest

from ledger.selectors.proofs import prove


@pytest.fixture(autouse=True)
def proven_books(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask the proofs of the ledger."""
    uses_database = request.node.get_closest_marker("django_db") is not None
    if uses_database:
        transactional = request.node.get_closest_marker("django_db").kwargs.get("transaction", False)
        request.getfixturevalue("transactional_db" if transactional else "db")
    yield
    if uses_database:
        wrong = {book.code: [p.name for p in proofs if not p.ok] for book, proofs in prove().books}
        assert {code: names for code, names in wrong.items() if names} == {}
