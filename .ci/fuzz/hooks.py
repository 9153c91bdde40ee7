"""What the fuzzer must know of Microsoft's dialect of OpenAPI."""

import json
import os
import zlib

import schemathesis

NAMES = set()
# Bodies that succeed, by operation; prepare.py knows them.
SENSIBLE = json.loads(os.environ.get("FUZZ_BODIES") or "{}")


@schemathesis.hook
def before_load_schema(context, schema):
    """Upstream requires `@odata.type` everywhere, and the wire has it almost nowhere; it marks open types with
    `additionalProperties: {type: object}`, though their properties are of every type."""
    relax(schema["components"])


def relax(node):
    if isinstance(node, dict):
        required = node.get("required")
        if isinstance(required, list) and "@odata.type" in required:
            required.remove("@odata.type")
            if not required:
                del node["required"]
        if node.get("additionalProperties") == {"type": "object"}:
            node["additionalProperties"] = True
        if isinstance(node.get("properties"), dict):
            NAMES.update(node["properties"])
        for child in node.values():
            relax(child)
    elif isinstance(node, list):
        for child in node:
            relax(child)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Ids of Outlook hold slashes, which the fuzzer doesn't generate in a path; see `SLASH` in prepare.py."""
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, str):
            case.path_parameters[name] = value.replace("_slash_", "%2F")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """501 is how the simulator says that it doesn't know, and why."""
    return response.status_code != 501


@schemathesis.hook
def map_query(context, query):
    """Of several options, mostly one: few lists take all at once, and a refusal tests nothing but the refusal."""
    options = sorted(name for name in query or {} if name.startswith("$"))
    number = zlib.crc32(repr(sorted((query or {}).items(), key=str)).encode())
    if len(options) > 1 and number % 4:
        kept = options[number % len(options)]
        return {name: value for name, value in query.items() if name == kept or not name.startswith("$")}
    return query


@schemathesis.hook
def map_body(context, body):
    """Mostly without properties that nothing has, which are refused as such, and half of the time over a body that succeeds."""
    if not isinstance(body, dict):
        return body
    number = zlib.crc32(repr(body).encode())
    operation = context.operation.definition.raw.get("operationId")
    known = known_part(body) if number % 8 else body
    return {**known, **SENSIBLE.get(operation, {})} if number % 16 < 9 else known


def known_part(value):
    if isinstance(value, dict):
        return {name: known_part(child) for name, child in value.items() if name in NAMES}
    return [known_part(child) for child in value] if isinstance(value, list) else value
