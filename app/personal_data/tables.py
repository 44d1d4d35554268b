"""What every table holds of whom, why, how long, and what an erasure does to it: the one declaration."""

from __future__ import annotations

from app.extensions import Base
from app.personal_data.holdings import Holding
from app.personal_data.of_access import OF_ACCESS
from app.personal_data.of_journal import OF_JOURNAL
from app.personal_data.of_people import OF_PEOPLE
from app.personal_data.of_talk import OF_TALK

HOLDINGS: dict[type[Base], Holding] = {**OF_PEOPLE, **OF_JOURNAL, **OF_TALK, **OF_ACCESS}

_undeclared = {mapper.class_ for mapper in Base.registry.mappers} - HOLDINGS.keys()
if _undeclared:
    raise RuntimeError(f"tables without a purpose: {sorted(model.__name__ for model in _undeclared)}")
