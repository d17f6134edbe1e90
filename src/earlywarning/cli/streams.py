"""What becomes of what is printed, where it cannot be printed?

A letter that the encoding lacks becomes `?`. A pipe that nobody reads any more ends the command
quietly, as it ends others; a full disk is told in words, once. What stderr cannot take is lost:
the exit status still tells.
"""

import io
import os
import signal
import sys
from typing import Any

from earlywarning.errors import UsageError

STDOUT = 1  # the number by which the system knows it


class Printed(io.BufferedWriter):
    """What stands below a standard stream, whoever writes to it."""

    def write(self, content: Any) -> int:
        """Write at once; of stdout, say where that fails."""
        try:
            super().write(content)
            self.flush()
        except OSError as error:
            self._give_up(error)
        return len(content)

    def _give_up(self, error: OSError) -> None:
        """Lose what is left, so that nothing tries it again."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if self.fileno() == STDOUT:
            raise UsageError(
                f"What is printed cannot be written: {error.strerror}. Files that were written "
                "are whole; make room, or print to another place."
            ) from error


def settle_streams() -> None:
    """Have stdout and stderr take every letter, and fail as said above; a closed one is left so."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            raw: Any = getattr(stream.buffer, "raw", stream.buffer)
            lines = stream.line_buffering or stream.write_through
            text = io.TextIOWrapper(Printed(raw), stream.encoding, "replace", line_buffering=lines)
            setattr(sys, name, text)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends it quietly
