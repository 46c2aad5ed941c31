"""Other commands that run while the demo does something else: two cores are there to be used."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread

from serving.demo.children import end


@contextmanager
def meanwhile(commands: Sequence[Sequence[str]], environ: dict[str, str], log: Path) -> Iterator[None]:
    """Run ``commands`` one after the other while the body lasts, then wait for the rest; they write into ``log``.

    A command that fails does not stop the next ones. What ends the body with an exception ends them too.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        line = _Line(commands, environ, output.fileno())
        line.start()
        try:
            yield
            line.join()
        except BaseException:
            line.stop()
            raise


class _Line(Thread):
    """Commands in a line, each a process group of its own."""

    def __init__(self, commands: Sequence[Sequence[str]], environ: dict[str, str], output: int) -> None:
        super().__init__(daemon=True)
        self._commands, self._environ, self._output = commands, environ, output
        self._lock, self._stopped = Lock(), False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        for command in self._commands:
            with self._lock:
                if self._stopped:
                    return
                self._process = subprocess.Popen(
                    command, env=self._environ, stdin=subprocess.DEVNULL, stdout=self._output,
                    stderr=subprocess.STDOUT, start_new_session=True)
            self._process.wait()

    def stop(self) -> None:
        """End what runs, and start nothing more."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                end(self._process)
        self.join()
