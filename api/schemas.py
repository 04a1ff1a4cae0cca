"""Shapes of people, queues, operators and the state of the service. Calls and tickets have files of their own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.fields import Line, Time
from callcenter.rights import Right

Role = Literal["operator", "supervisor", "officer", "agency_leader", "office", "admin", "integration"]


class In(BaseModel):
    """What comes in: a field that there is not is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Fault(BaseModel):
    pointer: str = Field(examples=["#/content"])
    code: str
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable; `field` and `errors` name what is wrong with the request."""

    type: str = Field(examples=["urn:hotline:problem:not_found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not_found"])
    field: str | None = None
    errors: list[Fault] | None = None
    request_id: str | None = None


class SignIn(In):
    login: Annotated[Line, Field(min_length=1, max_length=64)] = Field(examples=["op1"])
    password: str = Field(min_length=1, max_length=1000, examples=["correct horse"])


class SessionOut(BaseModel):
    login: str
    name: str
    role: Role
    agency: str
    rights: list[Right]


class PhoneOut(BaseModel):
    """For the phone in one's own browser: `ws` is a path of this origin."""

    ws: str = Field(examples=["/sip"])
    user: str = Field(examples=["op1-web"])
    password: str
    realm: str


class TokenIn(In):
    name: Annotated[Line, Field(min_length=1, max_length=100)] = Field(examples=["portal"])
    login: Annotated[Line, Field(max_length=64)] = Field("", description="The account it acts as; one's own if empty.")
    days: Annotated[int, Field(ge=1, le=3650)] = 365


class TokenOut(BaseModel):
    """`token` is shown this once."""

    id: int
    name: str
    login: str
    token: str
    expires_at: Time | None


class Waiting(BaseModel):
    linkedid: str
    number: str = Field(description="Masked.", examples=["+84905•••456"])
    reason: str
    language: str
    position: int
    joined_at: Time


class QueueToday(BaseModel):
    """Since midnight in Vietnam. `service_level`: answered within X s ÷ (answered + abandoned after more than Y s),
    null when no call counts; short abandons are part of `abandoned`."""

    answered: int
    answered_in_time: int
    abandoned: int
    short_abandoned: int
    service_level: float | None


class QueueOut(BaseModel):
    name: str
    name_vi: str
    name_en: str
    waiting: list[Waiting]
    members: int
    ready: int
    longest_wait_s: float
    today: QueueToday


class QueuesOut(BaseModel):
    """`stale_since`: the exchange has not been heard since then, what is live here may be old."""

    items: list[QueueOut]
    stale_since: Time | None
    open: bool
    opens_at: Time | None
    service_level_s: float
    short_abandon_s: float


class OperatorOut(BaseModel):
    login: str
    name: str
    state: Literal["ready", "ringing", "talking", "on_hold", "wrapup", "paused", "offline"]
    since: Time | None
    reason: str
    phone: Literal["desk", "browser"] | None
    linkedid: str | None
    queues: list[str]


class OperatorsOut(BaseModel):
    items: list[OperatorOut]
    stale_since: Time | None


class OperatorStateIn(In):
    state: Literal["ready", "paused", "offline"]
    reason: Annotated[Line, Field(max_length=100)] = ""


class OperatorStateOut(BaseModel):
    """What was asked of the exchange; the live state follows when the exchange reports it."""

    login: str
    state: Literal["ready", "paused", "offline"]
    reason: str
    interface: str
    queues: list[str]


class Category(BaseModel):
    key: str
    vi: str
    en: str


class Check(BaseModel):
    state: Literal["up", "down"]
    needed: bool
    detail: str


class Ready(BaseModel):
    ready: bool
    checks: dict[str, Check]


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


JsonObject = dict[str, Any]
