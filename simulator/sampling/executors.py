"""Executors: a name gives a map, which returns outcomes in the order of the tasks."""

import contextlib
import logging
import os
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

from simulator.errors import ClusterError, Location, mismatch

MANY_ROWS = 30_000_000  # which threads draw in some seconds; processes take one to start
MOST_WORKERS = 1024
WAIT_FOR_WORKERS = 30.0  # seconds without any worker after which a run gives up
ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s]{1,200}")


@runtime_checkable
class Map(Protocol):
    """Calls a function on each of some tasks and yields the outcomes in the tasks' order.

    Attributes
    ----------
    largest_task : int
        Rows that are worth one task: few enough to stop soon and to lose little with a worker that dies, many
        enough that what comes back stays small beside the work.
    """

    largest_task: int

    @property
    def workers(self) -> int:
        """How many tasks run at a time."""

    def __call__[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield ``function(task)`` of each task; few outcomes wait at a time, so their memory stays bounded."""


class Threads:
    """A `Map` on threads of this process."""

    largest_task = 1 << 20  # about a tenth of a second

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __call__[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the outcomes in order."""
        if self.workers == 1:
            yield from map(function, tasks)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            yield from outcomes(pool, self.workers, function, tasks)


class Local(Threads):
    """A `Map` on threads of this process; `executor_for` takes processes in its place where many rows are drawn."""


class Processes:
    """A `Map` on processes of this machine, which are started and ended by each call."""

    largest_task = 1 << 22

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __call__[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the outcomes in order; ClusterError if a process is killed."""
        from loky import BrokenProcessPool, ProcessPoolExecutor

        pool = ProcessPoolExecutor(self.workers, initializer=follow_parent)
        try:
            yield from outcomes(pool, self.workers, function, tasks)
        except BrokenProcessPool as error:
            message = "a process that was drawing was ended from outside, perhaps for want of memory"
            raise ClusterError(f"{message}; use fewer processes, or threads") from error
        finally:
            pool.shutdown(kill_workers=True)


def follow_parent() -> None:
    """Leave interrupts, which reach every process of a terminal, to the parent process, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def outcomes[T, R](pool: Executor, workers: int, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Yield the outcomes of tasks in order, of which a few wait at a time."""
    waiting: deque[Future[R]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(function, task))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


class Cluster:
    """A `Map` on the workers of a dask.distributed cluster."""

    def __init__(self, client: Any, where: str, largest_task: int) -> None:
        self._client = client
        self._where = where
        self.largest_task = largest_task

    @property
    def workers(self) -> int:
        """Threads of the workers that are there now."""
        with self._scheduler_needed():
            return max(sum(map(int, self._client.nthreads().values())), 1)

    def __call__[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield the outcomes in order; a task whose worker dies is done again by another.

        What a task raises is raised as it is, and ClusterError if the scheduler goes away, no worker is left for half
        a minute, or one task kills several workers.
        """
        waiting: deque[Any] = deque()
        try:
            for task in tasks:
                with self._scheduler_needed():
                    waiting.append(self._client.submit(function, task, pure=False, retries=3))
                if len(waiting) > 3 * self.workers:
                    yield self._outcome(waiting.popleft())
            while waiting:
                yield self._outcome(waiting.popleft())
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be the one that went away
                self._client.cancel(list(waiting), force=True)

    def _outcome(self, future: Any) -> Any:
        """Wait for an outcome while workers remain."""
        from distributed import KilledWorker

        last_seen = time.monotonic()  # workers
        while True:
            try:
                with self._scheduler_needed():
                    error = future.exception(timeout=1)
                    if error is None:
                        return future.result(timeout=1)
            except TimeoutError:
                if self._client.status != "running":
                    raise ClusterError(f"{self._where}: the scheduler went away") from None
                with self._scheduler_needed():
                    workers = self._client.scheduler_info(n_workers=1)["workers"]
                last_seen = time.monotonic() if workers else last_seen
                if time.monotonic() - last_seen > WAIT_FOR_WORKERS:
                    raise ClusterError(f"{self._where}: no worker for {WAIT_FOR_WORKERS:.0f} s") from None
            else:
                if isinstance(error, KilledWorker):
                    raise ClusterError(f"{self._where}: a task killed the workers that tried it: {error}")
                raise error

    @contextlib.contextmanager
    def _scheduler_needed(self) -> Iterator[None]:
        """Say in one line that the scheduler went away, where that is why a call of the client fails."""
        from distributed import CancelledError

        if self._client.status == "closed":
            raise ClusterError(f"{self._where}: the executor is closed; use it inside its with block")
        try:
            yield
        except TimeoutError:
            raise
        except (OSError, RuntimeError, KeyError, CancelledError) as error:
            raise ClusterError(f"{self._where}: the scheduler went away ({type(error).__name__})") from None


def pickle_by_value(thing: Any, modules: Collection[ModuleType]) -> bytes:
    """Return something pickled, with all that it takes of some modules, which need not be where it is unpickled."""
    import cloudpickle

    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(thing))
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def default_threads() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resolve_executor(executor: Map | None) -> Map:
    """Return what to compute on: this machine's processors, unless it is said; InputError if it is not a `Map`."""
    if executor is None:
        return Local(default_threads())
    if not isinstance(executor, Map):
        advice = 'write: with simulator.executor("dask") as executor: ...'
        raise Location("executor").error(f"{mismatch(executor, 'what simulator.executor gives')}; {advice}")
    return executor


def processes_pay(rows: int, workers: int) -> bool:
    """Tell whether processes draw so many rows sooner than threads, which wait for each other where they are many."""
    return rows >= MANY_ROWS and workers > 2


def executor_for(executor: Map, rows: int) -> Map:
    """Return what to draw so many rows on: processes in place of `Local` where they pay."""
    pays = isinstance(executor, Local) and processes_pay(rows, executor.workers)
    return Processes(executor.workers) if pays else executor


@contextlib.contextmanager
def executor(name: str, workers: int | None = None) -> Iterator[Map]:
    """Give what analyses compute on; no bit of a result depends on it.

    Parameters
    ----------
    name : str
        ``local`` for threads of this process, or processes for 30 million rows or more on three or more processors;
        ``threads`` for threads alone; ``dask`` for a cluster of processes that is started on this machine; or an
        address such as ``tcp://host:8786`` of the scheduler of a dask.distributed cluster.
    workers : int, optional
        Threads, or processes of a cluster that is started; by default as many as there are processors. A cluster
        that is there has its own.

    Yields
    ------
    Map
        It calls a function on each of some tasks. What it started ends with the `with` block.

    Raises
    ------
    InputError
        If the name is none of these, the number is not a whole number from 1 to 1,024, or dask is not installed.
    ClusterError
        If the scheduler cannot be reached.
    """
    if workers is None:
        workers = default_threads()
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise Location("workers").error(mismatch(workers, f"a whole number from 1 to {MOST_WORKERS:,}"))
    if name in ("local", "threads"):
        yield Local(workers) if name == "local" else Threads(workers)
        return
    if name != "dask" and not ADDRESS.fullmatch(name):
        wanted = "local, threads, dask or an address such as tcp://host:8786"
        raise Location("executor").error(mismatch(name, wanted))
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = f"{name} needs dask: pip install 'llm-footprint-simulator[cluster]'"
        raise Location("executor").error(message) from error
    for handler in logging.getLogger("distributed").handlers:
        handler.setLevel(logging.CRITICAL)  # what matters is said in one line of our own
    with contextlib.ExitStack() as stack:
        address, largest_task = name, 1 << 26  # some seconds
        if name == "dask":
            local = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",  # any port; 8787 may be taken by another cluster
                scheduler_kwargs={"dashboard": False},
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
            address, largest_task = stack.enter_context(local).scheduler_address, 1 << 22
            stack.push(lambda kind, *_: kill_workers(local) if kind is not None else None)
        try:
            client = stack.enter_context(Client(address, timeout=10, set_as_default=False))
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no scheduler answers") from error
        yield Cluster(client, address, largest_task)


def kill_workers(local: Any) -> None:
    """End the processes of a cluster of ours at once; they hold nothing that anyone will ask for."""
    for nanny in local.workers.values():
        with contextlib.suppress(OSError, TypeError):
            os.kill(nanny.pid, signal.SIGKILL)
