"""Shapes of calls, recordings and tickets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.fields import Line, LinkedId, Text, Time
from api.schemas import In, JsonObject
from callcenter.calls.facts import Outcome

# --- audio ----------------------------------------------------------------------------------------------------------


class Peaks(BaseModel):
    """For a waveform: loudness from 0 to 100, `per_second` values a second."""

    per_second: float
    left: list[int] = Field(description="The citizen.")
    right: list[int] = Field(description="The operator.")


class AudioOut(BaseModel):
    """`available` is false once the audio was deleted; `url` is where it can be played."""

    url: str
    media_type: str
    size_bytes: int
    duration_s: float
    recorded_at: Time
    available: bool
    peaks: Peaks


# --- tickets --------------------------------------------------------------------------------------------------------


class TicketBrief(BaseModel):
    code: str = Field(examples=["264810935"])
    state: str
    source: str
    title: str
    content: str
    category: str
    area: str
    citizen_name: str
    citizen_phone: str = Field(description="E.164, masked unless the role may see it.")
    created_by: str
    created_at: Time
    updated_at: Time


class NoteOut(BaseModel):
    kind: str
    text: str
    author: str
    author_name: str
    at: Time


class TicketOut(TicketBrief):
    address: str
    agency: str
    public: bool
    linkedid: str | None
    message: AudioOut | None = Field(description="The message that it was made from.")
    version: int
    notes: list[NoteOut]


class TicketPage(BaseModel):
    items: list[TicketBrief]
    next_cursor: str | None


class TicketIn(In):
    content: Annotated[Text, Field(min_length=1, max_length=20_000)] = Field(examples=["Đèn đường hỏng trước số 12"])
    title: Annotated[Line, Field(max_length=300)] = ""
    category: Annotated[Line, Field(max_length=64)] = ""
    area: Annotated[Line, Field(max_length=200)] = ""
    address: Annotated[Line, Field(max_length=300)] = ""
    citizen_name: Annotated[Line, Field(max_length=200)] = ""
    citizen_phone: Annotated[Line, Field(max_length=40)] = Field("", examples=["0905 123 456"])
    public: bool = False
    linkedid: LinkedId | None = None


class NoteIn(In):
    text: Annotated[Text, Field(min_length=1, max_length=20_000)]


class TicketStatus(BaseModel):
    """All that a code tells a stranger."""

    code: str
    state: str


# --- calls ----------------------------------------------------------------------------------------------------------


class MenuVisit(BaseModel):
    node: str
    key: str
    label_vi: str
    label_en: str


class CallOut(BaseModel):
    """`outcome` is null while the call lasts."""

    linkedid: str
    started_at: Time
    ended_at: Time | None
    caller: str = Field(description='E.164, masked unless the role may see it; "" when withheld.')
    language: str
    reason: str
    queue: str
    queued_at: Time | None
    connected_at: Time | None
    operator: str
    wait_s: float | None
    talk_s: float | None
    outcome: Outcome | None
    failure: str
    has_recording: bool


class CallPage(BaseModel):
    items: list[CallOut]
    next_cursor: str | None


class CallEventOut(BaseModel):
    """One line of the exchange's files, without what would tell the caller's number."""

    at: Time
    kind: str
    data: JsonObject


class CallDetail(CallOut):
    dialled: str
    menu_path: list[MenuVisit]
    events: list[CallEventOut]
    recording: AudioOut | None
    message: AudioOut | None
    tickets: list[TicketBrief]


class CallerOut(BaseModel):
    """`name` as on the latest ticket of this number; `calls`: how many calls came from it before."""

    number: str
    name: str
    calls: int


class CallContext(BaseModel):
    """What the operator wants to know of who is calling."""

    caller: CallerOut
    menu_path: list[MenuVisit]
    earlier_calls: list[CallOut]
    open_tickets: list[TicketBrief]


OutcomeFilter = Literal[
    "",
    "answered",
    "abandoned",
    "self_served",
    "ivr_hangup",
    "message_left",
    "callback_requested",
    "rejected",
    "failed",
]
