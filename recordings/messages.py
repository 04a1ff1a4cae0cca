"""Messages that callers left → the archive, and each of them a ticket for the operators, once.

Which messages become tickets: a caller who hangs up at the tone leaves less than a second and has said nothing. One
who leaves more than two seconds may be unable to speak or be badly heard, so an operator shall listen, even if nothing
seems to be there. In between it is a ticket if anything can be heard. All are archived, with or without a ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, sessionmaker

from callcenter import archive as rows
from callcenter import phones
from callcenter.archive import ArchivedAudio, CallFacts
from callcenter.tables import Message
from callcenter.tickets.service import NewTicket
from recordings import audio, naming
from recordings.audio import Sound
from recordings.pipeline import Kind, Limits, Summary, Sweep, utc_now
from recordings.spool import Archive

SHORTEST_S = 1.0
SILENT_S = 2.0
WAIT_FOR_CALL_S = 600.0
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""In which the ticket tells the time."""


def deserves_ticket(duration_s: float, silent: bool) -> bool:
    """The rule above; `silent` as in `audio.Sound`."""
    return duration_s > SILENT_S if silent else duration_s >= SHORTEST_S


def ticket_for(linkedid: str, at: datetime, duration_s: float, silent: bool, call: CallFacts | None) -> NewTicket:
    """The ticket of a message, in Vietnamese. The number stands in its own field only; the title, which anybody with
    the ticket sees, has it masked."""
    local = at.astimezone(ZONE)
    number = phones.normalise(call.caller).e164 if call else ""
    shown = phones.mask(number).replace("+84", "0", 1) if number else "số không rõ"
    seconds = max(1, round(duration_s))
    day = f"ngày {local:%d/%m/%Y}"
    lines = [f"Người gọi để lại tin nhắn thoại dài {seconds} giây, cuộc gọi lúc {local:%H:%M:%S} {day}."]
    if not number:
        lines.append("Tổng đài không nhận được số máy gọi đến: hãy nghe xem người gọi có đọc số liên hệ không.")
    if call and call.language == "en":
        lines.append("Người gọi đã chọn tiếng Anh.")
    if silent:
        lines.append("Bản ghi gần như không có tiếng: hãy nghe kỹ và gọi lại nếu có số.")
    lines.append("Hãy nghe bản ghi, ghi lại nội dung vào phiếu và gọi lại cho người dân.")
    return NewTicket(
        title=f"Tin nhắn thoại từ {shown} lúc {local:%H:%M} {day}",
        content="\n".join(lines),
        citizen_phone=number,
        linkedid=linkedid,
    )


def _convert(sides: Mapping[str, Path], draft: Path) -> Sound:
    return audio.single(sides["message"], draft)


def _enter(session: Session, kept: ArchivedAudio, sound: Sound, call: CallFacts | None) -> bool:
    if not deserves_ticket(sound.duration_s, sound.silent):
        return rows.put_message(session, audio=kept, ticket=None)
    ticket = ticket_for(kept.linkedid, kept.recorded_at, sound.duration_s, sound.silent, call)
    return rows.put_message(session, audio=kept, ticket=ticket)


MESSAGES = Kind("messages", Message, naming.parse_message, naming.message_path, _convert, _enter)


def sweep_messages(
    sessions: sessionmaker[Session],
    *,
    spool: Path,
    archive: Path,
    up_since: datetime,
    clock: Callable[[], datetime] = utc_now,
    limits: Limits | None = None,
) -> Summary:
    """Archive the messages of the calls that are over, each with its row and its ticket in one transaction.

    The number comes from the call's row, so that is waited for: `WAIT_FOR_CALL_S` after the message, and as long after
    `up_since`, when the worker began to read the exchange's files. Raises as `Sweep.run` does.
    """
    limits = limits or Limits(unknown_call_s=WAIT_FOR_CALL_S, open_call_s=WAIT_FOR_CALL_S)
    return Sweep(MESSAGES, sessions, spool, Archive(archive, "messages"), clock, limits, up_since).run()
