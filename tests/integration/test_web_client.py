"""The web app's client is made from the API as it is."""

from __future__ import annotations

import json
from pathlib import Path

from api.openapi import document

WEB = Path(__file__).parents[2] / "web"


def test_the_client_is_current() -> None:
    """When this fails: `make client`, then mend what the compiler says."""
    assert json.loads((WEB / "openapi.json").read_text("utf-8")) == json.loads(json.dumps(document()))


def test_the_lock_names_no_host() -> None:
    assert "://" not in (WEB / "package-lock.json").read_text("utf-8")
