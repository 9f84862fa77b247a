// Builds static/build/console.css and static/build/dark.css from PatternFly's tokens, its rules for the classes that the pages use, and the rules of
// static/css.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transform } from "lightningcss";
import postcss from "postcss";
import { dropUnreferenced, dropUnusedRules, patternflyClasses } from "./purge.mjs";

const DARK = "pf-v6-theme-dark";
/// The style sheets in static/css, in the order in which they apply.
const OWN = [
  "frame", "sections", "tables", "lists", "home", "texts", "notices", "filters", "menu", "tags", "stream", "image", "compare", "forms", "access", "connect",
  "imports", "cleanup", "quota", "usage", "space",
];
const top = fileURLToPath(new URL("..", import.meta.url));
const read = (path) => readFileSync(`${top}/${path}`, "utf8");

const used = new Set();
for (const [directory, extension] of [["templates", ".html"], ["src/web", ".rs"], ["static", ".js"]]) {
  for (const path of readdirSync(`${top}/${directory}`, { recursive: true })) {
    if (path.endsWith(extension)) patternflyClasses(read(`${directory}/${path}`)).forEach((name) => used.add(name));
  }
}

const light = postcss.parse(read("node_modules/@patternfly/patternfly/patternfly.css"));
dropUnusedRules(light, new Set([...used, DARK]));
const dark = takeDarkTheme(light);
for (const part of OWN) light.append(postcss.parse(read(`static/css/${part}.css`)));
dropUnreferenced([light, dark]);

mkdirSync(`${top}/static/build`, { recursive: true });
write("console.css", light);
write("dark.css", dark);
writeFileSync(`${top}/static/build/sources.sha256`, hashOfSources());

/// Moves the dark theme from `sheet` into a style sheet of its own, whose rules apply without the theme class, so that
/// `<link media="(prefers-color-scheme: dark)">` needs no script.
function takeDarkTheme(sheet) {
  const theme = postcss.root();
  sheet.walkRules((rule) => {
    if (!rule.selector.includes(DARK)) return;
    rule.selector = rule.selector.replaceAll(`:where(.${DARK})`, "").replace(/^$/, ":root");
    theme.append(rule.remove());
  });
  return theme;
}

/// The hash of what static/css contains, which build.rs compares with its own: an outdated style sheet must not be embedded.
function hashOfSources() {
  const hash = createHash("sha256");
  for (const name of readdirSync(`${top}/static/css`).sort()) hash.update(`${name}\0`).update(readFileSync(`${top}/static/css/${name}`));
  return hash.digest("hex");
}

function write(name, sheet) {
  const { code } = transform({ filename: name, code: Buffer.from(sheet.toString()), minify: true, targets: { chrome: 111 << 16, firefox: 121 << 16, safari: (16 << 16) | (4 << 8) } });
  writeFileSync(`${top}/static/build/${name}`, code);
}
