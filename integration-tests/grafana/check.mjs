// Checks the dashboard against the types of dashboard.ts. Argument: the dashboard's file.
import fs from 'node:fs';
import { Ajv } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';

const generator = createGenerator({
  path: 'dashboard.ts',
  type: 'Dashboard',
  expose: 'none', // Each kind of panel has a type with the name Options.
  topRef: false,
  skipTypeCheck: true,
  additionalProperties: false,
});
const matches = new Ajv({ allErrors: true, strict: false }).compile(generator.createSchema('Dashboard'));
const dashboard = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

if (!matches(dashboard)) {
  // A panel matches one type of several: the errors of the types with another value of `type` say nothing.
  const panelAndBranch = (error) =>
    `${error.instancePath.match(/^\/panels\/\d+/)} ${error.schemaPath.match(/panels\/items\/anyOf\/\d+/)}`;
  const otherTypes = new Set(
    matches.errors.filter((error) => /^\/panels\/\d+\/type$/.test(error.instancePath)).map(panelAndBranch),
  );
  for (const error of matches.errors.filter((error) => !otherTypes.has(panelAndBranch(error)))) {
    console.error(`${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
  }
  process.exit(1);
}

// The check finds what it should: each of these changes makes the dashboard invalid.
const panel = (copy, type) => copy.panels.find((one) => one.type === type);
const mistakes = {
  'an unknown key': (copy) => (copy.graphToltip = 1),
  'an unknown kind of panel': (copy) => (panel(copy, 'stat').type = 'stats'),
  'an unknown option of a panel': (copy) => (panel(copy, 'timeseries').options.x = 1),
  'a wrong option of a panel': (copy) => (panel(copy, 'stat').options.colorMode = 'back'),
  'a wrong style': (copy) => (panel(copy, 'timeseries').fieldConfig.defaults.custom.drawStyle = 'lin'),
  'a missing refId': (copy) => delete panel(copy, 'stat').targets[0].refId,
  'a wrong kind of variable': (copy) => (copy.templating.list[0].type = 'source'),
};
for (const [mistake, make] of Object.entries(mistakes)) {
  const copy = structuredClone(dashboard);
  make(copy);
  if (matches(copy)) {
    console.error(`The check does not find ${mistake}.`);
    process.exit(1);
  }
}
console.log(`The dashboard with ${dashboard.panels.length} panels is valid.`);
