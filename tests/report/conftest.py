"""Small results folders for the tests of reports."""

from __future__ import annotations

import pytest

from tests.report import worlds


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    return worlds.compared(tmp_path_factory.mktemp("report") / "compared")


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    return worlds.ran(tmp_path_factory.mktemp("report") / "ran")


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    return worlds.matrix(tmp_path_factory.mktemp("report") / "matrix")


@pytest.fixture(scope="session")
def credibility(tmp_path_factory):
    return worlds.credibility(tmp_path_factory.mktemp("report") / "credibility")


@pytest.fixture(scope="session")
def sweep(tmp_path_factory):
    return worlds.sweep(tmp_path_factory.mktemp("report") / "sweep")
