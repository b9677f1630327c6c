"""The signed statement of a delivery, checked as a stranger would: by the public keys alone, with two libraries.

Reads an article by a partner's key, verifies `attribution.attestation` with PyJWT and jwcrypto from the JWKS, holds its
claims against the answer, changes each single claim, the header and the signature, and asks POST
/v1/attestations/verify about every one of them. At the end the article is withdrawn: the statement reports revoked.

Run it under with_demo.sh, with `pyjwt[crypto]` and `jwcrypto` installed (`just tools`).
"""

import base64
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request

import jwt
from jwcrypto import jwk, jws

BASE = os.environ["MASTHEAD_BASE_URL"]
READY = json.load(open(os.environ["MASTHEAD_READY_FILE"], encoding="utf-8"))
TYPE = "masthead-attestation+jwt"
checks, failed = 0, 0


def call(path, key=None, body=None, token=None):
    headers = {"Accept": "application/json"}
    if key:
        headers["X-Api-Key"] = key
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def check(what, good, shown=""):
    global checks, failed
    checks += 1
    failed += not good
    print(f"{'ok  ' if good else 'FAIL'}  {what}" + ("" if good else f"  {shown}"))


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(token, **more):
    status, answer = call("/v1/attestations/verify", body={"attestation": token} | more)
    return answer if status == 200 else {"status": f"HTTP {status}", "tampered_fields": [], "answer": answer}


def by_pyjwt(token, keys):
    """The claims, if the token verifies; as a library's user would do it, `typ` included."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != TYPE:
            return None
        key = next(jwt.PyJWK(key) for key in keys if key["kid"] == header.get("kid"))
        return jwt.decode(token, key.key, algorithms=["EdDSA"], options={"require": ["exp", "iat", "iss", "sub", "jti"]})
    except (jwt.InvalidTokenError, StopIteration, ValueError, UnicodeError):
        return None


def by_jwcrypto(token, keys):
    try:
        read = jws.JWS()
        read.deserialize(token)
        if read.jose_header.get("typ") != TYPE:
            return None
        key = next(key for key in keys if key["kid"] == read.jose_header.get("kid"))
        read.verify(jwk.JWK(**key), alg="EdDSA")
        return json.loads(read.payload)
    except (jws.InvalidJWSObject, jws.InvalidJWSSignature, StopIteration, ValueError, KeyError):
        return None


def changed(value):
    return value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1:] != "0" else "1")


def main():
    _, jwks = call("/.well-known/jwks.json")
    keys = jwks["keys"]
    check("the JWKS holds no private part", all("d" not in key for key in keys))
    for name in ("partner_full", "partner_excerpt"):
        key = READY["keys"][name]
        status, page = call("/v1/articles?limit=1&sort=published_at", key)
        check(f"{name}: something is licensed", status == 200 and len(page["data"]) == 1, page)
        article = page["data"][0]["id"]
        for form in ("html", "text", "markdown", "blocks"):
            _, work = call(f"/v1/articles/{article}?body_format={form}", key)
            token = work["attribution"]["attestation"]
            claims = by_pyjwt(token, keys)
            check(f"{name}, {form}: PyJWT verifies it", claims is not None)
            check(f"{name}, {form}: jwcrypto verifies it", by_jwcrypto(token, keys) == claims)
            if form == "blocks":
                body = json.dumps(work["body"]["value"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            else:
                body = work["body"]["value"]
            digest = "sha-256=" + hashlib.sha256(body.encode()).hexdigest()
            usage = work["attribution"]["usage"]
            check(f"{name}, {form}: it binds partner, licence, version, credit and the body as it came", claims is not None and all([
                claims["content_digest"] == digest, claims["digest"] == work["body"]["digest"],
                claims["licence"] == usage["licence_id"], claims["article"] == article,
                claims["version"] == work["version"], claims["extent"] == usage["extent"], claims["format"] == form,
                claims["credit_line"] == work["attribution"]["credit_line"], claims["sub"].startswith("ptn_"),
                "aud" not in claims,
            ]), claims)
            _, again = call(f"/v1/articles/{article}?body_format={form}", key)
            check(f"{name}, {form}: the same one is given again", again["attribution"]["attestation"] == token)
        check(f"{name}: the server finds it valid", verify(token)["status"] == "valid", verify(token))

    header, payload, signature = token.split(".")
    claims = json.loads(raw(payload))
    check("its payload is canonical JSON", raw(payload) == json.dumps(
        claims, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    check("it holds strings and integers only", all(type(value) in (str, int) for value in claims.values()))
    for name in sorted(claims):
        forged = f"{header}.{part(claims | {name: changed(claims[name])})}.{signature}"
        check(f"{name} changed: neither library takes it", by_pyjwt(forged, keys) is None and by_jwcrypto(forged, keys) is None)
        answer = verify(forged)
        expected = [] if name == "jti" else [name]
        check(f"{name} changed: tampered, and named", answer["status"] == "tampered" and answer["tampered_fields"] == expected, answer)
    added = f"{header}.{part(claims | {'aud': 'somebody'})}.{signature}"
    check("a claim added: tampered, and named", verify(added)["tampered_fields"] == ["aud"], verify(added))
    without = {name: value for name, value in claims.items() if name != "credit_line"}
    check("a claim left out: tampered, and named",
          verify(f"{header}.{part(without)}.{signature}")["tampered_fields"] == ["credit_line"])
    head = json.loads(raw(header))
    for name, value in (("typ", "at+jwt"), ("alg", "none"), ("kid", "nobody's")):
        forged = f"{part(head | {name: value})}.{payload}.{signature}"
        check(f"{name} in the header changed: refused by all",
              by_pyjwt(forged, keys) is None and by_jwcrypto(forged, keys) is None and verify(forged)["status"] == "tampered")
    broken = bytearray(raw(signature))
    broken[7] ^= 1
    forged = f"{header}.{payload}.{part(bytes(broken))}"
    check("a bit of the signature flipped: refused by all",
          by_pyjwt(forged, keys) is None and by_jwcrypto(forged, keys) is None and verify(forged)["status"] == "tampered")
    for garbage in ("", ".", "..", "a.b.c", "e30.e30.e30", "\u202e", "\0", token + ".x", "A" * 8193, "\0" * 100_000):
        answer = verify(garbage)
        check(f"{garbage[:12]!r}, {len(garbage)} characters: tampered, nothing named",
              answer == {"status": "tampered", "tampered_fields": []}, answer)
    check("its credit as printed is compared after NFKC",
          verify(token, credit_line=claims["credit_line"].replace("：", ":")).get("credit_matches") is True)
    check("another credit does not match", verify(token, credit_line="Source: somebody else").get("credit_matches") is False)

    admin = READY["admin"]
    _, signed_in = call("/v1/auth/login", body=admin)
    access = signed_in["access_token"]
    check("an access token is no attestation", verify(access)["status"] == "tampered")
    status, _ = call("/v1/me", token=token)
    check("an attestation is no access token", status == 401)
    status, _ = call(f"/v1/articles/{claims['article']}/withdraw", token=access,
                     body={"reason_class": "editorial", "reason": "Taken back to see what its attestation says."})
    check("the article is withdrawn: its attestation is revoked", status == 200 and verify(token)["status"] == "revoked", verify(token))
    check("offline it still verifies: revocation is the server's to tell", by_pyjwt(token, keys) is not None)
    print(f"attestation: {checks} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
