"""A share, and workspaces on it, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from support import share as shares
from support.share import Share
from support.workspace import build


@pytest.fixture(scope="session")
def share() -> Iterator[Share]:
    if reason := shares.missing():
        pytest.skip(reason)
    with shares.share() as started:
        yield started


@pytest.fixture
def both(share: Share, request: pytest.FixtureRequest) -> Share:
    """A folder of the test's own on the share, seen from both sides."""
    return share.folder(f"工作区-{request.node.name}")


@pytest.fixture
def clean(both: Share) -> Share:
    """A clean workspace on the share."""
    build(both.mounted)
    return both
