"""Holds what clients observed against their tables: right, wrong, an explained 501, or a fault of the client's that exceptions.tsv explains.

judge.py OBSERVED CLIENT TABLE...: prints what isn't right and a line of sums; fails below 99 % right or explained.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

from harness import TABLES, member, rows

WANTED = 0.99


def exceptions(client):
    with (TABLES.parent / "exceptions.tsv").open(newline="") as file:
        found = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["call"]: row["reason"] for row in found if row["client"] == client}


def verdict(row, seen):
    """The kind, and what is to be said of it. `ok` stands for a call that needs no request to Graph; 501 is good where the table knows it."""
    if seen is None:
        return "not called", ""
    statuses = [request[2] for request in seen["requests"]]
    last = statuses[-1] if statuses else None
    asked = "; ".join(f"{method} {path} -> {status}" for method, path, status, _ in seen["requests"][-3:])
    said = f"{asked}  {seen['error'] or ''}".strip()
    if row["expect"] == "ok":
        return ("wrong", said) if seen["error"] else ("right", "")
    allowed, *members = row["expect"].split()
    allowed = [int(status) for status in allowed.split("|")]
    if 501 in statuses and 501 in allowed:
        return "501", asked
    if 501 in statuses or last not in allowed:
        return "wrong", f"expected {row['expect']}: {said}"
    if seen["error"] and min(allowed) < 400:
        return "wrong", f"the client failed: {said}"
    missing = [path for path in members if member(seen["answer"], path) is None]
    if missing:
        return "wrong", f"no {', '.join(missing)}: {said}"
    return "right", ""


def main(observed, client, *tables):
    lines = [json.loads(line) for line in Path(observed).read_text().splitlines()]
    seen = {(line["table"], line["call"]): line for line in lines}
    excused = exceptions(client)
    sums = Counter()
    for table in tables:
        for row in rows(table):
            if not row["call"]:
                continue
            line = seen.get((table, row["call"]))
            if line and line.get("offered") is False:
                continue
            kind, why = verdict(row, line)
            reason = excused.pop(row["call"], None)
            if reason and kind == "right":
                print(f"{client}: {row['call']}: is right, take it out of exceptions.tsv")
            if reason and kind == "wrong":
                kind, why = "excused", reason
            sums[kind] += 1
            if kind == "wrong" or (kind == "501" and "-v" in sys.argv):
                print(f"{client}: {kind}: {row['call']}: {why}  [{row['source']}]")
    if sums["not called"]:
        print(f"{client}: {sums['not called']} calls of its tables were not made")
    for call in excused:
        print(f"{client}: exceptions.tsv names {call}, which no table has")
    sums["wrong"] += sums.pop("not called", 0)
    good = 1 - sums["wrong"] / max(1, sum(sums.values()))
    print(f"{client}: {sums['right']} right, {sums['wrong']} wrong, {sums['501']} explained 501, {sums['excused']} faults of the client: {good:.1%}")
    return 0 if good >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(*[argument for argument in sys.argv[1:] if argument != "-v"]))
