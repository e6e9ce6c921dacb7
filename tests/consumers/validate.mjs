// Validates JSON values, one a line on standard input, against a JSON Schema.
//
//   node validate.mjs SCHEMA [--closed]
//
// With --closed a member that the schema does not name is an error, although whoever uses the schema
// has to accept it. Prints the errors of all values, one a line: "LINE /pointer message".
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv from "ajv";
import addFormats from "ajv-formats";

function closed(schema) {
  if (schema === null || typeof schema !== "object") return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if (copy.type === "object" && copy.properties && !("additionalProperties" in copy)) {
    copy.additionalProperties = false;
  }
  return copy;
}

const [file, mode] = process.argv.slice(2);
const schema = JSON.parse(readFileSync(file, "utf8"));
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, discriminator: true });
addFormats(ajv);
const validate = ajv.compile(mode === "--closed" ? closed(schema) : schema);
let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  ++number;
  if (validate(JSON.parse(line))) continue;
  for (const { instancePath, message, params } of validate.errors) {
    console.log(`${number} ${instancePath || "/"} ${message} ${JSON.stringify(params)}`);
  }
}
