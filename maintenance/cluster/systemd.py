"""What the leader tells systemd: that it is ready, alive, or stopping. Without systemd it says nothing."""

import os

from sdnotify import SystemdNotifier


class Notifier:
    """Sends the states of the leader to the service manager."""

    def __init__(self) -> None:
        # The library leaves a socket open where there is no address.
        self._library = SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None
        if self._library and self._library.socket:
            self._library.socket.setblocking(False)  # a manager that does not listen must not hold the leader up

    def notify(self, state: str) -> None:
        if self._library:
            self._library.notify(state)
