"""One whole hotline for the tests on the real exchange; a test that harms it starts its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.instance import Instance
from lab.phone import Phone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/pbx/" in str(item.path):
            item.add_marker(pytest.mark.pbx)


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    given = {"queue_ring_s": "4", "wrapup_s": "1"}
    with Instance(tmp_path_factory.mktemp("hotline") / "var", given) as instance:
        yield instance


@pytest.fixture
def own_hotline(tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """Starts a hotline that the test may harm, with settings of its own."""
    started: list[Instance] = []

    def start(**given: str) -> Instance:
        instance = Instance(tmp_path / f"var{len(started)}", {"queue_ring_s": "4", "wrapup_s": "1"} | given)
        started.append(instance)
        instance.start()
        return instance

    yield start
    for instance in started:
        instance.stop()


@pytest.fixture
def citizen(hotline: Instance) -> Iterator[Phone]:
    with hotline.citizen() as phone:
        yield phone


@pytest.fixture
def op1(hotline: Instance) -> Iterator[Phone]:
    with hotline.desk_phone("op1") as phone:
        yield phone
        hotline.set_state("op1", "offline")
