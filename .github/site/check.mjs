// Fails if a link or an image of the built site is broken: a page or a file that does not exist, or a heading that a page lacks.
// usage: node check.mjs DIST BASE
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [dist, base] = process.argv.slice(2);
const pages = readdirSync(dist).filter((file) => file.endsWith(".html"));
const html = new Map(pages.map((page) => [page, readFileSync(join(dist, page), "utf8")]));
const ids = new Map([...html].map(([page, text]) => [page, new Set([...text.matchAll(/ id="([^"]+)"/g)].map((id) => id[1]))]));

const broken = [];
let links = 0;
for (const [page, text] of html) {
  for (const [, target] of text.matchAll(/ (?:href|src)="([^"]+)"/g)) {
    if (/^(?:[a-z]+:|\/\/)/.test(target)) {
      continue;
    }
    links++;
    const [path, anchor] = target.split("#");
    const local = path.startsWith(base) ? path.slice(base.length) : path.replace(/^\.\//, "");
    const file = local === "" ? (path === "" ? page : "index.html") : decodeURI(local);
    const found = [file, `${file}.html`].find((name) => existsSync(join(dist, name)));
    if (!found || (anchor && html.has(found) && !ids.get(found).has(decodeURIComponent(anchor)))) {
      broken.push(`${page}: ${target}`);
    }
  }
}
if (broken.length > 0 || links < 1000) {
  console.error(`Broken links:\n${broken.join("\n")}`);
  process.exit(1);
}
console.log(`${pages.length} pages, ${links} links: none is broken`);
