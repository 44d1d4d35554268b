"""What happens to the hosts, one after the other, and the table of what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import quantiles

from deploy.rehearsal.stage import Found, Stage


@dataclass(frozen=True)
class Line:
    """An event: for how many ``seconds`` people worked through it, with how many requests, the failed ones among
    them, and the longest, in seconds."""

    event: str
    seconds: float
    requests: int
    failed: list[str]
    longest: float
    p99: float


class Play:
    """Events on a stage; after each people work on for ``pause`` seconds before the line is drawn."""

    def __init__(self, stage: Stage, pause: float) -> None:
        self.stage, self.pause = stage, pause
        self.lines: list[Line] = []

    def happens(self, event: str, act: Callable[[], None]) -> None:
        """Let something happen, and note what people saw of it."""
        begun = time.monotonic()
        before = len(self.stage.log)
        act()
        time.sleep(self.pause)
        new = self.stage.log[before:]
        took = sorted(asked.seconds for asked in new) or [0.0]
        p99 = quantiles(took, n=100)[98] if len(took) > 1 else took[0]
        faults = [asked.fault for asked in new if asked.fault]
        line = Line(event, time.monotonic() - begun, len(new), faults, took[-1], p99)
        self.lines.append(line)
        print(f"{line.seconds:5.0f} s, {line.requests} requests, {len(faults)} failed: {event}", flush=True)

    def leaves(self, number: int) -> Callable[[], None]:
        """A web server and a worker end by SIGTERM, nobody told, and start again with the release of now."""

        def leave() -> None:
            self.stage.web[number].stop()
            self.stage.workers[number].stop()
            self._comes_back(number)

        return leave

    def dies(self, number: int) -> Callable[[], None]:
        """The same by kill -9."""

        def die() -> None:
            self.stage.web[number].kill()
            self.stage.workers[number].kill()
            self._comes_back(number)

        return die

    def _comes_back(self, number: int) -> None:
        time.sleep(self.pause)
        self.stage.web[number].start(self.stage.code)
        self.stage.workers[number].start(self.stage.code)
        self.stage.web[number].wait(self.stage.release)

    def upgrades(self, number: int) -> Callable[[], None]:
        """What deploy/roll.sh does with a host: nobody is sent there, it is restarted with the release of now."""

        def upgrade() -> None:
            self.stage.nginx.leave_out(self.stage.web[number])
            self.stage.web[number].stop()
            self.stage.workers[number].stop()
            self._comes_back(number)
            self.stage.nginx.take_in(self.stage.web[number])

        return upgrade


def short(play: Play) -> None:
    """Each of them once: new tables, a death, an upgrade, a departure."""
    play.happens("the tables are migrated", play.stage.upgrade)
    play.happens("host 1 dies (kill -9), comes back with the new release", play.dies(0))
    play.happens("host 2 gets the new release", play.upgrades(1))
    play.happens("host 1 is stopped (SIGTERM) for good", play.stage.web[0].stop)


def full(play: Play, times: int) -> None:
    """Stops and deaths of each host ``times`` over, then an upgrade host by host."""
    play.happens("nothing", lambda: time.sleep(10))
    for _ in range(times):
        for number in (0, 1):
            play.happens(f"host {number + 1} is stopped (SIGTERM), comes back", play.leaves(number))
            play.happens(f"host {number + 1} dies (kill -9), comes back", play.dies(number))
    play.happens("the tables are migrated, the old release works on", play.stage.upgrade)
    for number in (0, 1):
        play.happens(f"host {number + 1} gets the new release", play.upgrades(number))


def table(lines: list[Line], found: Found, failovers: int, lease: float) -> str:
    """The page's part: events that happened several times are one line."""
    rows = ["| event | times | seconds | requests | failed | p99, s | longest, s |", "|---" * 7 + "|"]
    for event in dict.fromkeys(line.event for line in lines):
        same = [line for line in lines if line.event == event]
        failed = sum(len(line.failed) for line in same)
        rows.append(
            f"| {event} | {len(same)} | {sum(line.seconds for line in same):.0f} | "
            f"{sum(line.requests for line in same):,} | {failed} | {max(line.p99 for line in same):.2f} | "
            f"{max(line.longest for line in same):.2f} |"
        )
    faults = [fault for line in lines for fault in line.failed]
    rows += [
        "", "| what | sent and answered | lost | doubled |", "|---|---|---|---|",
        f"| edits of marks | {found.edits:,} | {found.lost_edits} | {found.doubled_edits} |",
        f"| messages to teachers | {found.messages:,} | {found.lost_messages} | {found.doubled_messages} |",
        f"| mails with access | {found.mails:,} | {found.lost_mails} | {found.doubled_mails} |",
        "", f"Requests that nginx gave to the other host because the first did not answer: {failovers}. Mails that "
        f"came once more under the same Message-ID, after the death of a worker that had handed them over: "
        f"{found.repeated_mails}. A message in the hand of a worker that dies goes after {lease:.0f} s.",
    ]  # fmt: skip
    if faults:
        rows += ["", "Failed: " + "; ".join(f"{fault} ({faults.count(fault)})" for fault in dict.fromkeys(faults))]
    return "\n".join(rows)


def as_data(lines: list[Line], found: Found) -> dict[str, object]:
    """The same for programs."""
    return {"events": [asdict(line) for line in lines], "found": asdict(found)}
