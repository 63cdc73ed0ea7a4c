"""What takes minutes to come about is made once."""

import pytest

from tests.system.demo import Kept, play


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The demo has played the stories, was stopped, and keeps its chain."""
    return play(tmp_path_factory.mktemp("demo"))
