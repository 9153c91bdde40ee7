"""What the fuzzer must know of Microsoft's dialect of OpenAPI."""

import json
import os
import urllib.parse
import zlib

import schemathesis

NAMES = set()
# Bodies that succeed, by operation, and ids that belong together; prepare.py knows them.
SENSIBLE = json.loads(os.environ["FUZZ_SENSIBLE"])


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
    """Half of the time, the ids in a path belong together. Those of Outlook hold slashes, which the fuzzer doesn't generate in a path;
    see `SLASH` in prepare.py."""
    ids = case.path_parameters or {}
    number = number_of(ids)
    operation = case.operation.definition.raw.get("operationId")
    families = [it for it in SENSIBLE["families"] if ids.keys() & it.keys() and operation.startswith(it.get("only", ""))]
    own = [it for it in families if "only" in it] or families
    family = own[number // 2 % len(own)] if own and number % 2 else {}
    for name, value in ids.items():
        if isinstance(value, str):
            known = urllib.parse.quote(family[name], safe="") if name in family else value
            ids[name] = known.replace("_slash_", "%2F")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """501 is how the simulator says that it doesn't know, and why."""
    return response.status_code != 501


@schemathesis.hook
def map_query(context, query):
    """Of several options, mostly one or none: few lists take all at once, and a refusal tests nothing but the refusal."""
    options = sorted(name for name in query or {} if name.startswith("$"))
    number = number_of(query or {})
    if options and number % 4:
        kept = (options + [None])[number // 4 % (len(options) + 1)]
        return {name: known_names(value) for name, value in query.items() if name == kept or not name.startswith("$")}
    return query


@schemathesis.hook
def map_body(context, body):
    """Mostly without properties that nothing has, which are refused as such; often a body that succeeds, or one over it."""
    number = zlib.crc32(repr(body).encode())
    sensible = SENSIBLE["bodies"].get(context.operation.definition.raw.get("operationId"))
    if sensible is not None and number % 4 == 0:
        return sensible
    if not isinstance(body, dict):
        return body
    known = known_part(body) if number % 8 else body
    return {**known, **sensible} if sensible is not None and number % 4 == 1 else known


def known_names(value):
    """A list of properties that there are, or whatever else it is."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return value
    return [name for name in value if name in NAMES] or ["id"]


def number_of(parameters):
    return zlib.crc32(repr(sorted(parameters.items(), key=str)).encode())


def known_part(value):
    if isinstance(value, dict):
        return {name: known_part(child) for name, child in value.items() if name in NAMES}
    return [known_part(child) for child in value] if isinstance(value, list) else value
