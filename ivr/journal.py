"""The exchange's files, CEL and queue_log, as journal events: pure parsers, and a reader that forgets nothing.

The columns of `cel.csv` are those of `asterisk-config/cel_custom.conf.j2`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callcenter.calls.events import JournalEvent, JournalKind

log = logging.getLogger(__name__)

CEL_COLUMNS = (
    *("type", "time", "linkedid", "uniqueid", "channel", "number", "name", "exten", "context", "app", "appdata"),
    *("extra", "peer"),
)
BATCH_BYTES = 250_000
"""Of each file at a time: some 70 calls, so that whoever else writes to the database waits for no long batch."""
MAX_LINE = 65_536
_CEL_BEGINS = re.compile(rb'"[A-Z_]+","[0-9]+\.[0-9]+","')

Parsed = tuple[str, datetime, JournalKind, dict[str, str]]
"""linkedid, time, kind, data."""


class JournalError(Exception):
    """A line that cannot be understood; `str()` says why."""


def parse_cel(line: str) -> Parsed | None:
    """One line of cel.csv; None for what the ledger has no use for. Raises `JournalError`."""
    try:
        values = next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration) as error:
        raise JournalError(f"not CSV: {error}") from error
    if len(values) != len(CEL_COLUMNS):
        raise JournalError(f"{len(values)} columns instead of {len(CEL_COLUMNS)}")
    row = dict(zip(CEL_COLUMNS, values, strict=True))
    if not row["linkedid"]:
        raise JournalError("no linkedid")
    at = _time(row["time"])
    if row["type"].startswith("HOTLINE_"):
        return row["linkedid"], at, "mark", {"name": row["type"]} | _pairs(_extra(row).get("extra", ""))
    parser = _CEL.get(row["type"])
    return (row["linkedid"], at, parser[0], parser[1](row)) if parser else None


def parse_queue_log(line: str) -> Parsed | None:
    """One line of queue_log; None for what the ledger has no use for. Raises `JournalError`.

    `exchange_started` has no linkedid: what was open before it is lost.
    """
    parts = line.split("|")
    if len(parts) < 5:
        raise JournalError(f"{len(parts)} fields instead of at least 5")
    at, callid, queue, login, event = _time(parts[0]), *parts[1:5]
    if event == "QUEUESTART":
        return "", at, "exchange_started", {}
    parser = _QUEUE_LOG.get(event)
    if parser is None or callid in ("", "NONE"):
        return None
    kind, names, fixed = parser
    given = {name: value for name, value in zip(names, parts[5:], strict=False) if name}
    return callid, at, kind, {"queue": queue, "login": login} | given | fixed


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise JournalError(f"{text!r} is not a time") from error


def _extra(row: Mapping[str, str]) -> dict[str, str]:
    if not row["extra"]:
        return {}
    try:
        extra: Any = json.loads(row["extra"])
    except (json.JSONDecodeError, RecursionError) as error:
        raise JournalError(f"extra is not JSON: {error}") from error
    if not isinstance(extra, dict):
        raise JournalError("extra is not a JSON object")
    return {str(key): str(value) for key, value in extra.items()}


def _pairs(text: str) -> dict[str, str]:
    return {key: value for key, _, value in (pair.partition("=") for pair in text.split(";")) if key}


def _channel(row: Mapping[str, str]) -> dict[str, str]:
    return {"channel": row["channel"]}


def _started(row: Mapping[str, str]) -> dict[str, str]:
    kept = {name: row[name] for name in ("channel", "number", "name", "context", "uniqueid")}
    return kept | {"dialled": row["exten"]}


def _hung_up(row: Mapping[str, str]) -> dict[str, str]:
    return {"channel": row["channel"], "cause": _extra(row).get("hangupcause", "")}


_CEL: Mapping[str, tuple[JournalKind, Callable[[Mapping[str, str]], dict[str, str]]]] = {
    "CHAN_START": ("started", _started),
    "ANSWER": ("answered", _channel),
    "HANGUP": ("hung_up", _hung_up),
    "BRIDGE_ENTER": ("bridged", _channel),
    "BRIDGE_EXIT": ("unbridged", _channel),
    "LINKEDID_END": ("ended", lambda _: {}),
}
_QUEUE_LOG: Mapping[str, tuple[JournalKind, tuple[str, ...], dict[str, str]]] = {
    "ENTERQUEUE": ("queue_entered", ("", "number", "position"), {}),
    "CONNECT": ("queue_connected", ("wait_s", "", "ring_s"), {}),
    "COMPLETEAGENT": ("queue_completed", ("wait_s", "talk_s"), {"by": "operator"}),
    "COMPLETECALLER": ("queue_completed", ("wait_s", "talk_s"), {"by": "caller"}),
    "ABANDON": ("queue_abandoned", ("position", "", "wait_s"), {}),
    "RINGNOANSWER": ("queue_rung_out", ("ms",), {}),
    "RINGCANCELED": ("queue_rung_out", ("ms",), {"by": "caller"}),
    "EXITWITHTIMEOUT": ("queue_left", ("position", "", "wait_s"), {"why": "timeout"}),
    "EXITEMPTY": ("queue_left", ("position", "", "wait_s"), {"why": "empty"}),
    "EXITWITHKEY": ("queue_left", ("key", "position", "", "wait_s"), {"why": "key"}),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """`positions` is how far each file is read once `events` are kept."""

    events: tuple[JournalEvent, ...]
    positions: Mapping[str, int]
    bad_lines: int

    @property
    def starts(self) -> tuple[datetime, ...]:
        """When the exchange was started, as far as this batch tells."""
        return tuple(event.at for event in self.events if event.kind == "exchange_started")


@dataclass
class JournalReader:
    """Reads what was added to `cel.csv` and `queue_log`, and to their rotated copies beside them.

    A file is known by its first line, so that renaming, copying or truncating it loses nothing and counts nothing
    twice. An unfinished last line is left for the next time.
    """

    cel_file: Path
    queue_log: Path

    def read(self, positions: Mapping[str, int]) -> Batch:
        events: list[JournalEvent] = []
        moved: dict[str, int] = {}
        bad = 0
        for path, kind, parse in self._files():
            source = self._source(path, kind)
            if source is None:
                continue
            start = positions.get(source, 0)
            end = start
            for offset, line in _lines(path, start):
                end = offset + len(line)
                try:
                    parsed = parse(line.decode("utf-8", "replace").rstrip("\r\n"))
                except JournalError as error:
                    bad += 1
                    log.error("%s, byte %d: %s: %r", path, offset, error, line[:200])
                    continue
                if parsed is not None:
                    linkedid, at, event, data = parsed
                    events.append(JournalEvent(linkedid, at, event, data, source, offset))
            if end != start:
                moved[source] = end
        return Batch(tuple(events), moved, bad)

    def _files(self) -> Iterator[tuple[Path, str, Callable[[str], Parsed | None]]]:
        for path, kind, parse in ((self.cel_file, "cel", parse_cel), (self.queue_log, "queue_log", parse_queue_log)):
            for found in sorted(path.parent.glob(f"{path.name}*")):
                if found.suffix not in (".gz", ".xz", ".bz2", ".zst"):
                    yield found, kind, parse

    def _source(self, path: Path, kind: str) -> str | None:
        try:
            with path.open("rb") as file:
                first = file.readline(MAX_LINE)
        except OSError:
            return None
        if not first.endswith(b"\n"):
            return None
        return f"{kind}:{hashlib.sha256(first).hexdigest()[:16]}"


def _lines(path: Path, start: int) -> Iterator[tuple[int, bytes]]:
    """Whole records from byte `start`, at most `BATCH_BYTES` of them, each with its offset.

    A record of CEL may hold line ends, for a caller's number may: it goes on while a quote is open. It was torn, by a
    kill of the exchange, when the beginning of another follows: no text inside quotes looks like one, since its own
    quotes are doubled.
    """
    with path.open("rb") as file:
        file.seek(start)
        offset, record = start, b""
        while offset - start < BATCH_BYTES:
            line = file.readline(MAX_LINE)
            if not line.endswith(b"\n") and len(line) < MAX_LINE:
                return
            if record and _CEL_BEGINS.match(line):
                yield offset, record
                offset, record = offset + len(record), b""
            record += line
            if not _open(record):
                yield offset, record
                offset, record = offset + len(record), b""


def _open(record: bytes) -> bool:
    return record.startswith(b'"') and record.count(b'"') % 2 == 1 and len(record) < MAX_LINE
