"""The tests are sharp: each package that was broken on purpose fails one of the tables its room is tested by."""

import pytest
from tests.mutation.planting import Mutant, planted
from tests.mutation.rooms import ROOMS, Room
from tests.mutation.tables import first_failure

ALL = [pytest.param(room, mutant, id=f"{room.name}: {mutant.name}") for room in ROOMS for mutant in room.mutants]


def noticed(room: Room, mutant: Mutant) -> str | None:
    with planted(room.package, mutant, room.asking):
        return first_failure(room.tables)


@pytest.mark.parametrize(("room", "mutant"), ALL)
def test_a_broken_package_is_noticed(room: Room, mutant: Mutant) -> None:
    assert noticed(room, mutant) is not None


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_an_unbroken_copy_is_not(room: Room) -> None:
    assert noticed(room, Mutant("as it is", ())) is None


def test_mutants_have_names_of_their_own() -> None:
    for room in ROOMS:
        names = [mutant.name for mutant in room.mutants]
        assert len(names) == len(set(names))
