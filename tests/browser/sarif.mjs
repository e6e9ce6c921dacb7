// Checks a SARIF log against the official schema.
//
//   node sarif.mjs FILE
//
// Prints what is wrong, as a JSON list.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv-draft-04";

const require = createRequire(import.meta.url);
const folder = require.resolve("@microsoft/jest-sarif/package.json").replace("package.json", "");
const schema = JSON.parse(readFileSync(`${folder}lib/schemas/sarif-2.1.0-rtm.5.json`, "utf8"));
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false });
const validate = ajv.compile(schema);
validate(JSON.parse(readFileSync(process.argv[2], "utf8")));
console.log(JSON.stringify((validate.errors ?? []).map((error) =>
  `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)));
