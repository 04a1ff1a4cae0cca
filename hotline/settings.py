"""The settings of one hotline: `HOTLINE_…` environment variables, then `hotline.toml`, then the defaults."""

from __future__ import annotations

import hashlib
import os
import tomllib
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PROJECT = Path(__file__).resolve().parent.parent
Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(Exception):
    """A setting is missing, unknown or out of range; `str()` names the setting, where it came from and what to do."""


def toml_file() -> Path:
    return Path(os.environ.get("HOTLINE_TOML", "hotline.toml"))


def _addresses(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Settings(BaseSettings):
    """Read once, at the composition root; modules are handed plain values."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{0,30})?$")] = ""
    """Name of this instance: Asterisk's systemname and the folder of its exchange; default `hotline`, or one made of
    `var` where that is another folder than the project's, so that instances never meet."""
    var: Path = Path("var")
    """Everything that this instance writes."""
    exchange_root: Path | None = None
    """The Asterisk folder built at set-up; default `var/exchange` of the project, else the machine's own Asterisk."""
    database_url: str = ""
    """SQLAlchemy URL; default SQLite in `var`. PostgreSQL: `postgresql+psycopg://user:password@host/name`."""
    bind: IPv4Address = IPv4Address("127.0.0.1")
    """Where the web app listens. AMI, FastAGI and Asterisk's WebSocket stay on loopback whatever this says."""
    sip_bind: IPv4Address | None = None
    """Where the carrier and the phones reach the exchange; default `bind`."""
    web_port: Port = 8022
    sip_port: Port = 5060
    agi_port: Port = 4573
    ami_port: Port = 5038
    asterisk_http_port: Port = 8088
    rtp_start: Port = 10000
    rtp_end: Port = 10999
    trunk_addresses: Annotated[list[IPv4Address], NoDecode, BeforeValidator(_addresses)] = [IPv4Address("127.0.0.10")]
    """The carrier's addresses: the only ones from which 1022 may be called."""
    max_calls: Annotated[int, Field(ge=1, le=10000)] = 200
    timezone: str = "Asia/Ho_Chi_Minh"
    hours: str = "always"
    """When operators answer: `always`, `never` or a week: `mon-fri 07:30-11:30,13:30-17:00; sat 08:00-11:00`."""
    flow: Path | None = None
    """A flow file to run instead of the one shipped."""
    queue_ring_s: Annotated[int, Field(ge=3, le=120)] = 15
    wrapup_s: Annotated[int, Field(ge=0, le=600)] = 10
    queue_max_wait_s: Annotated[int, Field(ge=5, le=7200)] = 900
    service_level_s: Annotated[int, Field(ge=1, le=600)] = 20
    short_abandon_s: Annotated[int, Field(ge=0, le=600)] = 5
    keep_audio_days: Annotated[int, Field(ge=1, le=36500)] = 730
    """How long recordings and messages can be heard; their rows and tickets stay."""
    secure_cookies: bool = False
    """The web app is reached by https only, through a TLS proxy: browsers send the session's cookie nowhere else."""
    proxy_addresses: Annotated[list[IPv4Address], NoDecode, BeforeValidator(_addresses)] = []
    """The TLS proxy's addresses: what these say in X-Forwarded-For about who asks is believed, nobody else's."""
    web_dist: Path = Path("web/dist")
    """Where the built web app lies."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, toml_file())
        return init_settings, env_settings, toml

    @property
    def inside(self) -> str:
        """The address at which our processes and the exchange talk to one another."""
        return str(self.bind) if self.bind.is_loopback else "127.0.0.1"

    @property
    def sip_address(self) -> IPv4Address:
        return self.sip_bind or self.bind

    @property
    def instance(self) -> str:
        if self.name:
            return self.name
        var = self.var.resolve()
        return "hotline" if var == PROJECT / "var" else f"hotline-{hashlib.sha256(str(var).encode()).hexdigest()[:8]}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.var.resolve() / 'hotline.db'}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load() -> Settings:
    """The settings of this process. Raises `SettingsError` naming the setting at fault."""
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith("HOTLINE_") and name != "HOTLINE_TOML" and name[8:].lower() not in Settings.model_fields
    )
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}: see `hotline settings` for the names there are")
    file = toml_file()
    if "HOTLINE_TOML" in os.environ and not file.is_file():
        raise SettingsError(f"HOTLINE_TOML: there is no file {str(file)!r}")
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']} (got {e.get('input')!r})" for e in error.errors()]
        raise SettingsError("bad setting, from HOTLINE_… or hotline.toml:\n  " + "\n  ".join(lines)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    if settings.sip_address.is_unspecified:
        raise SettingsError("sip_bind: phones are told this address, so it must be one of this machine's, not 0.0.0.0")
    try:
        _ = settings.zone
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(f"timezone: no time zone called {settings.timezone!r}") from error
    return settings
