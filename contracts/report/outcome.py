"""How a run came out: in a sentence, and in figures."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata

from stepfun_mock.terms import Price

from ..run import Run
from ..verdict import Verdict
from ..weather import weather
from .entries import entries, tally
from .excerpt import cleaner, shortened

EXITS = {
    0: "the contract is kept, as far as it was looked at",
    1: "something that the documentation promises is broken",
    3: "it cannot be told whether the contract is kept",
}
"""What an exit code means."""

_LONGEST_MISHAP = 300


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run took.

    Args:
        requests: Requests that were sent.
        pictures: Pictures that were asked for, and not refused.
        retries: Second tries.
        inconclusive: Exchanges that say nothing of the contract.
        seconds: How long it took, by the clock of the run.
        price: What a picture costs at the target, where the contract knows.
        free: Whether the target is on this machine, where nothing costs.
        in_process: Whether the clock is the mock's, which the run moves.
    """

    requests: int
    pictures: int
    retries: int
    inconclusive: int
    seconds: float
    price: Price | None
    free: bool
    in_process: bool

    @property
    def amount(self) -> float | None:
        """The estimated cost, in the currency of the price."""
        return round(self.price.amount * self.pictures, 6) if self.price else None

    @property
    def cost(self) -> str:
        """The estimated cost in words."""
        if self.price is not None:
            return f"about {self.amount:.10g} {self.price.currency}"
        return "no cost" if self.free else "cost not known"

    @property
    def time(self) -> str:
        """How long it took, in words."""
        return duration(self.seconds) + (" by the mock's clock" if self.in_process else "")


def figures(run: Run) -> Figures:
    """The figures of a run as of now."""
    target, lab = run.order.target, run.lab
    exchanges = tuple(lab.exchanges)
    return Figures(
        requests=len(exchanges),
        pictures=lab.dispatch.budget.images,
        retries=lab.dispatch.retries,
        inconclusive=sum(weather(exchange) is not None for exchange in exchanges),
        seconds=max(lab.dispatch.times.now() - run.started, 0.0),
        price=target.price,
        free=target.loopback,
        in_process=target.in_process,
    )


def headline(run: Run, *, complete: bool) -> str:
    """The verdict on the target, in one sentence."""
    if run.reason is not None:
        reason = cleaner(run.order.key)(run.reason).rstrip(".")
        return f"Nothing could be looked at: {reason}{'' if reason.endswith('?') else '.'}"
    counts = tally(entries(run))
    broken, holds = counts[Verdict.BROKEN], counts[Verdict.HOLDS]
    if broken:
        seen = f"{broken} of the {broken + holds + counts[Verdict.DIFFERS]} rules that were seen"
        return f"The contract is broken: {seen} {'is' if broken == 1 else 'are'} not kept."
    if not complete and not run.mishaps:
        return f"The run has not ended: so far {of_rules(holds, 'holds', 'hold')}, none is broken."
    if problem := _problem(run):
        return f"It cannot be told whether the contract is kept: {problem}."
    return _kept(holds, counts[Verdict.DIFFERS])


def _problem(run: Run) -> str:
    """Why nobody can say that the contract is kept; empty where somebody can."""
    if told := mishaps(run):
        return told[0].rstrip(".") + (f" (and {len(told) - 1} more)" if len(told) > 1 else "")
    if untold := len(run.untold()):
        return f"{of_rules(untold, 'of the page was', 'of the page were')} not seen"
    only = run.order.only
    if only and not any(run.verdicts()[rule].conclusive for rule in only if rule in run.planned):
        return f"{', '.join(sorted(only))} was not seen"
    return ""


def _kept(holds: int, differs: int) -> str:
    if not holds + differs:
        return "No rule was looked at."
    also = f", {of_rules(differs, 'differs', 'differ')} where nobody promised" if differs else ""
    return f"The contract is kept: {of_rules(holds, 'holds', 'hold')}{also}."


def target(run: Run) -> tuple[str, str]:
    """What was checked: as the user gave it, and its base URL."""
    clean = cleaner(run.order.key)
    return clean(run.order.target.name), clean(run.order.target.base_url)


def mishaps(run: Run) -> list[str]:
    """What went wrong with the run itself."""
    clean = cleaner(run.order.key)
    return [shortened(clean(mishap), _LONGEST_MISHAP) for mishap in tuple(run.mishaps)]


def exit_code(run: Run, *, complete: bool) -> int:
    """The exit code as things stand; a run that was not done is never a success."""
    return run.exit_code() or (0 if complete else 3)


def of_rules(count: int, one: str, many: str) -> str:
    """A count of rules with its verb."""
    return f"1 rule {one}" if count == 1 else f"{count} rules {many}"


def counted(count: int, thing: str) -> str:
    """A count of things: "1 request", "2 requests"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def version() -> str:
    """The version of this tool."""
    return metadata.version("stepfun-mock")
