"""What the fuzzer must know of Microsoft's dialect of OpenAPI."""

import schemathesis


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
        for child in node.values():
            relax(child)
    elif isinstance(node, list):
        for child in node:
            relax(child)
