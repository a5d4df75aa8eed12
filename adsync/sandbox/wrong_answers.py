"""Answers that arrive and are wrong: of nothing, or about something else, and yet well formed."""

from __future__ import annotations

import re
from typing import Any

from adsync.sandbox.fault_kinds import Content

GARBAGE = b"\xff"  # begins a field of a message and ends before it
PAGE = b"<!DOCTYPE html>\n<html lang=en><title>Sandbox</title><p>This is a page, and no answer.</html>\n"


def wrong_messages(messages: list[Any], content: Content) -> list[Any]:
    """What arrives instead of the messages of Google Ads."""
    match content:
        case Content.GARBLED:
            return [GARBAGE]
        case Content.EMPTY:
            return [type(message)() for message in messages[:1]]
        case Content.ELSEWHERE:
            return [_about_a_label(message) for message in messages]
        case _:
            return messages


def _about_a_label(message: Any) -> Any:
    """The same message with a label in every row or result: nothing that adsync ever asks for."""
    label = "customers/1/labels/1"
    if "field_mask" in message.DESCRIPTOR.fields_by_name:
        del message.field_mask.paths[:]
        message.field_mask.paths.append("label.name")
    for name in ("results", "mutate_operation_responses"):
        if name not in message.DESCRIPTOR.fields_by_name:
            continue
        for item in getattr(message, name):
            item.Clear()
            known = item.DESCRIPTOR.fields_by_name
            inner = next((getattr(item, n) for n in ("label", "label_result") if n in known), item)
            inner.resource_name = label
    if "resource_names" in message.DESCRIPTOR.fields_by_name:
        message.resource_names[:] = ["customers/1"]
    return message


def wrong_document(document: dict[str, Any], content: Content) -> dict[str, Any]:
    """What arrives instead of a JSON answer."""
    match content:
        case Content.EMPTY:
            return {}
        case Content.ELSEWHERE if document.keys() & {"dimensionHeaders", "metricHeaders"}:
            return {**_COUNTRIES, "metadata": document.get("metadata", {})}
        case Content.ELSEWHERE if "funnelTable" in document:
            return {"funnelTable": _COUNTRIES}
        case Content.ELSEWHERE:
            moved: dict[str, Any] = _of_another_property(document)
            return moved
        case _:
            return document


_COUNTRIES: dict[str, Any] = {
    "dimensionHeaders": [{"name": "country"}],
    "metricHeaders": [{"name": "activeUsers", "type": "TYPE_INTEGER"}],
    "rows": [{"dimensionValues": [{"value": "Portugal"}], "metricValues": [{"value": "7"}]}],
    "rowCount": 1,
}


def _of_another_property(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _of_another_property(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_of_another_property(item) for item in found]
    return re.sub(r"^properties/\d+", "properties/1", found) if isinstance(found, str) else found
