"""python-o365: what it has for groups, Planner, SharePoint, calendars and the directory."""

import asyncio

from harness import ROOT, Calls
from O365 import Account, MSGraphProtocol
from O365.utils import ApiComponent

calls = Calls("o365")


class Simulated(MSGraphProtocol):
    _protocol_url = f"{ROOT}/"


account = Account(("client", "secret"), protocol=Simulated(), tenant_id="common")
account.con.session = account.con.get_session()
account.con.update_session_auth_header(calls.tokens["ada"])
groups, planner, sharepoint, directory, teams = account.groups(), account.planner(), account.sharepoint(), account.directory(), account.teams()


def calendar(group):
    return account.schedule(resource=f"groups/{group}").get_default_calendar()


def plain(answer, depth=2):
    """What a caller got, as JSON: the attributes of the library's objects."""
    if isinstance(answer, ApiComponent) and depth:
        found = {name.lstrip("_"): getattr(answer, name, None) for name in vars(answer)}
        return {name: plain(value, depth - 1) for name, value in found.items() if name not in ("con", "protocol") and value is not None}
    if isinstance(answer, (list, tuple)) or type(answer).__name__ == "Pagination":
        return [plain(value, depth) for value in answer]
    return answer if isinstance(answer, (str, int, float, bool, dict, type(None))) else str(answer)


def evaluate(row):
    return plain(eval(calls.fill(row["request"]), globals()))  # noqa: S307


asyncio.run(calls.run("o365", evaluate))
