"""Signs in for schemathesis. An access token lives 15 minutes and a run may take longer: it is renewed every 5."""

import json
import os
import urllib.request

import schemathesis

READER = os.environ["MASTHEAD_SCHEMATHESIS_READER"]
ADMIN = set()  # ids of the account that this run signs in with


@schemathesis.hook
def before_call(context, case, kwargs):
    """An admin may give itself another password or address, and then this run could not sign in again: requests that
    would change that very account go to one that is not there."""
    if case.method.upper() in ("PATCH", "DELETE") and (case.path_parameters or {}).get("id") in ADMIN:
        case.path_parameters["id"] = "usr_01900000000070008000000000000000"


if READER == "desk":

    @schemathesis.auth(refresh_interval=300)
    class Desk:
        def get(self, case, ctx):
            body = {"email": os.environ["MASTHEAD_ADMIN_EMAIL"], "password": os.environ["MASTHEAD_ADMIN_PASSWORD"]}
            request = urllib.request.Request(
                os.environ["MASTHEAD_BASE_URL"] + "/v1/auth/login",
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=20) as response:
                token = json.load(response)["access_token"]
            me = urllib.request.Request(
                os.environ["MASTHEAD_BASE_URL"] + "/v1/me", headers={"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(me, timeout=20) as response:
                me = json.load(response)
                ADMIN.add(me.get("user", me)["id"])
            return token

        def set(self, case, data, ctx):
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

elif READER == "web":

    @schemathesis.auth()
    class Web:
        def get(self, case, ctx):
            return os.environ["MASTHEAD_WEB_KEY"]

        def set(self, case, data, ctx):
            case.headers = {**(case.headers or {}), "X-Api-Key": data}

elif READER != "public":
    raise SystemExit(f"no such reader: {READER}")
