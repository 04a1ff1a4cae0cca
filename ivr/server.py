"""A FastAGI listener: one thread a session, a ceiling on sessions, and no session that can harm another."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from ivr.agi import Agi, CallerHungUp, Nonsense

log = logging.getLogger(__name__)

Handler = Callable[[Agi], None]


class FastAgiServer(ThreadingMixIn, TCPServer):
    """Hands each session to the handler named by the request's path, e.g. `agi://host:port/menu` → "menu".

    Over `max_sessions` a connection is closed at once: the dialplan then looks after the caller by itself.
    """

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handlers: Mapping[str, Handler], *, max_sessions: int) -> None:
        super().__init__(address, None)  # type: ignore[arg-type]  # finish_request is overridden
        self._handlers = handlers
        self._slots = threading.BoundedSemaphore(max_sessions)
        self._idle = threading.Condition()
        self.sessions = 0
        self.refused = 0
        self.failed = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._slots.acquire(blocking=False):
            self.refused += 1
            log.error("over the ceiling of sessions: the exchange must look after this caller by itself")
            self.shutdown_request(request)
            return
        with self._idle:
            self.sessions += 1
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._leave()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._leave()

    def _leave(self) -> None:
        self._slots.release()
        with self._idle:
            self.sessions -= 1
            self._idle.notify_all()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        linkedid = "?"
        try:
            agi = Agi(request)
            linkedid = agi.env.get("agi_arg_1") or agi.env.get("agi_uniqueid", "?")
            path = agi.env.get("agi_network_script", "")
            handler = self._handlers.get(path)
            if handler is None:
                log.error("call %s: nothing answers to %r", linkedid, path)
                return
            handler(agi)
        except CallerHungUp:
            log.debug("call %s: gone", linkedid)
        except (Nonsense, TimeoutError) as error:
            self.failed += 1
            log.error("call %s from %s: %s", linkedid, client_address, error)
        except Exception:
            self.failed += 1
            log.exception("call %s: the menu failed; the exchange goes on by itself", linkedid)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("a session from %s could not be ended properly", client_address)

    def drain(self, timeout_s: float) -> bool:
        """Stop taking sessions and wait for those that run; False if some still do."""
        self.shutdown()
        self.server_close()
        with self._idle:
            return self._idle.wait_for(lambda: self.sessions == 0, timeout_s)
