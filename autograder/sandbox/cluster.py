"""The same sandboxes on other machines: a dask.distributed cluster runs the jobs.

A worker needs this course, installed as here, and a sandbox that holds there; it proves that before
its first job. It gets sources and inputs, never anything of what is expected, and returns data. A
job whose worker dies goes to another one; judging and writing stay with the one who grades.
"""

import contextlib
import threading
from dataclasses import asdict

from distributed import Client, KilledWorker, as_completed, get_worker

from autograder.lecture.environment import code_digest
from autograder.sandbox import JobResult, Limits, SandboxError
from autograder.sandbox.pool import QUEUED, Pool

CONNECT_SECONDS = 20
_opening = threading.Lock()


class ClusterPool:
    """Runs jobs of one lecture on the workers of a scheduler; a context manager, like `Pool`.

    address: such as "tcp://10.0.0.5:8786". Raises SandboxError when there is no scheduler, no
    worker, a worker with another version of the course, or one without a sandbox.
    """

    def __init__(self, address, prelude, tier=None, limits=None):
        self._settings = (code_digest(), tuple(prelude), tier, asdict(limits or Limits()))
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SandboxError(f"No dask scheduler answers at {address}: {error}") from None
        try:
            self.tier = self._prove(address)
        except BaseException:
            self._client.close()
            raise

    def __enter__(self):  # noqa: D105
        return self

    def __exit__(self, *_):  # noqa: D105
        self.close()

    def _prove(self, address):
        """Return the tiers of the workers, once each has opened its sandboxes."""
        workers = list(self._client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise SandboxError(f"The scheduler at {address} has no workers: start some.")
        return "+".join(sorted(set(self._on_each(_tier, workers))))

    def _on_each(self, function, workers):
        """Return what a function of the settings returns on each of the workers."""
        futures = [
            self._client.submit(function, self._settings, workers=[worker], pure=False)
            for worker in workers
        ]
        return self._client.gather(futures)

    def run(self, jobs):
        """Yield (key, JobResult) of an iterable of (key, job), in the order they finish."""
        jobs, keys = iter(jobs), {}
        running = as_completed(loop=self._client.loop)
        width = QUEUED * max(1, sum(self._client.nthreads().values()))
        for key, job in jobs:
            future = self._client.submit(_run, self._settings, job, pure=False)
            keys[future.key] = key
            running.add(future)
            if len(keys) >= width:
                yield self._take(next(running), keys)
        while keys:
            yield self._take(next(running), keys)

    def _take(self, future, keys):
        """Return (key, JobResult) of a finished future and forget it."""
        try:
            result = JobResult(**future.result())
        except KilledWorker:  # several workers died of it, one after the other
            result = JobResult({}, {}, "crashed")
        return keys.pop(future.key), result

    def close(self):
        """Close the workers' sandboxes and the connection."""
        with contextlib.suppress(Exception):  # a worker that is gone has nothing to close
            self._on_each(_close, list(self._client.nthreads()))
        self._client.close()


def _tier(settings):
    """On a worker: return the tier of its pool."""
    return _pool(settings).tier


def _pool(settings):
    """Return the pool of this worker, opened when it is asked for the first time."""
    worker = get_worker()
    with _opening:
        if getattr(worker, "embedlab_pool", None) is None or worker.embedlab_settings != settings:
            _close(settings)
            code, prelude, tier, limits = settings
            if code != code_digest():
                raise SandboxError(
                    f"The worker {worker.address} has another version of the course: install the "
                    "same one everywhere."
                )
            worker.embedlab_pool = Pool(prelude, tier, worker.state.nthreads, Limits(**limits))
            worker.embedlab_settings = settings
    return worker.embedlab_pool


def _run(settings, job):
    """On a worker: run one job; return the result as plain data."""
    [(_, result)] = _pool(settings).run([(None, job)])
    return asdict(result)


def _close(_):
    """On a worker: end its sandboxes."""
    worker = get_worker()
    if getattr(worker, "embedlab_pool", None) is not None:
        worker.embedlab_pool.close()
        worker.embedlab_pool = None
