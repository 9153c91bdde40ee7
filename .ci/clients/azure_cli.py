"""Azure CLI: `az rest` for the surface, and the commands of `az ad` for groups and users, with a cloud of its own settings."""

import asyncio
import io
import json
import logging
import os
import re
import shlex
import urllib.parse

os.environ.update(AZURE_CORE_COLLECT_TELEMETRY="no", AZURE_CORE_INSTANCE_DISCOVERY="false", AZURE_CORE_ONLY_SHOW_ERRORS="yes", AZURE_CORE_NO_COLOR="yes")
from azure.cli.core import get_default_cli  # noqa: E402: it reads the environment
from harness import ROOT, Calls  # noqa: E402

calls = Calls("azure_cli")
calls.values.update(client=os.environ["AZURE_CLIENT_ID"], secret=os.environ["AZURE_CLIENT_SECRET"], tenant=os.environ["AZURE_TENANT_ID"])


def az(*arguments):
    """What a command writes, as JSON; it leaves with an error as in a shell."""
    out, cli = io.StringIO(), get_default_cli()
    failed = cli.invoke(list(arguments), out_file=out)
    text = out.getvalue()
    if failed:
        raise RuntimeError(cli.result.error or text)
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


class Headers(logging.Handler):
    """What `az rest --debug` says of an answer's headers: nothing else does."""

    def emit(self, record):
        name, _, value = record.getMessage().partition(":")
        seen[name.strip(" '").lower()] = value.strip(" '")


def rest(row):
    """A row of the surface by `az rest`; a user's with a token that it is given."""
    seen.clear()
    method, _, address = row["request"].partition(" ")
    path, _, query = address.partition("?")
    path, query = calls.fill(path, lambda value: urllib.parse.quote(value, safe="")), calls.fill(query)
    arguments = ["rest", "--method", method.lower(), "--url", f"{ROOT}/v1.0{path}", "--resource", f"{ROOT}/"]
    headers = [line.replace(": ", "=", 1) for line in calls.fill(row["headers"]).split("; ") if line]
    if row["as"] != "app":
        arguments.append("--skip-authorization-header")
        headers.append(f"Authorization=Bearer {calls.tokens[row['as']]}")
    if query:
        arguments += ["--uri-parameters", *re.split(r"&(?=\$?\w+=)", query)]
    if headers:
        arguments += ["--headers", *headers]
    if row["body"]:
        arguments += ["--body", calls.fill(row["body"])]
    return az(*arguments), dict(seen)


def evaluate(row):
    return az(*shlex.split(calls.fill(row["request"]))[1:])


az("cloud", "register", "--name", "simulator", "--skip-endpoint-discovery", "--endpoint-active-directory", ROOT, "--endpoint-active-directory-resource-id", ROOT,
   "--endpoint-active-directory-graph-resource-id", f"{ROOT}/", "--endpoint-microsoft-graph-resource-id", f"{ROOT}/",
   "--endpoint-resource-manager", f"{ROOT}/")  # fmt: skip
az("cloud", "set", "--name", "simulator")
seen = {}
logging.getLogger("cli.azure.cli.core.util").addHandler(Headers(logging.DEBUG))
logging.getLogger("cli.azure.cli.core.util").setLevel(logging.DEBUG)
asyncio.run(calls.run("azure_cli", evaluate))
asyncio.run(calls.run("surface", rest))
