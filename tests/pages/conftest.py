"""Errors of a page in full: outside the tests the app hides them from visitors."""

from collections.abc import Iterator

import pytest
from streamlit import config

pytest.register_assert_rewrite("runs_page")


@pytest.fixture(autouse=True)
def _errors_in_full() -> Iterator[None]:
    config.set_option("client.showErrorDetails", "full")
    yield
    config.set_option("client.showErrorDetails", "none")
