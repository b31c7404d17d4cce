"""Where tasks run: a name gives a map. Results come back in the order of the tasks."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

type Map[Task, Outcome] = Callable[[Callable[[Task], Outcome], Iterable[Task]], Iterator[Outcome]]


def in_threads[Task, Outcome](
    count: int, function: Callable[[Task], Outcome], tasks: Iterable[Task]
) -> Iterator[Outcome]:
    """Map over tasks with some threads; few outcomes wait at a time, so their memory stays bounded."""
    if count == 1:
        yield from map(function, tasks)
        return
    with ThreadPoolExecutor(count) as pool:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(function, task))
                if len(waiting) > 2 * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
