"""The driver: does what the schedule says to a line that runs, and sees to it that who died is replaced.

It is the supervisor, too, as Docker or systemd would be: a process that ended is started again at once. One
that ended although nobody killed it is noted, with its last words.
"""

import signal
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from infra.kafka.routes import input_of
from infra.kafka.watchdog import HUNG
from schemas.vocabulary import WorkerName
from tests.chaos.numbers import lacking
from tests.chaos.schedule import Fault, Kind
from tests.chaos.standing import standing
from tests.infra.kafka.lines import NAMES, Line, Process
from tests.servers.kafka import JavaBroker
from tests.servers.postgresql import Server
from tests.waiting import TookTooLong, wait_for

LOOK_SECONDS = 0.1
LAST_WORDS = 600
"""Characters of what a process wrote that are kept when it ends by itself."""


@dataclass
class Driver:
    """Who does all of it.

    Attributes:
        line: The line, whose processes are the driver's.
        broker: What its log is on.
        server: What its store is on.
        injected: How often each kind of fault was injected.
        hung: Last words of processes that the watchdog ended; on a machine with too much to do, that happens.
        ended_alone: Last words of others that ended although nobody had them end.
    """

    line: Line
    broker: JavaBroker
    server: Server
    injected: Counter[Kind] = field(default_factory=Counter)
    hung: list[str] = field(default_factory=list)
    ended_alone: list[str] = field(default_factory=list)
    _frozen: list[tuple[float, Process]] = field(default_factory=list)
    _doomed: set[int] = field(default_factory=set)
    _away: list[Future[None]] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def run(self, faults: list[Fault], seconds: float) -> None:
        """Inject faults, each at its time, for so long; afterwards everything runs again."""
        begun, left = time.monotonic(), list(faults)
        while (elapsed := time.monotonic() - begun) < seconds:
            while left and left[0].at_seconds <= elapsed:
                self._inject(left.pop(0))
            self._look_after()
            threading.Event().wait(LOOK_SECONDS)
        self._heal()

    def drain(self, seconds: float) -> None:
        """Have everything decided and published that was said, and stop every process.

        Raises:
            TookTooLong: Somebody got nowhere for so long; the message says where each of them stands.
        """
        try:
            for name in NAMES:
                self._see_to_the_end(name, seconds)
            self.line.finish(seconds=seconds)
            wait_for("every number to be published", lambda: not lacking(self.line), seconds)
        except TookTooLong as error:
            raise TookTooLong("\n".join([f"{error}; in vain", *standing(self.line)])) from error
        self.line.stop()

    def _see_to_the_end(self, worker: str, seconds: float) -> None:
        """Return when a worker has come to the end; how fast it goes is for the report to say."""
        ends = self.line.ends(input_of(WorkerName(worker)).name)
        while not self.line.reached(worker, ends):
            gets_on = partial(self._gets_on, worker, ends, self.line.stands(worker))
            wait_for(f"{worker} to get on", gets_on, seconds)

    def _gets_on(self, worker: str, ends: dict[int, int], stood: dict[int, int]) -> bool:
        self._look_after()
        return self.line.stands(worker) != stood or self.line.reached(worker, ends)

    def _look_after(self) -> None:
        """Let those go on who were frozen for long enough, and replace who ended."""
        now = time.monotonic()
        for due_at, process in self._frozen:
            if due_at <= now:
                process.popen.send_signal(signal.SIGCONT)
        self._frozen = [(due_at, process) for due_at, process in self._frozen if due_at > now]
        for process in [one for one in self.line.processes if one.popen.poll() is not None]:
            self.line.processes.remove(process)
            if process.popen.pid not in self._doomed:
                self._note(process)
                self.line.start(process.name)

    def _inject(self, fault: Fault) -> None:
        self.injected[fault.kind] += 1
        match fault.kind:
            case Kind.KILL:
                process = self._one(fault)
                self._doomed.add(process.popen.pid)
                process.popen.send_signal(signal.SIGKILL)
                self.line.start(fault.worker)
            case Kind.FREEZE:
                process = self._one(fault)
                process.popen.send_signal(signal.SIGSTOP)
                self._frozen.append((time.monotonic() + fault.lasts_seconds, process))
                self._expect_company(process)
            case Kind.ADD:
                self.line.start(fault.worker)
            case Kind.REMOVE:
                process = self._one(fault)
                self._doomed.add(process.popen.pid)
                process.popen.send_signal(signal.SIGTERM)
                self._expect_company(process)
            case Kind.STORE_AWAY:
                self._away.append(self._pool.submit(self._take_store_away, fault.lasts_seconds))
            case Kind.BROKER_CRASH | Kind.BROKER_RESTART:
                hard = fault.kind is Kind.BROKER_CRASH
                self._away.append(self._pool.submit(self._restart_broker, hard=hard))

    def _one(self, fault: Fault) -> Process:
        """Return whom a fault befalls: of a worker's processes, one that is not ending already."""
        running = self._running(fault.worker)
        return running[fault.which % len(running)]

    def _running(self, worker: str) -> list[Process]:
        return [one for one in self.line.of(worker) if one.popen.pid not in self._doomed]

    def _expect_company(self, process: Process) -> None:
        """See to it that somebody is there to take over from a process."""
        if all(one is process for one in self._running(process.name)):
            self.line.start(process.name)

    def _take_store_away(self, seconds: float) -> None:
        self.server.halt()
        threading.Event().wait(seconds)
        self.server.start()

    def _restart_broker(self, *, hard: bool) -> None:
        self.broker.stop(hard=hard)
        self.broker.start()

    def _heal(self) -> None:
        for one in self._away:
            one.result()
        self._pool.shutdown()
        for _, process in self._frozen:
            process.popen.send_signal(signal.SIGCONT)
        self._frozen.clear()
        self._look_after()

    def _note(self, process: Process) -> None:
        found = self.hung if process.popen.returncode == HUNG else self.ended_alone
        words = process.said()[-LAST_WORDS:]
        found.append(f"{process.name} ended with {process.popen.returncode}: {words}")
