"""Several sandboxes at work, in the strongest tier that works here."""

import itertools
import os
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace

from autograder.sandbox import Limits, Sandbox, SandboxError
from autograder.sandbox.canary import Prover
from autograder.sandbox.tiers import INSTALL, UNCONFINED

LADDER = ("bubblewrap", "landlock")  # in this order, when nobody names a tier
QUEUED = 4  # jobs handed out ahead per sandbox: enough to keep it busy, little to hold in memory


class Pool:
    """Runs jobs of one lecture in parallel; a context manager.

    prelude: the lecture's own cells. tier: one of `tiers.NAMES`, or None for the strongest that
    works. size: how many sandboxes, by default one per processor. Raises SandboxError with the
    remedy when no sandbox holds; UNCONFINED is not proved, because it promises nothing.
    """

    def __init__(self, prelude, tier=None, size=None, limits=None):
        self.limits = limits or Limits()
        self._prelude, self._size = tuple(prelude), size or os.cpu_count() or 1
        self._local, self._open, self._lock = threading.local(), [], threading.Lock()
        self._executor = ThreadPoolExecutor(self._size)
        try:
            self.tier = self._climb((tier,) if tier else LADDER)
        except BaseException:
            self.close()
            raise

    def __enter__(self):  # noqa: D105
        return self

    def __exit__(self, *_):  # noqa: D105
        self.close()

    def _climb(self, ladder):
        """Return the first tier that holds, its sandboxes warm."""
        reasons = []
        for name in ladder:
            prover = Prover(self._canary_sandbox, name) if name != UNCONFINED else None
            try:
                self._warm_up(name)
                if prover:
                    prover.check()
                return name
            except SandboxError as error:
                reasons.append(f"{name}: {error}")
                self._close_sandboxes()
                if prover:
                    prover.join()
        refusal = "No sandbox holds on this machine, so nothing was run.\n"
        raise SandboxError(
            refusal + "\n".join(f"  {reason}" for reason in reasons) + f"\n{INSTALL}"
        )

    def _canary_sandbox(self, name, limits):
        return Sandbox(name, limits=replace(self.limits, **limits))

    def _warm_up(self, name):
        everyone = threading.Barrier(self._size)  # so that each thread makes one

        def make(_):
            everyone.wait()
            self._local.sandbox = Sandbox(name, self._prelude, self.limits)
            with self._lock:
                self._open.append(self._local.sandbox)

        list(self._executor.map(make, range(self._size)))

    def run(self, jobs):
        """Yield (key, JobResult) of an iterable of (key, job), in the order they finish."""
        jobs, running = iter(jobs), {}
        try:
            while True:
                for key, job in itertools.islice(jobs, QUEUED * self._size - len(running)):
                    running[self._executor.submit(self._run_one, job)] = key
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        finally:
            for future in running:
                future.cancel()

    def _run_one(self, job):
        return self._local.sandbox.run(job)

    def close(self):
        """End the sandboxes, and what runs in them."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for sandbox in self._open:
                sandbox.interrupt()
        self._executor.shutdown(wait=True)
        self._close_sandboxes()

    def _close_sandboxes(self):
        with self._lock:
            while self._open:
                self._open.pop().close()
