"""What a process is made of is no garbage: it is kept out of the way of Python's collector.

A full collection goes through every object there is. Those of the application, half a million, take a third of a
second, in whatever request that falls.
"""

from __future__ import annotations

import gc

OLDEST = 2
WARM = 5
"""As many full collections come until what the first requests make (statements, templates) is there."""


def keep() -> None:
    """Keep what there is now, and what has lived through each of the first full collections."""
    gc.collect()
    gc.freeze()
    left = iter(range(WARM))

    def collected(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == OLDEST and next(left, None) is not None:
            gc.freeze()

    gc.callbacks.append(collected)
