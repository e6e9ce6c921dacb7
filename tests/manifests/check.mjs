// Checks one manifest against the schema of the system that runs it, and tells the commands in it.
//
//   node check.mjs kubernetes|github|gitlab FILE
//
// Prints {"errors": [text...], "runners": N, "commands": [text...], "environment": {name: value}}; of
// pipelines also the "document" itself.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { parseAllDocuments } from "yaml";

// @actions/workflow-parser imports its schema without saying that it is JSON, which Node asks for.
register("data:text/javascript," + encodeURIComponent(`
  import { readFileSync } from "node:fs";
  export async function load(url, context, next) {
    if (!url.endsWith(".json")) return next(url, context);
    return { format: "json", shortCircuit: true, source: readFileSync(new URL(url)) };
  }`));

function documents(text) {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

// The schemas allow members that they do not name; Kubernetes drops or refuses them. A member that
// the validator never looked at is one that no schema names.
function watched(value, pointer, unread) {
  if (value === null || typeof value !== "object") return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] = watched(member, `${pointer}/${name}`, unread);
    if (!Array.isArray(value)) unread.add(`${pointer}/${name}`);
  }
  return new Proxy(copy, {
    get(target, name) {
      unread.delete(`${pointer}/${String(name)}`);
      return target[name];
    },
    ownKeys(target) {
      // Labels and the like: any name will do.
      for (const name of Object.keys(target)) unread.delete(`${pointer}/${name}`);
      return Reflect.ownKeys(target);
    },
  });
}

async function kubernetes(text) {
  const errors = [];
  let job;
  for (const document of documents(text)) {
    const models = await import(`kubernetes-models/${document.apiVersion}`);
    const Model = models[document.kind];
    if (Model === undefined) {
      errors.push(`there is no ${document.apiVersion} ${document.kind}`);
      continue;
    }
    try {
      new Model(document).validate();
    } catch (error) {
      errors.push(error.message);
    }
    const schema = document.apiVersion.split("/").map(capital).join("") + document.kind;
    const { validate } = await import(`kubernetes-models/_schemas/IoK8sApi${schema}`);
    const unread = new Set();
    validate(watched(document, "", unread));
    for (const pointer of unread) errors.push(`${pointer} is unknown`);
    if (document.kind === "Job") job = document;
  }
  const container = job.spec.template.spec.containers[0];
  const environment = Object.fromEntries(
    container.env.filter((entry) => "value" in entry).map(({ name, value }) => [name, value]));
  return { errors, runners: job.spec.completions, environment,
           commands: [[...container.command, ...container.args].join(" ")] };
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

async function github(text) {
  const { parseWorkflow, NoOperationTraceWriter } = await import("@actions/workflow-parser");
  const parsed = parseWorkflow({ name: "workflow.yml", content: text }, new NoOperationTraceWriter());
  const errors = parsed.context.errors.getErrors().map((error) => error.message);
  const [{ jobs }] = documents(text);
  const commands = Object.values(jobs)
    .flatMap((job) => job.steps.filter((step) => "run" in step).map((step) => step.run));
  return { errors, runners: jobs.apply?.strategy?.matrix.shard.length, environment: {}, commands,
           document: documents(text)[0] };
}

async function gitlab(text) {
  const { default: Ajv } = await import("ajv");
  const { default: schema } = await import("gitlab-ci-local/src/schema/index.js");
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, validateFormats: false,
                        strictTypes: false, keywords: ["markdownDescription"] });
  const validate = ajv.compile(schema);
  const [pipeline] = documents(text);
  validate(pipeline);
  const errors = (validate.errors ?? []).map((e) =>
    `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  const jobs = Object.values(pipeline).filter((job) => job?.script !== undefined);
  return { errors, runners: pipeline.apply.parallel, environment: {},
           commands: jobs.flatMap((job) => [...job.script, ...(job.after_script ?? [])]),
           document: pipeline };
}

const [system, file] = process.argv.slice(2);
const check = { kubernetes, github, gitlab }[system];
console.log(JSON.stringify(await check(readFileSync(file, "utf8")), null, 2));
