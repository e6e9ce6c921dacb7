// Validates YAML files against a JSON Schema, as strictly as the validator can be told to read it.
//
//   node validate.mjs SCHEMA FILE...
//
// Prints {FILE: [error...]}; a file that the YAML reader refuses has the errors ["not YAML: ..."].
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { parseDocument } from "yaml";

const [schema, ...files] = process.argv.slice(2);
// Every keyword must be known and apply to a type that is said; a mistake in the schema is an error.
const ajv = new Ajv({ strict: true, allErrors: true, validateSchema: true });
const validate = ajv.compile(JSON.parse(readFileSync(schema, "utf8")));

function errors(file) {
  const document = parseDocument(readFileSync(file, "utf8"));
  if (document.errors.length > 0) return [`not YAML: ${document.errors[0].message}`];
  let value;
  try {
    value = document.toJS();  // fails where aliases would make it endless
  } catch (error) {
    return [`not YAML: ${error.message}`];
  }
  if (validate(value)) return [];
  return validate.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}

console.log(JSON.stringify(Object.fromEntries(files.map((file) => [file, errors(file)]))));
