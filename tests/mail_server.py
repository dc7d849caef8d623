"""A real mail server for tests, on this machine, which can fail in several ways."""

import asyncio
from contextlib import contextmanager

from aiosmtpd.controller import Controller

TAKES, REFUSES, BREAKS_OFF, HANGS = "takes", "refuses", "breaks off", "hangs"


class Handler:
    """What the server answers, and the mails that it has got."""

    def __init__(self, way, stage):
        self.way, self.stage = way, stage
        self.messages = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the name of aiosmtpd
        if self.way == REFUSES and self.stage == "RCPT":
            return "450 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name of aiosmtpd
        if self.way == REFUSES:
            return "451 Try again later"
        self.messages.append(envelope)
        if self.way == BREAKS_OFF:
            server.transport.abort()
        if self.way == HANGS:
            await asyncio.sleep(30)  # until the client gives up
        return "250 OK"


class AnyPort(Controller):
    """A server on a port that the system chooses."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_server(settings, way=TAKES, stage="DATA"):
    """Run a server, and let mails go there; return its handler."""
    handler = Handler(way, stage)
    controller = AnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_TIMEOUT = 1 if way == HANGS else 10
    try:
        yield handler
    finally:
        controller.stop()
