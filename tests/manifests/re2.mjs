// gitlab-ci-local's engine for regular expressions is a native module, which is not compiled here (npm ci
// --ignore-scripts); those of JavaScript understand the patterns of our file just as well.
import { register } from "node:module";

register("data:text/javascript," + encodeURIComponent(`
  export async function resolve(name, context, next) {
    if (name !== "re2") return next(name, context);
    return { url: "data:text/javascript,export default RegExp", shortCircuit: true };
  }`));
