// Copies the documentation to where the site is built from: the README becomes the first page, links between pages stay links
// between pages, and links to other files of the repository lead to the repository.
// usage: node pages.mjs ROOT WORK
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";

const [root, work] = process.argv.slice(2);
const repository = process.env.SITE_REPOSITORY;
const docs = "connector/docs";

// The name of each page on the site, by its file in the repository.
const pages = new Map([
  ["README.md", "index.md"],
  [`${docs}/index.md`, "contents.md"],
  ["config-examples/README.md", "config-examples.md"],
  [".github/CONTRIBUTING.md", "contributing.md"],
  ["CHANGELOG.md", "changelog.md"],
]);
for (const file of readdirSync(join(root, docs)).sort()) {
  if (file.endsWith(".md") && file !== "index.md") {
    pages.set(`${docs}/${file}`, file);
  }
}

// A link or an image; code between backquotes is left alone.
const LINK = /(`[^`]*`)|(!?)\[((?:[^[\]`]|`[^`]*`|!\[[^\]]*\]\([^)]*\))*)\]\(([^)#\s]*)(#[^)\s]+)?\)/g;

function rewrite(file, text) {
  return text.replace(LINK, (all, code, image, label, target, anchor = "") => {
    if (code || /^[a-z]+:/.test(target) || target === "") {
      return all;
    }
    const path = normalize(join(dirname(file), target)).replace(/\/$/, "");
    if (!existsSync(join(root, path))) {
      throw new Error(`${file}: ${target} does not exist`);
    }
    if (pages.has(path)) {
      // Where the text is the name of a file, the site has the page's title.
      const text = /^[\w-]+\.md$/.test(label) ? titles.get(pages.get(path)).full : label;
      return `${image}[${text}](./${pages.get(path)}${anchor})`;
    }
    if (/\.(png|svg)$/.test(path)) {
      cpSync(join(root, path), join(work, "pages/public", basename(path)));
      return image ? `![${label}](/${basename(path)})` : `[${label}](/${basename(path)}){target="_self"}`;
    }
    const kind = statSync(join(root, path)).isDirectory() ? "tree" : "blob";
    return `${image}[${label}](${repository}/${kind}/main/${path}${anchor})`;
  });
}

const FENCE = /^(```|~~~)[\s\S]*?^\1 *$/gm;

function outsideOfCode(text, change) {
  let result = "";
  let end = 0;
  for (const fence of text.matchAll(FENCE)) {
    result += change(text.slice(end, fence.index)) + fence[0];
    end = fence.index + fence[0].length;
  }
  return result + change(text.slice(end));
}

const texts = new Map([...pages.keys()].map((file) => [file, readFileSync(join(root, file), "utf8")]));
const titles = new Map();
for (const [file, page] of pages) {
  const full = texts.get(file).match(/^# (.+)$/m)[1].replaceAll("`", "");
  const [subject, part] = full.split(": ");
  titles.set(page, { full, subject, part: part && part[0].toUpperCase() + part.slice(1) });
}

mkdirSync(join(work, "pages/public"), { recursive: true });
for (const [file, page] of pages) {
  writeFileSync(join(work, "pages", page), outsideOfCode(texts.get(file), (part) => rewrite(file, part)));
}

// The menu is the table of contents: its headings, and the pages that stand below each. Further pages of one subject stand below
// the first.
const menu = [];
for (const line of readFileSync(join(root, docs, "index.md"), "utf8").split("\n")) {
  const heading = line.match(/^## (.+)$/);
  if (heading) {
    menu.push({ text: heading[1], collapsed: false, items: [] });
  }
  const cell = line.match(/^\| (\[.+?\)) \|/);
  for (const link of cell ? cell[1].matchAll(/\]\(([^)]+)\)/g) : []) {
    const page = pages.get(normalize(join(docs, link[1])));
    const { subject, part } = titles.get(page);
    const entry = { text: subject, link: `/${page.replace(/\.md$/, "")}` };
    const items = menu.at(-1).items;
    const first = items.find((item) => item.text === subject);
    if (first) {
      (first.items ??= []).push({ ...entry, text: part });
    } else {
      items.push(entry);
    }
  }
}
const listed = new Set(
  menu.flatMap((group) => group.items.flatMap((item) => [item, ...(item.items ?? [])])).map((item) => `${item.link.slice(1)}.md`),
);
const missing = [...pages.values()].filter(
  (page) => !listed.has(page) && !["index.md", "contents.md", "config-examples.md", "changelog.md", "glossary.md"].includes(page),
);
if (missing.length > 0) {
  throw new Error(`not in ${docs}/index.md: ${missing.join(", ")}`);
}
menu[0].items.push({ text: "Examples of configurations", link: "/config-examples" }, { text: "Glossary", link: "/glossary" });
menu.at(-1).items.push({ text: "Changelog", link: "/changelog" });
writeFileSync(join(work, ".vitepress/menu.json"), JSON.stringify(menu, null, 2));
console.log(`${pages.size} pages`);
