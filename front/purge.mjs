// Removes from a style sheet what no page uses: selectors with unknown classes, then custom properties and animations without a reference.
import postcss from "postcss";

const { comma } = postcss.list;
const REMOVED = "\u0000";
const SELECTOR_FUNCTION = /:(not|is|where|has)\(/;

/// The class names of PatternFly in a selector (`.pf-v6-c-card`), a template or a source file.
export function patternflyClasses(text) {
  return new Set(text.match(/\bpf-[\w-]*\w/g));
}

/// All class names in a selector, including those without the prefix of PatternFly, such as the icons of a font that no page loads: more than a
/// thousand rules.
function allClasses(selector) {
  return [...patternflyClasses(selector), ...(selector.match(/(?<=\.)[a-z_-][\w-]*/gi) ?? [])];
}

/// Removes from `root`, in place, every rule that cannot apply to a page with the classes `used`.
export function dropUnusedRules(root, used) {
  root.walkRules((rule) => {
    if (rule.parent.type === "atrule" && rule.parent.name.endsWith("keyframes")) return;
    const kept = rule.selectors.map((selector) => prune(selector, used)).filter((selector) => selector !== null).map(collapseRemoved);
    if (kept.length === 0) rule.remove();
    else rule.selectors = kept;
  });
  root.walkAtRules("font-face", (rule) => rule.remove());
  root.walkDecls((declaration) => {
    if (declaration.value.includes("url(")) declaration.remove();
  });
}

/// Removes empty blocks, and custom properties and animations without a reference in `sheets`. Repeated until nothing changes, because a removed
/// declaration may have contained the last reference to another.
export function dropUnreferenced(sheets) {
  for (let before = -1, now = 0; before !== now; before = now, now = size(sheets)) {
    const text = sheets.map(String).join("\n");
    const variables = new Set(Array.from(text.matchAll(/var\(\s*(--[\w-]+)/g), ([, name]) => name));
    const animations = new Set(text.match(/(?<=animation(?:-name)?:[^;}]*)[\w-]+/g));
    for (const sheet of sheets) {
      sheet.walkDecls(/^--/, (declaration) => {
        if (!variables.has(declaration.prop)) declaration.remove();
      });
      sheet.walkAtRules("property", (rule) => {
        if (!variables.has(rule.params)) rule.remove();
      });
      sheet.walkAtRules("keyframes", (rule) => {
        if (!animations.has(rule.params)) rule.remove();
      });
      sheet.walk((node) => {
        if (node.nodes?.length === 0) node.remove();
      });
    }
  }
}

function size(sheets) {
  return sheets.reduce((sum, sheet) => sum + String(sheet).length, 0);
}

/// Replaces each removed `:not(…)` by nothing, or by `*` if no other part of the compound selector remains.
function collapseRemoved(selector) {
  return selector.replaceAll(new RegExp(`(^|[\\s>+~(])${REMOVED}+`, "g"), "$1*").replaceAll(REMOVED, "");
}

/// `selector` without the alternatives that cannot match. Null if it cannot match at all.
function prune(selector, used) {
  const found = SELECTOR_FUNCTION.exec(selector);
  if (!found) return canMatch(selector, used) ? selector : null;
  const head = selector.slice(0, found.index);
  const start = found.index + found[0].length;
  const end = closingParenthesis(selector, start);
  const inner = comma(selector.slice(start, end))
    .map((alternative) => prune(alternative, used))
    .filter((alternative) => alternative !== null);
  const tail = prune(selector.slice(end + 1), used);
  if (!canMatch(head, used) || tail === null) return null;
  if (inner.length > 0) return `${head}:${found[1]}(${inner.join(", ")})${tail}`;
  if (found[1] !== "not") return null;
  return head + REMOVED + tail;
}

/// Rules for right-to-left text never match: all languages of the console are written from left to right.
function canMatch(part, used) {
  return !part.includes("[dir=rtl]") && allClasses(part).every((name) => used.has(name));
}

function closingParenthesis(text, from) {
  for (let depth = 1, at = from; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at;
  }
  throw new Error(`unbalanced parentheses in ${text}`);
}
