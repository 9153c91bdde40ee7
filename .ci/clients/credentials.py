"""Gets tokens from a served simulator with MSAL and azure-identity, and calls with them."""

import os
import sys

import msal
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, DeviceCodeCredential, OnBehalfOfCredential

certificate = os.environ["CERTIFICATE"]
root, admin = os.environ["GRAPH_ROOT"], os.environ["GRAPH_ADMIN"]
tenant, app, secret = os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"]
DEFAULT = "https://graph.microsoft.com/.default"


def groups(token):
    """The status of a call with this token."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{root}/v1.0/groups", headers=headers, verify=certificate, timeout=60).status_code


def sign_in(code):
    """What a user does in a browser."""
    form = {"code": code, "user": "ada"}
    requests.post(f"{root}/devicelogin", data=form, verify=certificate, timeout=60).raise_for_status()


def check(name, answer):
    token = answer["access_token"] if isinstance(answer, dict) and "access_token" in answer else answer
    assert isinstance(token, str), f"{name}: {answer}"
    status = groups(token)
    assert status == 200, f"{name}: {status}"
    print(f"{name}: ok")


settings = {"authority": f"{root}/{tenant}", "instance_discovery": False, "verify": certificate}
service = msal.ConfidentialClientApplication(app, client_credential=secret, **settings)
check("msal, client credentials", service.acquire_token_for_client([DEFAULT]))

wrong = msal.ConfidentialClientApplication(app, client_credential="wrong", **settings)
refusal = wrong.acquire_token_for_client([DEFAULT])
assert refusal["error"] == "invalid_client" and refusal["error_codes"] == [7000215], refusal

device = msal.PublicClientApplication(app, **settings)
flow = device.initiate_device_flow(["Group.Read.All"])
sign_in(flow["user_code"])
check("msal, device code", device.acquire_token_by_device_flow(flow))
(account,) = device.get_accounts()
assert account["username"] == "ada@contoso.example", account
renewed = device.acquire_token_silent(["Group.Read.All"], account=account, force_refresh=True)
check("msal, refresh", renewed)

flow = device.initiate_device_flow([f"api://{app}/.default"])
sign_in(flow["user_code"])
assertion = device.acquire_token_by_device_flow(flow)["access_token"]
assert groups(assertion) == 401, "it is for the service, not for Graph"
check("msal, on behalf of", service.acquire_token_on_behalf_of(assertion, [DEFAULT]))

settings = {"authority": root, "disable_instance_discovery": True, "connection_verify": certificate}
credential = ClientSecretCredential(tenant, app, secret, **settings)
check("azure-identity, client secret", credential.get_token(DEFAULT).token)
credential = OnBehalfOfCredential(tenant, app, client_secret=secret, user_assertion=assertion, **settings)
check("azure-identity, on behalf of", credential.get_token(DEFAULT).token)
prompt = lambda address, code, expires: sign_in(code)  # noqa: E731
credential = DeviceCodeCredential(app, tenant_id=tenant, prompt_callback=prompt, **settings)
check("azure-identity, device code", credential.get_token("https://graph.microsoft.com/Group.Read.All").token)
try:
    ClientSecretCredential(tenant, app, "wrong", **settings).get_token(DEFAULT)
    sys.exit("a wrong secret was good")
except ClientAuthenticationError as error:
    assert "AADSTS7000215" in str(error), error

state = requests.get(f"{admin}/state", timeout=60).json()
assert state["violations"] == [], state["violations"]
