"""The pictures of a run, and what they would have cost."""

from conftest import MINIMAL, asked
from stepfun_mock import StepfunMock, faults
from stepfun_mock.tally import Tally


def test_pictures_that_were_drawn_cost_what_the_contract_says(mock: StepfunMock) -> None:
    tally = Tally(tests=1)
    mock.watch(tally.count)
    mock.script(faults.overloaded(), faults.content_filtered(with_picture=True))
    for _ in range(4):
        asked(mock, MINIMAL)
    asked(mock, {})
    assert (tally.asked, tally.drawn) == (4, 2)
    assert str(tally) == (
        "4 pictures asked for in 1 test, 2 drawn; live they would have cost 0.006 USD or 0.040 CNY"
    )


def test_what_was_not_drawn_costs_nothing() -> None:
    assert str(Tally(tests=2, asked=1)) == "1 picture asked for in 2 tests, 0 drawn"


def test_tallies_of_several_processes_add_up() -> None:
    total = Tally()
    total.add(Tally(1, 2, 1, {"USD": 0.003, "CNY": 0.02}))
    total.add(Tally(2, 3, 2, {"USD": 0.006, "CNY": 0.04}))
    assert (total.tests, total.asked, total.drawn) == (3, 5, 3)
    assert str(total).endswith("cost 0.009 USD or 0.060 CNY")
