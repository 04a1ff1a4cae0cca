"""Errors with stable codes; at the HTTP edge each becomes a problem document."""

from __future__ import annotations

from typing import ClassVar


class HotlineError(Exception):
    """`code` is stable and may be relied on; `str()` is a sentence that says what to do."""

    code: ClassVar[str] = "error"


class NotFound(HotlineError):
    code = "not_found"


class Invalid(HotlineError):
    """A value that cannot be used; `field` names it."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(HotlineError):
    code = "conflict"


class IdempotencyMismatch(Conflict):
    code = "idempotency_key_reused"


class PhoneNotRegistered(Conflict):
    code = "phone_not_registered"


class Forbidden(HotlineError):
    code = "forbidden"


class SignInFailed(HotlineError):
    code = "sign_in_failed"


class TooManyTries(HotlineError):
    """`retry_after_s`: whole seconds until another try is worth it."""

    code = "too_many_tries"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ExchangeUnavailable(HotlineError):
    """The exchange cannot be reached, or it refused."""

    code = "telephony_unavailable"
