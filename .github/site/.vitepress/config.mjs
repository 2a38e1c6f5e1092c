import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url)));
const repository = process.env.SITE_REPOSITORY;

/** As GitHub makes them of headings, so that the same links work in both places. */
function slugify(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

export default defineConfig({
  title: "EctoWatch for Kafka Connect",
  description: "Row changes of PostgreSQL tables as thin records in Kafka, by triggers and without a replication slot",
  lang: "en",
  base: process.env.SITE_BASE ?? "/",
  srcDir: "pages",
  outDir: "dist",
  cleanUrls: true,
  metaChunk: true,
  head: [["meta", { name: "theme-color", content: "#326690" }]],
  markdown: {
    anchor: { slugify },
    languageAlias: { properties: "ini" },
    config(md) {
      // Braces of a text are not an expression of a template.
      const literal = (text) => md.utils.escapeHtml(text).replaceAll("{", "&#123;");
      md.renderer.rules.text = (tokens, index) => literal(tokens[index].content);
      md.renderer.rules.code_inline = (tokens, index) => `<code v-pre>${literal(tokens[index].content)}</code>`;
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) =>
        tokens[index].info.trim() === "mermaid"
          ? `<Diagram source="${encodeURIComponent(tokens[index].content)}" />`
          : fence(tokens, index, ...rest);
    },
  },
  themeConfig: {
    nav: [
      { text: "Quick start", link: "/quickstart" },
      { text: "Configuration", link: "/configuration" },
      { text: "Troubleshooting", link: "/troubleshooting" },
      { text: "All pages", link: "/contents" },
    ],
    sidebar: read("menu.json"),
    outline: { level: [2, 3] },
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: repository, ariaLabel: "The repository" }],
    docFooter: { prev: false, next: false },
  },
});
