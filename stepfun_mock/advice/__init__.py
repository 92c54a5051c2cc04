"""Advice: what a client did that works against the mock, or is refused, and hurts in life.

`Advisor` watches exchanges, `ADVICE` lists the habits that it knows.
"""

from stepfun_mock.advice.advisor import Advisor
from stepfun_mock.advice.habits import ADVICE, Advice, Habit
from stepfun_mock.advice.senders import this_task

__all__ = ["ADVICE", "Advice", "Advisor", "Habit", "this_task"]
