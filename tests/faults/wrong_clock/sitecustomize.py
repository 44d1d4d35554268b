"""A clock that is wrong by as many seconds as stand in the file WRONG_CLOCK, for the processes of a test.

With this folder on PYTHONPATH Python imports it before anything else. What measures durations stays right.
"""

import datetime
import os
import time

_right, _file = time.time, os.environ["WRONG_CLOCK"]
_real = datetime.datetime


def _wrong() -> float:
    with open(_file) as file:
        return _right() + float(file.read() or 0)


class _Kind(type(_real)):
    """A moment that a database driver has made is a moment too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _real)


class _Moment(_real, metaclass=_Kind):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return cls.fromtimestamp(_wrong(), tz)

    @classmethod
    def utcnow(cls) -> datetime.datetime:
        return cls.now(datetime.UTC).replace(tzinfo=None)


class _Day(datetime.date):
    @classmethod
    def today(cls) -> datetime.date:
        return _Moment.now().date()


time.time = _wrong
datetime.datetime = _Moment  # type: ignore[misc]
