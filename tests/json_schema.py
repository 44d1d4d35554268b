"""Checks a value against the part of JSON Schema that docs/openapi.json uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": (int, float),
}  # fmt: skip
FORMATS = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}
KNOWN = {
    "$ref", "type", "properties", "required", "additionalProperties", "minProperties", "items", "prefixItems",
    "minItems",
    "maxItems", "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "anyOf", "oneOf",
    "title", "description",
}  # fmt: skip


class Schemas:
    """The schemas of a document, which name each other by ``$ref``."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """The part itself, or what its ``$ref`` names."""
        if "$ref" not in part:
            return part
        found: Any = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return self.resolved(found)

    def faults(self, value: Any, schema: dict[str, Any], at: str = "$") -> Iterator[str]:
        """Where ``value`` is not as ``schema`` says."""
        schema = self.resolved(schema)
        assert schema.keys() <= KNOWN, f"unknown words: {schema.keys() - KNOWN}"
        if "type" in schema and not _is_of(value, schema["type"]):
            yield f"{at}: {value!r} is no {schema['type']}"
            return
        yield from self._choices(value, schema, at)
        if isinstance(value, dict):
            yield from self._members(value, schema, at)
        elif isinstance(value, list):
            yield from self._items(value, schema, at)
        elif isinstance(value, str):
            yield from _words(value, schema, at)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _bounds(value, schema, at)

    def _choices(self, value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
        if value not in schema.get("enum", [value]) or value != schema.get("const", value):
            yield f"{at}: {value!r} is none of those"
        for kind in ("anyOf", "oneOf"):
            fitting = [part for part in schema.get(kind, ()) if not list(self.faults(value, part, at))]
            if kind in schema and (not fitting or (kind == "oneOf" and len(fitting) > 1)):
                yield f"{at}: {value!r} fits {len(fitting)} of {kind}"

    def _members(self, value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
        if len(value) < schema.get("minProperties", 0):
            yield f"{at}: has no members"
        yield from (f"{at}: has no {name}" for name in schema.get("required", ()) if name not in value)
        further = schema.get("additionalProperties", True)
        for name, member in value.items():
            if name in schema.get("properties", {}):
                yield from self.faults(member, schema["properties"][name], f"{at}.{name}")
            elif further is False:
                yield f"{at}: nobody knows {name}"
            elif further is not True:
                yield from self.faults(member, further, f"{at}.{name}")

    def _items(self, value: list[Any], schema: dict[str, Any], at: str) -> Iterator[str]:
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        first = schema.get("prefixItems", [])
        for number, item in enumerate(value):
            rest = schema.get("items", True)
            part = first[number] if number < len(first) else rest
            if part is False:
                yield f"{at}: too many items"
            elif part is not True:
                yield from self.faults(item, part, f"{at}[{number}]")


def _is_of(value: Any, kinds: str | list[str]) -> bool:
    names = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return "boolean" in names
    return isinstance(value, tuple(TYPES[name] for name in names))


def _bounds(value: float, schema: dict[str, Any], at: str) -> Iterator[str]:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of bounds"


def _words(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{at}: {len(value)} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} is not {schema['pattern']}"
    if (read := FORMATS.get(schema.get("format", ""))) is not None:
        try:
            read(value)
        except ValueError:
            yield f"{at}: {value!r} is no {schema['format']}"
