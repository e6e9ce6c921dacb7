// Renders a comment as a code host does, and tells what text of others became in it.
//
//   node markdown.mjs FILE
//
// Prints {"elements": {name: count}, "attributes": [text...], "references": [text...]}: references are
// mentions and numbers of issues that a host would link, which it does not inside of code.
import { readFileSync } from "node:fs";
import MarkdownIt from "markdown-it";

const html = new MarkdownIt({ html: true, linkify: true }).render(
  readFileSync(process.argv[2], "utf8"));
const elements = {};
const attributes = new Set();
const references = [];
const open = [];
for (const [piece, tag] of html.matchAll(/<!--[\s\S]*?-->|(<[^>]*>)|[^<]+/g)) {
  const [, closes, name, rest] = tag?.match(/^<(\/?)([A-Za-z][A-Za-z0-9]*)([\s\S]*?)\/?>$/) ?? [];
  if (name === undefined) {
    const inCode = open.includes("code") || open.includes("pre");
    if (!piece.startsWith("<!--") && !inCode) {
      references.push(...(piece.match(/@\w+|#\d+|https?:\S+/g) ?? []));
    }
  } else if (closes) {
    open.splice(open.lastIndexOf(name), 1);
  } else {
    elements[name] = (elements[name] ?? 0) + 1;
    if (rest.trim()) attributes.add(`${name} ${rest.trim()}`);
    if (!["br", "hr", "img", "input"].includes(name)) open.push(name);
  }
}
console.log(JSON.stringify({ elements, attributes: [...attributes], references, open }));
