"""Values that go between a program and whoever calls its functions, in the JSON of src/script/values.ts."""

import dataclasses
import datetime
import json
import math

_TAG = "$"
_MOST_DEPTH = 200
_MOST_EXACT = 2**53


def encode(value):
    """Raises TypeError for what cannot go."""
    return json.dumps(_encode(value, 0), allow_nan=False)


def _encode(value, depth):
    if depth > _MOST_DEPTH:
        raise TypeError(f"Values may be nested {_MOST_DEPTH} deep")
    inner = depth + 1
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -_MOST_EXACT <= value <= _MOST_EXACT else [_TAG, "bigint", str(value)]
        case float():
            if math.isfinite(value):
                return value
            return [_TAG, "number", "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"]
        case bytes() | bytearray() | memoryview():
            return [_TAG, "bytes", "Uint8Array", bytes(value).hex()]
        case list() | tuple():
            parts = [_encode(part, inner) for part in value]
            return [_TAG, "array", parts] if parts[:1] == [_TAG] else parts
        case dict():
            if all(isinstance(key, str) for key in value):
                return {key: _encode(part, inner) for key, part in value.items()}
            return [_TAG, "map", [[_encode(key, inner), _encode(part, inner)] for key, part in value.items()]]
        case set() | frozenset():
            return [_TAG, "set", [_encode(part, inner) for part in value]]
        case datetime.datetime():
            return [_TAG, "date", round(value.timestamp() * 1000)]
        case BaseException():
            return [_TAG, "error", type(value).__name__, str(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _encode(getattr(value, field.name), inner) for field in dataclasses.fields(value)}
    raise TypeError(f"A {type(value).__name__} cannot be handed over")


def decode(text):
    return _decode(json.loads(text))


def _decode(value):
    if isinstance(value, dict):
        return {key: _decode(part) for key, part in value.items()}
    if not isinstance(value, list):
        return value
    if value[:1] != [_TAG]:
        return [_decode(part) for part in value]
    match value[1:]:
        case ["undefined"]:
            return None
        case ["number", text]:
            return float(text)
        case ["bigint", text]:
            return int(text)
        case ["date", time]:
            return datetime.datetime.fromtimestamp(time / 1000, datetime.timezone.utc)
        case ["map", pairs]:
            return {_decode(key): _decode(part) for key, part in pairs}
        case ["set", parts]:
            return {_decode(part) for part in parts}
        case ["array", parts]:
            return [_decode(part) for part in parts]
        case ["buffer", text] | ["bytes", _, text]:
            return bytes.fromhex(text)
        case ["error", name, message]:
            return RuntimeError(f"{name}: {message}")
    raise TypeError(f"A value with the tag {value[1]!r} is not known")
