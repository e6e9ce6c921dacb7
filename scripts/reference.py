#!/usr/bin/env python3
"""Writes docs/reference: a page per resource kind, from the program's own tables.

  scripts/reference.py build/release/tenantry            writes the pages
  scripts/reference.py build/release/tenantry --check    exits 1 when they are stale
"""

import json
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "docs" / "reference"
HEAD = "<!-- Written by scripts/reference.py from the tables of the program. -->\n\n"


def type_of(attribute):
    """"string", "set of string", with what bounds it."""
    text = attribute["kind"]
    if "element" in attribute:
        text += " of " + attribute["element"]
    if attribute.get("format") == "file":
        text = "file"
    elif "format" in attribute:
        text += f" ({attribute['format']})"
    return text


def limits_of(attribute):
    """What the value must keep to, a phrase each."""
    phrases = []
    if "oneOf" in attribute:
        phrases.append("one of " + ", ".join(f"`{word}`" for word in attribute["oneOf"]))
    low, high = attribute.get("lengthMin"), attribute.get("lengthMax")
    if low and high:
        phrases.append(f"{low} to {high} characters")
    elif high:
        phrases.append(f"at most {high} characters")
    elif low:
        phrases.append(f"at least {low} character{'s' if low > 1 else ''}")
    if "itemsMax" in attribute:
        phrases.append(f"at most {attribute['itemsMax']} elements")
    if "minimum" in attribute:
        phrases.append(f"from {attribute['minimum']}")
    if "maximum" in attribute:
        phrases.append(f"to {attribute['maximum']}")
    if "file" in attribute:
        kinds = ", ".join(f"`{kind}`" for kind in attribute["file"]["contentTypes"])
        phrases.append(f"at most {attribute['file']['bytesMax']:,} bytes, {kinds}")
    if "refersTo" in attribute:
        phrases.append(f"a key of `{attribute['refersTo']}`, or the name or id of a live one")
    if "serverDefault" in attribute:
        phrases.append(f"default of the server: `{json.dumps(attribute['serverDefault'])}`")
    return "; ".join(phrases)


def change_of(attribute):
    if attribute["use"] == "computed":
        return "given by the server"
    if attribute["use"] == "meta":
        return "Tenantry's own"
    change = {"update": "updated in place", "replace": "**replaces the object**",
              "refuse": "**cannot change**"}[attribute["onChange"]]
    if "refusal" in attribute:
        change += ": " + attribute["refusal"]
    return change


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def rows(attributes, prefix=""):
    for attribute in attributes:
        name = prefix + attribute["name"]
        required = " (required)" if attribute["use"] == "required" else ""
        notes = [attribute.get("doc", "")]
        if attribute.get("sensitive"):
            notes.append("Secret: masked wherever it is shown.")
        if attribute.get("writeOnly"):
            notes.append("No read tells it: a change is noticed by its digest.")
        limits = limits_of(attribute)
        if limits:
            notes.append(limits[0].upper() + limits[1:] + ".")
        yield (f"| `{name}`{required} | {cell(type_of(attribute))} | "
               f"{cell(change_of(attribute))} | {cell(' '.join(n for n in notes if n))} |\n")
        yield from rows(attribute.get("fields", []), name + ("[]." if "element" in attribute else "."))


def heading(kind):
    return kind["section"] or "tenants"


def page(kind):
    text = HEAD + f"# {heading(kind)}\n\n{kind['doc']}\n\n"
    if kind["singleton"]:
        text += ("A tenant has exactly one: the attributes are written directly under "
                 f"`{kind['section']}`, and its address is `TENANT/{kind['section']}`.\n\n")
    elif kind["section"]:
        text += f"Address: `TENANT/{kind['section']}/KEY`. "
        if kind["naturalKey"]:
            text += ("An existing one is recognised by "
                     + " and ".join(f"`{name}`" for name in kind["naturalKey"]) + ".")
        text += "\n\n"
    for name in kind["exclusive"]:
        text += f"At most one of a tenant may have `{name}: true`.\n\n"
    text += f"Type in Terraform's plan representation: `{kind['type']}`.\n\n"
    blocks = sorted({a["block"] for a in kind["attributes"] if "block" in a})
    text += table([a for a in kind["attributes"] if "block" not in a])
    for block in blocks:
        text += f"\n## In the block `{block}`\n\n"
        text += table([a for a in kind["attributes"] if a.get("block") == block])
    return text


def table(attributes):
    return ("| attribute | type | when it changes | meaning |\n| --- | --- | --- | --- |\n"
            + "".join(rows(attributes)))


def index(kinds):
    text = HEAD + ("# Resource kinds\n\nAttributes have the names of the Qlik Cloud API. Every "
                   "resource may also have `lifecycle`, `dependsOn` and `when`: see "
                   "[the configuration](../configuration.md).\n\n")
    for kind in kinds:
        first = kind["doc"].split(". ")[0].rstrip(".")
        text += f"- [{heading(kind)}]({heading(kind)}.md): {first}.\n"
    return text


def main(arguments):
    if not 1 <= len(arguments) <= 2 or arguments[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    ended = subprocess.run([arguments[0], "schema", "--kinds"], check=True, capture_output=True)
    kinds = json.loads(ended.stdout)
    pages = {f"{heading(kind)}.md": page(kind) for kind in kinds}
    pages["README.md"] = index(kinds)
    if "--check" not in arguments:
        FOLDER.mkdir(exist_ok=True)
        for name, text in pages.items():
            (FOLDER / name).write_text(text)
        return
    there = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in pages.keys() | there.keys()
                   if pages.get(name) != there.get(name))
    if stale:
        sys.exit("stale pages in docs/reference: " + ", ".join(stale)
                 + "\nrun scripts/reference.py BUILD/tenantry")


if __name__ == "__main__":
    main(sys.argv[1:])
