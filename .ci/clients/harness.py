"""Makes the calls that a table lists, one after another, and writes down what came of each for judge.py."""

import asyncio
import base64
import csv
import inspect
import json
import os
import re
import urllib.request
from pathlib import Path

ROOT = os.environ["GRAPH_ROOT"]
ADMIN = os.environ["GRAPH_ADMIN"]
USERS = {name[6:].lower(): token for name, token in os.environ.items() if name.startswith("TOKEN_")}
TABLES = Path(__file__).parent / "tables"
# How long one call may take, in seconds.
PATIENCE = 60


def admin(method, path, body=None):
    """What the simulator's admin port answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ADMIN + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or b"null")


def rows(table):
    with (TABLES / f"{table}.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def member(answer, path):
    """What `value.0.@odata.type` leads to, or nothing."""
    for part in re.findall(r"@odata\.\w+|[^.]+", path):
        try:
            answer = answer[int(part) if isinstance(answer, list) else part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return answer


def oid(token):
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"]


class Calls:
    """The calls of one client. `values` are what earlier answers left for later calls."""

    def __init__(self, client):
        self.client = client
        self.values = {"root": ROOT, **{name: oid(token) for name, token in USERS.items()}}
        self.out = Path(os.environ["OBSERVED"]).open("w")
        self.tokens = {**USERS, "app": admin("POST", "/tokens", {})["token"]}

    def fill(self, text, quote=lambda value: value):
        """A text of a table with the values in place of `{{name}}`; `{{=text}}` is that text."""
        return re.sub(r"\{\{(=?)(.+?)\}\}", lambda hole: quote(hole[2] if hole[1] else self.values[hole[2]]), text)

    async def run(self, table, send):
        """Makes all calls of a table: `send(row)` returns what the client's caller gets, as JSON, and the headers if it has them."""
        for row in rows(table):
            verb, _, seconds = row["request"].partition(" ")
            if verb == "CLOCK":
                admin("POST", "/clock", {"advance": float(seconds)})
            else:
                await self.observe(table, row, send)

    async def observe(self, table, row, send):
        seen = {"table": table, "call": row["call"], "answer": None, "error": None}
        admin("DELETE", "/journal")
        try:
            sent = send(row)
            answer = await asyncio.wait_for(sent, PATIENCE) if inspect.isawaitable(sent) else sent
            answer, headers = answer if isinstance(answer, tuple) else (answer, {})
            seen["answer"] = answer
            self.keep(row["keep"], answer, headers)
        except BaseException as error:  # noqa: B036: some clients leave by SystemExit
            if isinstance(error, KeyboardInterrupt):
                raise
            seen["error"] = f"{type(error).__name__}: {error}"[:500]
        entries = admin("GET", "/journal.json")["entries"]
        seen["requests"] = [[e["method"], e["path"], e["status"], e["notes"]] for e in entries if e["path"].startswith(("/v1.0", "/beta"))]
        self.out.write(json.dumps(seen, default=str) + "\n")
        self.out.flush()

    def keep(self, wanted, answer, headers):
        """`group=id` keeps a member of the answer, `x=header:NAME` the last id in an address that a header holds."""
        for name, path in (pair.split("=", 1) for pair in wanted.split()):
            value = member(answer, path)
            if path.startswith("header:"):
                value = headers.get(path[7:].lower())
                value = value and re.findall(r"[^/('\")]+", value)[-1]
            if value is not None:
                self.values[name] = value
