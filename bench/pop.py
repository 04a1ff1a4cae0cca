"""From `AgentCalled` at the manager's socket to the caller's number on the desk in Chromium, frame drawn.

The floor is the least page that could show it: one EventSource and one line of text, same browser, same calls.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from bench.hall import hall
from bench.report import Row, percentile
from lab.browser import chromium, sign_in
from lab.instance import Instance, until
from lab.phone import Phone

TARGET_MS = 150
WATCH = """
(() => {
  window.drawn = {};
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => {
    for (const number of waiting.splice(0)) window.drawn[number] ??= performance.timeOrigin + performance.now();
  };
  const look = () => {
    const found = document.querySelector('[data-testid=pop-number]')?.textContent.replace(/\\D/g, '') ?? '';
    const number = found.slice(-6);
    if (!number || number in window.drawn || waiting.includes(number)) return;
    waiting.push(number);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
})()
"""
BARE = """
<!doctype html><title>floor</title><p data-testid=pop-number></p><script>
const at = document.querySelector('p');
const show = pop => { if (pop) at.textContent = pop.number; };
const live = new EventSource('/api/v1/live');
live.addEventListener('state', event => show(JSON.parse(event.data).pop));
live.addEventListener('change', event => {
  const change = JSON.parse(event.data);
  if (change.kind === 'pop') show(change.value);
});
</script>
"""


class Manager:
    """A second connection to the manager that notes when each caller's `AgentCalled` came, in ms since 1970."""

    def __init__(self, hotline: Instance) -> None:
        secret = (hotline.var / "ami-secret").read_text("utf-8").strip()
        self.called: dict[str, float] = {}
        self._socket = socket.create_connection(("127.0.0.1", int(hotline.environment["HOTLINE_AMI_PORT"])), 10)
        login = f"Action: Login\r\nUsername: hotline\r\nSecret: {secret}\r\n\r\n"
        self._socket.sendall(login.encode())
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def _read(self) -> None:
        kept = b""
        while more := self._socket.recv(65536):
            now = time.time() * 1000
            *messages, kept = (kept + more).split(b"\r\n\r\n")
            for message in messages:
                if message.startswith(b"Event: AgentCalled"):
                    lines = dict(line.split(b": ", 1) for line in message.split(b"\r\n") if b": " in line)
                    self.called.setdefault(lines[b"CallerIDNum"].decode()[-6:], now)


def measure(quick: bool) -> list[Row]:
    count = 5 if quick else 24
    took: tuple[list[float], list[float]] = ([], [])
    with hall(0) as hotline, hotline.desk_phone("op1", on_ring="ring") as phone, chromium() as browser:
        desk = sign_in(browser, hotline, "op1")
        desk.get_by_test_id("pop").wait_for()
        plain = desk.context.new_page()
        plain.route("**/floor", lambda route: route.fulfill(body=BARE, content_type="text/html"))
        plain.goto(f"{hotline.url}/floor")
        for page in (desk, plain):
            page.evaluate(WATCH)
        with Manager(hotline) as manager:
            for number in range(count + 1):
                with _ringing(hotline, phone, f"0905{600000 + number}") as mark:
                    for page, times in zip((desk, plain), took, strict=True):
                        times.append(_drawn(page, mark) - manager.called[mark])
    ours, floor = (times[1:] for times in took)  # the first call warms up what the others find warm
    return [_row(percent, ours, floor, TARGET_MS if percent == 95 else None) for percent in (50, 95)]


@contextmanager
def _ringing(hotline: Instance, phone: Phone, caller: str) -> Iterator[str]:
    """A call that rings at the operator and is given up; yields the last digits of its number."""
    with hotline.citizen() as citizen:
        rung = len(phone.invites)
        citizen.dial("1022", f"<sip:{caller}@carrier>")
        citizen.wait("answered")
        until(lambda: len(citizen.media.heard) > 4000, 5, "half a second of greeting")
        citizen.press("1", info=True)
        until(lambda: len(phone.invites) > rung, 20, "the operator is rung")
        yield caller[-6:]
        citizen.hang_up()
        until(lambda: phone.events[-1] == "cancelled", 10, "the operator's phone is quiet")


def _drawn(page: Page, mark: str) -> float:
    found = page.wait_for_function("mark => window.drawn[mark]", arg=mark, timeout=10_000, polling=50).json_value()
    return float(found)


def _row(percent: int, ours: list[float], floor: list[float], target: float | None) -> Row:
    mine, least = percentile(ours, percent), percentile(floor, percent)
    return Row(
        f"AgentCalled to pop drawn, bare page with EventSource: p{percent}",
        mine / least,
        f"{mine:.0f} ms, {len(ours)} calls",
        f"{least:.0f} ms",
        promise=f"≤ {target:g} ms" if target else "",
        held=mine <= target if target else None,
    )
