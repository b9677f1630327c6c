"""Every article of the demo in every form that others read, held against what those forms allow.

    formats.py NINJS_SCHEMA

ninjs is validated with formats on, by the schema file that is named: our own statement of version 3.1, or the official one of
the IPTC; JSON-LD is expanded, and every type and property must be one that schema.org has; feeds are read by feedparser without a
complaint, Atom is held against its grammar (RELAX NG), and every entry of every feed carries its credit line. As the desk, so that
every stage is among them, and as each reader.

Run it under with_demo.sh, with feedparser, jsonschema[format-nongpl], lxml, pyld and rdflib installed (`just tools`).
"""

import json
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import feedparser
import jsonschema
from lxml import etree
from pyld import jsonld
from rdflib.namespace import SDO
from referencing import Registry
from referencing.jsonschema import DRAFT202012

OPS = pathlib.Path(__file__).resolve().parent
BASE = os.environ["MASTHEAD_BASE_URL"]
READY = json.loads(pathlib.Path(os.environ["MASTHEAD_READY_FILE"]).read_text(encoding="utf-8"))
VOCABULARY = "https://schema.org/"
# And one that schema.org has had since its version 29, which rdflib's list is older than.
TERMS = {f"{VOCABULARY}{name}" for name in [*SDO.__annotations__, "digitalSourceType"]}
checks, failed = 0, 0


def call(path, headers=None, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(BASE + path, data=data, headers={"Content-Type": "application/json"} | (headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def check(what, faults):
    global checks, failed
    checks += 1
    if faults:
        failed += 1
        print(f"FAIL  {what}: {faults}")


def readers():
    login = {"email": os.environ["MASTHEAD_ADMIN_EMAIL"], "password": os.environ["MASTHEAD_ADMIN_PASSWORD"]}
    token = json.loads(call("/v1/auth/login", body=login)[1])["access_token"]
    keys = {name: {"X-Api-Key": key} for name, key in READY["keys"].items() if isinstance(key, str)}
    return {"desk": {"Authorization": f"Bearer {token}"}, "public": {}, "crawler": {"User-Agent": "GPTBot/1.2"}} | keys


def ninjs_validator():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(f"formats: ninjs by {schema.get('$id') or schema['title']}")
    # The one schema that the official one refers to; no article here has a shape on the map.
    anything = DRAFT202012.create_resource({})
    registry = Registry().with_resource("https://geojson.org/schema/GeoJSON.json", anything)
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    missing = {"date-time", "uri"} - set(formats.checkers)
    if missing:
        sys.exit(f"formats: jsonschema cannot check {missing}; install jsonschema[format-nongpl]")
    return jsonschema.Draft202012Validator(schema, registry=registry, format_checker=formats)


def context(url, _options):
    if url.rstrip("/") != "https://schema.org":
        raise ValueError(f"{url} is not the context that is promised")
    return {"documentUrl": url, "contextUrl": None, "contentType": "application/ld+json", "document": {"@context": {"@vocab": VOCABULARY}}}


def strangers(node):
    """What of an expanded document schema.org does not have."""
    if isinstance(node, list):
        return [found for one in node for found in strangers(one)]
    if not isinstance(node, dict):
        return []
    found = []
    for name, value in node.items():
        if name == "@type":
            found += [one for one in value if one not in TERMS]
        elif not name.startswith("@"):
            found += [name] if name not in TERMS else []
            found += strangers(value)
    return found


def articles(all_readers, validator):
    stages = set()
    for listed in READY["articles"]:
        for name, headers in all_readers.items():
            path = f"/v1/articles/{listed['id']}"
            status, body = call(path, headers)
            if status != 200:
                continue
            credit = json.loads(body)["attribution"]
            what = f"{listed['id']} ({listed['stage']}) as {name}"
            status, text = call(f"{path}/representations/ninjs", headers)
            if status == 403:
                continue
            stages.add(listed["stage"])
            item = json.loads(text)
            check(f"ninjs of {what}", [error.message[:200] for error in validator.iter_errors(item)])
            lines = [one["value"] for one in item["descriptions"] if one["role"] == "creditline"]
            check(f"credit in ninjs of {what}", lines != ([credit["credit_line"]] if credit["credit_line"] else []) and lines)
            work = json.loads(call(f"{path}/representations/jsonld", headers)[1])
            expanded = jsonld.expand(work, {"documentLoader": context})
            check(f"JSON-LD of {what}", strangers(expanded) or (len(expanded) != 1 and expanded))
            check(f"credit in JSON-LD of {what}", work.get("creditText", "") != credit["credit_line"])
    return stages


def feeds(all_readers):
    grammar = etree.RelaxNG(etree.parse(OPS / "atom.rng"))
    some = next(one["id"] for one in READY["articles"] if one["stage"] == "published")
    work = json.loads(call(f"/v1/articles/{some}", all_readers["desk"])[1])
    topics = ["site", f"sections/{work['section']['slug']}", f"authors/{work['contributors'][0]['author_id']}"]
    topics += [f"tags/{urllib.parse.quote(tag)}" for tag in work["tags"][:1]]
    entries = 0
    for name, headers in all_readers.items():
        for topic in topics:
            what = f"{topic} as {name}"
            found = {form: call(f"/v1/feeds/{topic}.{form}", headers)[1] for form in ("rss", "atom", "json")}
            plain = json.loads(found["json"])
            for form in ("rss", "atom"):
                read = feedparser.parse(found[form])
                check(f"{form} of {what}", read.bozo and str(read.bozo_exception))
                check(f"{form} of {what} beside JSON", [one.id for one in read.entries] != [one["id"] for one in plain["items"]])
                for entry, item in zip(read.entries, plain["items"]):
                    line = item["_masthead"]["credit_line"]
                    texts = [entry.summary, *[content.value for content in entry.get("content", [])]]
                    check(f"credit in {form} of {what}", [text[-300:] for text in texts if line not in text])
                    entries += 1
            document = etree.fromstring(found["atom"])
            check(f"atom of {what} by its grammar", not grammar.validate(document) and str(grammar.error_log.last_error))
    return entries


def main():
    all_readers = readers()
    stages = articles(all_readers, ninjs_validator())
    entries = feeds(all_readers)
    print(f"formats: {checks} checks, {failed} failed; {len(READY['articles'])} articles in {', '.join(sorted(stages))}; {entries} entries; readers: {', '.join(all_readers)}")
    if not stages or not entries or failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
