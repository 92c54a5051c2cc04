"""What a run asked for, and what that would have cost live."""

from dataclasses import dataclass, field

from stepfun_mock import contract
from stepfun_mock.journal import Exchange

_PRICES = {model.id: model.prices for model in contract.MODELS}


@dataclass
class Tally:
    """Tests that asked for pictures, pictures asked for and drawn, and their price by currency.

    Prices are those of the contract, a picture held back by the filter left out, since nobody
    says whether it is billed.
    """

    tests: int = 0
    asked: int = 0
    drawn: int = 0
    costs: dict[str, float] = field(default_factory=dict)

    def count(self, exchange: Exchange) -> None:
        """Count an exchange, if it is about a picture."""
        entry = exchange.entry
        if entry.image_request is None:
            return
        self.asked += 1
        if entry.status == 200 and entry.finish_reason == contract.SUCCESS:
            self.drawn += 1
            for price in _PRICES[entry.image_request.model]:
                self._charge(price.currency, price.amount)

    def add(self, other: "Tally") -> None:
        """Add what others counted."""
        self.tests += other.tests
        self.asked += other.asked
        self.drawn += other.drawn
        for currency, cost in other.costs.items():
            self._charge(currency, cost)

    def _charge(self, currency: str, cost: float) -> None:
        self.costs[currency] = self.costs.get(currency, 0.0) + cost

    def __str__(self) -> str:
        tests = "1 test" if self.tests == 1 else f"{self.tests} tests"
        pictures = "1 picture" if self.asked == 1 else f"{self.asked} pictures"
        told = f"{pictures} asked for in {tests}, {self.drawn} drawn"
        costs = " or ".join(f"{cost:.3f} {currency}" for currency, cost in self.costs.items())
        return f"{told}; live they would have cost {costs}" if costs else told
