"""A configuration with every kind and every attribute, made from the program's own tables.

Each attribute has a first and a second value, so that it can be changed. What the table of an
attribute tells (a boolean, one of a list, a format) is generated; what it does not is in VALUES. A
new attribute whose values cannot be generated fails here, by name.
"""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from assets import ico, png, project  # noqa: E402
from support import CLIENT_ID, binary, configuration  # noqa: E402

_ARN = "arn:aws:kms:eu-west-1:123456789012:key/mrk-{:032x}"
_RSA = {"kid": "rsa", "kty": "RSA", "use": "sig", "alg": "RS256", "n": "sXch", "e": "AQAB"}
_EC = {"kid": "ec", "kty": "EC", "use": "sig", "alg": "ES384", "crv": "P-384", "x": "gI0G",
       "y": "SLpn"}

# By attribute ("section.name", "tenant.name"), where the table does not tell what is accepted.
VALUES = {
    "oauthClients.rotateSecretAfterDays": (90, None),
    "oauthClients.retireOldSecretAfterDays": (7, None),
    "tenant.name": ("Acme", "Acme Analytics"),
    "tenant.alias": ("acme-contract", "acme-contract-two"),
    "tenant.datacenter": ("eu-west-1", None),
    "tenant.licenseKey": ("${var.licenseKey}", "${var.licenseKey}"),
    "roles.assignedScopes": (["automations"], ["automations", "apps.data:write"]),
    "groups.assignedRoles": (["author", "Steward"], ["author", "DataAdmin"]),
    "oauthClients.clientUri": ("https://app.example", "https://app.example/home"),
    "oauthClients.logoUri": ("https://app.example/logo.png", "https://app.example/sign.png"),
    "oauthClients.redirectUris": (["https://app.example/back"],
                                  ["https://app.example/back", "https://app.example/second"]),
    "oauthClients.allowedOrigins": (["https://app.example"], ["https://other.example"]),
    "oauthClients.allowedScopes": (["user_default"], ["user_default", "admin_classic"]),
    "oauthClients.publicKeys": ([_RSA], [_RSA, _EC]),
    "oauthClients.jwksUri": ("https://app.example/keys", "https://app.example/jwks"),
    "oauthClients.allowedGrantTypes": (
        ["client_credentials"], ["client_credentials", "urn:qlik:oauth:user-impersonation"]),
    "oauthClients.allowedAuthMethods": (["client_secret"], ["client_secret", "private_key_jwt"]),
    "keyProviders.keyprovider": ("AWS-KMS", None),
    "keyProviders.arn": (_ARN.format(1), _ARN.format(2)),
    "keyProviders.current": (True, False),
    "spaces.type": ("shared", "managed"),
    "spaces.assignments": (
        [{"type": "group", "assigneeId": "own", "roles": ["consumer"]}],
        [{"type": "group", "assigneeId": "own", "roles": ["consumer", "facilitator"]}]),
    "diProjects.space": ("pipelines", None),
    "diProjects.platformConnection": ("7f3a0f6e-0d51-4f5c-9a39-6a2a0c7a1a11", None),
    "diProjects.cloudStagingConnection": ("7f3a0f6e-0d51-4f5c-9a39-6a2a0c7a1a12", None),
    "diProjects.bindings": ({"targetSchema": "acme_dw"}, {"targetSchema": "acme_mart"}),
    "diProjects.afterImport": (
        {"stop": ["landing"], "prepare": True, "start": ["landing"]}, None),
    "brands.active": (True, False),
}

# Resources of each section by key: what is fixed for one, and what it leaves out (None). The first
# one of a section has all attributes.
# Of a client without a secret.
_NO_ROTATION = {"rotateSecretAfterDays": None, "retireOldSecretAfterDays": None}

RESOURCES = {
    "roles": {"author": {}, "base": {"name": "UserDefault", "description": None}},
    "groups": {
        "own": {"providerType": "custom"},
        "theirs": {"name": "Their group", "providerType": "idp", "description": None},
        "everyone": {"name": "com.qlik.Everyone", "providerType": None, "description": None,
                     "assignedRoles": {"$contains": ["Steward"]}},
    },
    "webIntegrations": {"portal": {}},
    "oauthClients": {
        "server": {"appType": "web", "allowedOrigins": None, "jwksUri": None},
        "keyed": {"appType": "web", "clientName": "Keyed", "allowedOrigins": None,
                  "allowedAuthMethods": ["private_key_jwt"], "publicKeys": None,
                  "deliverSecret": None, **_NO_ROTATION},
        "page": {"appType": "spa", "clientName": "Page", "allowedGrantTypes": None,
                 "allowedAuthMethods": None, "publicKeys": None, "jwksUri": None,
                 "deliverSecret": None, **_NO_ROTATION},
        "phone": {"appType": "native", "clientName": "Phone", "allowedGrantTypes": None,
                  "allowedOrigins": None, "allowedAuthMethods": None, "publicKeys": None,
                  "jwksUri": None, "deliverSecret": None, **_NO_ROTATION, "connectionConfig": None},
        "anonymous": {"appType": "anonymous-embed", "clientName": "Anonymous",
                      "allowedGrantTypes": None, "allowedOrigins": None,
                      "allowedAuthMethods": None, "publicKeys": None, "jwksUri": None,
                      "redirectUris": None, "deliverSecret": None, **_NO_ROTATION,
                      "connectionConfig": None},
    },
    "brands": {"house": {}, "plain": {"name": "Plain", "description": None, "logo": None,
                                      "favIcon": None, "styles": None, "active": False}},
    "keyProviders": {"cmk": {}, "spare": {"name": "Spare", "arn": _ARN.format(3),
                                          "description": None, "current": None}},
    "spaces": {
        "team": {},
        "stage": {"name": "Stage", "type": "managed", "assignments": [
            {"type": "group", "assigneeId": "own", "roles": ["publisher"]}]},
        "pipelines": {"name": "Pipelines", "type": "data", "description": None, "assignments": [
            {"type": "group", "assigneeId": "own", "roles": ["producer"]}]},
    },
    "diProjects": {
        "sales": {},
        "mover": {"name": "Mover", "type": "DATA_MOVEMENT", "description": None,
                  "platformType": None, "platformConnection": None,
                  "cloudStagingConnection": None, "package": None, "bindings": None,
                  "afterImport": None},
    },
}

FILES = {"image/png": "png", "image/x-icon": "ico", "application/json": "json",
         "application/zip": "zip"}


def kinds():
    """The tables of the program, by section; the tenant's is called "tenant"."""
    told = subprocess.run([binary(), "schema", "--kinds"], check=True, capture_output=True)
    return {kind["section"] or "tenant": kind for kind in json.loads(told.stdout)}


def values_of(section, attribute):
    """The first and the second value of an attribute; None where it cannot change."""
    name = f"{section}.{attribute['name']}"
    if name in VALUES:
        return VALUES[name]
    if attribute["name"] == "deliverSecret":
        return {"file": "secrets/server.json"}, None
    if attribute["kind"] == "boolean":
        return not attribute.get("serverDefault", False), attribute.get("serverDefault", False)
    if attribute["kind"] == "object":
        fields = {f["name"]: values_of(name, f) for f in attribute["fields"]}
        return tuple({n: pair[i] for n, pair in fields.items()} for i in (0, 1))
    if attribute["kind"] in ("set", "list") and attribute.get("format") == "origin":
        return ["https://one.example"], ["https://one.example", "https://two.example:8443"]
    if attribute["kind"] != "string":
        raise AssertionError(f"{name}: VALUES says no values of this {attribute['kind']}")
    if attribute.get("oneOf"):
        default = attribute.get("serverDefault")
        first, second = sorted(attribute["oneOf"], key=lambda value: value == default)[:2]
        return first, second
    if attribute.get("format") == "file":
        suffix = FILES[attribute["file"]["contentTypes"][0]]
        return tuple(f"assets/{attribute['name']}-{n}.{suffix}" for n in ("one", "two"))
    if attribute.get("format") == "url":
        return "https://one.example/", "https://two.example/"
    if attribute.get("format"):
        raise AssertionError(f"{name}: no values of the format {attribute['format']}")
    return f"First {attribute['name']}", f"Second {attribute['name']}"


def write_assets(workspace):
    """The files that the configuration names: each file attribute has two."""
    folder = workspace.path / "assets"
    folder.mkdir(exist_ok=True)
    for shade, n in ((1, "one"), (2, "two")):
        (folder / f"logo-{n}.png").write_bytes(png(shade))
        (folder / f"favIcon-{n}.ico").write_bytes(ico(shade))
        (folder / f"styles-{n}.json").write_text(json.dumps({"shade": shade}))
    project(folder / "package-one.zip")
    project(folder / "package-two.zip", tasks=("landing", "mart"))


def resource(kind, fixed):
    section = kind["section"]
    out = {}
    for attribute in kind["attributes"]:
        name = attribute["name"]
        value = fixed[name] if name in fixed else values_of(section, attribute)[0]
        if value is not None:
            out[name] = value
    return out


def everything():
    """The tenant with all sections, each attribute at its first value."""
    tables = kinds()
    out = {"region": "eu", "settings": {}}
    for attribute in tables.pop("tenant")["attributes"]:
        value, _ = values_of("tenant", attribute)
        place = out["settings"] if attribute.get("block") == "settings" else out
        place[attribute["name"]] = value
    for section, kind in tables.items():
        if kind["singleton"]:
            out[section] = resource(kind, {})
        else:
            out[section] = {key: resource(kind, fixed)
                            for key, fixed in RESOURCES[section].items()}
    return out


def configured(emulator, tenant, **sections):
    """The configuration of that tenant; an organization client comes with it."""
    return configuration(emulator, {"acme": tenant}, organization=True, **sections)


__all__ = ["CLIENT_ID", "configured", "everything", "kinds", "values_of", "write_assets"]
