"""Microsoft's SDK for Python: every request of the surface by the builders that its path names, with bodies as its models write them."""

import asyncio
import importlib
import inspect
import json
import re
import sys
import urllib.parse

from azure.core.credentials import AccessToken
from harness import ROOT, Calls
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.serialization import Parsable
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import HeadersInspectionHandlerOption
from kiota_serialization_json.json_parse_node import JsonParseNode
from msgraph import GraphServiceClient
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.conversation_thread import ConversationThread
from msgraph.generated.models.group import Group
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.post import Post
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

calls = Calls("msgraph_sdk")


class Credential:
    def __init__(self, token):
        self.token = token

    def get_token(self, *scopes, **others):
        return AccessToken(self.token, 2**31)


def client(token):
    provider = AzureIdentityAuthenticationProvider(Credential(token), scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1", "127.0.0.1:" + ROOT.rsplit(":", 1)[1]])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{ROOT}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip("$").replace(".", "_")).lower()


def builder(start, path):
    """`/groups/{{group}}/members/$ref` is `groups.by_group_id(group).members.ref`."""
    for segment in path.strip("/").split("/"):
        key = re.fullmatch(r"(\w+)\((\w+)='(.+)'\)", segment)
        if key:
            method = f"{snake(key[1])}_with_{snake(key[2])}"
            start = getattr(start, method)(calls.fill(key[3]))
        elif segment.startswith("{{"):
            by = next(name for name in dir(start) if name.startswith("by_"))
            start = getattr(start, by)(calls.fill(segment))
        else:
            start = getattr(start, snake(segment.removesuffix("()")))
    return start


def query(start, text):
    """The query parameters that a builder's GET takes."""
    kind = next((value for name, value in vars(type(start)).items() if name.endswith("GetQueryParameters")), None)
    given = {snake(name): value for name, value in urllib.parse.parse_qsl(text.replace("+", "%2B"))}
    for name, value in given.items():
        wanted = kind.__annotations__[name]
        given[name] = value.split(",") if "list" in wanted and name in ("select", "orderby") else [value] if "list" in wanted else int(value) if "int" in wanted else value == "true" if "bool" in wanted else value
    return kind(**given) if given else None


def body(method, text):
    """What the SDK's own model makes of a body, whose names it knows in its own spelling."""
    wanted = inspect.signature(method).parameters["body"].annotation
    if wanted == "bytes":
        return text.encode()
    module = sys.modules[method.__func__.__module__]
    source = re.search(rf"from (\S+) import {wanted}\n", inspect.getsource(module))[1]
    model = getattr(importlib.import_module(source, module.__package__), wanted)
    raw = json.loads(text)
    model = model.create_from_discriminator_value(JsonParseNode(raw))
    names = {name.lower(): name for name in model.get_field_deserializers()}
    made = JsonParseNode({names.get(name.lower(), name): value for name, value in raw.items()}).get_object_value(type(model))
    return made


def plain(answer):
    """What a caller got, as JSON; the SDK's own writer leaves out what is read-only."""
    if isinstance(answer, Parsable):
        names = {name: snake(name.replace("@", "")) for name in answer.get_field_deserializers()}
        found = {name: getattr(answer, kept, getattr(answer, f"{kept}_", None)) for name, kept in names.items()}
        return {name: plain(value) for name, value in {**found, **getattr(answer, "additional_data", {})}.items() if value is not None}
    if isinstance(answer, list):
        return [plain(value) for value in answer]
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


async def content(start, verb, text, configuration):
    """OneNote's bodies, for which the SDK has no model: people hand it a stream."""
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.onenote_page import OnenotePage

    request = RequestInformation(Method[verb], start.url_template, start.path_parameters)
    (kind,) = configuration.headers.get("Content-Type")
    configuration.headers.remove("Content-Type")
    request.configure(configuration)
    request.headers.try_add("Accept", "application/json")
    request.set_stream_content(text.encode(), kind)
    errors = {"XXX": ODataError}
    if verb == "POST":
        return await start.request_adapter.send_async(request, OnenotePage, errors)
    return await start.request_adapter.send_no_response_content_async(request, errors)


async def send(row):
    verb, _, address = row["request"].partition(" ")
    path, _, text = address.partition("?")
    start = builder(clients["app" if row["as"] == "app" else "user"], path)
    configuration = RequestConfiguration()
    seen = HeadersInspectionHandlerOption(inspect_response_headers=True)
    configuration.options = [seen]
    for line in filter(None, row["headers"].split("; ")):
        name, value = calls.fill(line).split(": ", 1)
        configuration.headers.add(name, value)
    parameters = query(start, calls.fill(text))
    if parameters:
        configuration.query_parameters = parameters
    method = getattr(start, verb.lower(), None)
    if method is None or configuration.headers.contains("Content-Type"):
        return plain(await content(start, verb, calls.fill(row["body"]), configuration))
    given = [body(method, calls.fill(row["body"]))] if row["body"] else []
    answer = await method(*given, request_configuration=configuration)
    headers = {name.lower(): ", ".join(values) for name, values in seen.response_headers.get_all().items()}
    return plain(answer), headers


def select(*names):
    """What a generated builder takes as `request_configuration`."""
    return RequestConfiguration(query_parameters=GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(select=list(names)))


async def pages(first):
    """The ids of all that the SDK's own iterator finds."""
    found = []
    await PageIterator(await first, graph.request_adapter).iterate(lambda each: found.append(each.id) or True)
    return found


async def batch(*requests, **depends):
    """The statuses by id; an item's address is below the version, as the service wants it."""
    content = BatchRequestContent()
    for number, request in enumerate(requests, 1):
        item = BatchRequestItem(request, str(number), depends.get(f"n{number}"))
        item.url = item.url.removeprefix(f"{ROOT}/v1.0")
        content.add_request(str(number), item)
    answer = await graph.batch.post(content)
    return {number: int(found.status) for number, found in answer.responses.items()}


async def evaluate(row):
    """A row of the SDK's own table is Python."""
    answer = eval(calls.fill(row["request"]), globals())  # noqa: S307
    return plain(await answer)


async def main():
    await calls.run("surface", send)
    await calls.run("msgraph_sdk", evaluate)


graph = client(calls.tokens["ada"])
clients = {"user": graph, "app": client(calls.tokens["app"])}
asyncio.run(main())
