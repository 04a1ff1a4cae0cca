"""The API's description (OpenAPI 3.1), from which the web app's client is generated, and a page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from api.deps import COOKIE
from api.problems import MEDIA_TYPE
from api.schemas import JsonObject, Problem

TITLE = "1022 hotline"
VERSION = "1"
DESCRIPTION = """Browsers sign in for a cookie; programs send `Authorization: Bearer <token>`. Errors are
`application/problem+json` with a stable `code`. Lists are paged by `limit` and `cursor`, newest first. Times are
ISO 8601 with offset, phone numbers E.164 and masked unless the role may see them."""
PUBLIC = frozenset({"signIn", "getTicketState", "healthz", "readyz", "metrics"})
_METHODS = ("get", "put", "post", "delete", "patch")
_STYLE = """body{font:15px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h2{margin-top:2.5rem;border-bottom:1px solid #d0d7de}summary{padding:.4rem 0;cursor:pointer}
b{display:inline-block;min-width:4.5rem;color:#0b57a4}code{background:#f3f5f7;padding:.1rem .3rem;border-radius:4px}
table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #d0d7de;padding:.25rem .6rem;text-align:left}"""


def document() -> JsonObject:
    """The description, made without any part of the hotline running."""
    from api.main import build

    return build().openapi()


def describe(app: FastAPI) -> JsonObject:
    """What FastAPI finds, with problem documents as every operation's errors and the two ways to prove who asks."""
    schema = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=app.routes)
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for leftover in ("HTTPValidationError", "ValidationError"):
        schemas.pop(leftover, None)
    definitions = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= definitions.pop("$defs") | {"Problem": definitions}
    problem = {
        "description": "An error.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for _path, _method, operation in _operations(schema):
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = problem
        if operation["operationId"] in PUBLIC:
            operation["security"] = []
    schema["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "token": {"type": "http", "scheme": "bearer"},
    }
    schema["security"] = [{"session": []}, {"token": []}]
    return schema


def _operations(schema: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def page(schema: JsonObject) -> str:
    """A page of our own: the usual viewers fetch their scripts from third parties."""
    areas: dict[str, list[str]] = {}
    for path, method, operation in _operations(schema):
        areas.setdefault(operation.get("tags", ["other"])[0], []).append(_row(path, method, operation))
    parts = "".join(f"<h2>{escape(area)}</h2>{''.join(rows)}" for area, rows in areas.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{TITLE}: API</title><style>{_STYLE}</style>'
        f'<h1>{TITLE}: API</h1><p>{escape(DESCRIPTION)}</p><p>For programs: <a href="/api/openapi.json">OpenAPI</a>.'
        f"</p>{parts}<h2>shapes</h2>{''.join(_shape(*item) for item in schema['components']['schemas'].items())}</html>"
    )


def _row(path: str, method: str, operation: JsonObject) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(given['name'])}</code></td><td>{given['in']}</td>"
        f"<td>{escape(_kind(given['schema']))}</td><td>{escape(given.get('description', ''))}</td></tr>"
        for given in operation.get("parameters", [])
    )
    table = f"<table><tr><th>name</th><th>in</th><th>kind</th><th></th></tr>{parameters}</table>" if parameters else ""
    body = _content(operation.get("requestBody", {}))
    answers = "".join(
        f"<li>{escape(status)} {escape(answer['description'])} {_content(answer)}</li>"
        for status, answer in operation["responses"].items()
    )
    return (
        f"<details><summary><b>{method.upper()}</b><code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p>{table}{'<p>Body: ' + body if body else ''}"
        f"<ul>{answers}</ul></details>"
    )


def _shape(name: str, shape: JsonObject) -> str:
    fields = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{escape(_kind(kind))}</td>"
        f"<td>{escape(kind.get('description', ''))}</td></tr>"
        for field, kind in shape.get("properties", {}).items()
    )
    return (
        f'<details id="{escape(name)}"><summary>{escape(name)}</summary><p>{escape(shape.get("description", ""))}</p>'
        f"<table>{fields}</table></details>"
    )


def _content(given: JsonObject) -> str:
    return " ".join(
        f'{escape(kind)} <a href="#{escape(_kind(content.get("schema", {})))}">'
        f"{escape(_kind(content.get('schema', {})))}</a>"
        for kind, content in given.get("content", {}).items()
    )


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "")


def install(app: FastAPI) -> None:
    """Serve the description at `/api/openapi.json` and the page at `/api/docs`."""

    def openapi() -> JsonObject:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it

    @app.get("/api/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page(openapi()))
