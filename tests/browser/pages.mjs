// The kinds of pages, and how to navigate between them.

import assert from 'node:assert/strict';

import { NARROW, WIDE, assertNoHorizontalScroll, injectedElements, takeTroubles } from './harness.mjs';

/** Link targets that are not pages: files, and the same data as JSON. */
const NO_PAGE = /^\/(api\/v1|assets|static|oauth|login|logout|metrics|connect\/ca\.crt)\b/;

/** Pages that show hostile content; their names in the demo say so. */
const HOSTILE = /\/untrusted\b|hostile|evil/i;

/** The kind of page of a URL: `/images/team-a/app:1.0` is `/images/{project}/{stream}:{tag}`. */
export function kindOf(address) {
  const { pathname, searchParams } = new URL(address);
  const [area, project, image, ...rest] = pathname.split('/').slice(1).map(decodeURIComponent);
  const query = new Set([...searchParams.keys()].map(key => (key === 'order' ? 'sort' : key)));
  return pathKind(area, project, image, rest, pathname) + (query.size > 0 ? `?${[...query].sort().join('&')}` : '');
}

function pathKind(area, project, image, rest, pathname) {
  const action = names => names.filter(Boolean).map(name => `/${name}`).join('');
  if (area === 'images' && image) {
    return `/images/{project}/{stream}${image.includes('@') ? '@{digest}' : image.includes(':') ? ':{tag}' : ''}${action(rest)}`;
  }
  if (['images', 'projects', 'users', 'groups'].includes(area) && project) return `/${area}/{name}${action([image, ...rest])}`;
  return pathname;
}

/**
 * Visits pages from the home page on, by following the links of each page: the main navigation, and
 * the first `perKind` pages of every kind; `hostile` of each kind have hostile content. Of the pages of
 * a path with several parameters, only those are visited that have a parameter which no other had: a
 * page with two filters has the elements of the pages with one.
 *
 * `visit` is called on each page, with its kind and the status of its response. Returns the first
 * URL of each kind.
 */
export async function walk({ page }, url, visit, { perKind = 1, hostile = 1, limit = 250 } = {}) {
  const kinds = new Map();
  const visited = new Set();
  const counts = new Map();
  const parameters = new Map();
  const waiting = [`${url}/`, `${url}/search?q=storefront`];
  while (waiting.length > 0) {
    assert.ok(visited.size < limit, `the walk has not ended after ${limit} pages`);
    const address = waiting.shift();
    if (visited.has(address)) continue;
    const kind = kindOf(address);
    const key = HOSTILE.test(address) ? `hostile ${kind}` : kind;
    const seen = counts.get(key) ?? 0;
    if (seen >= (HOSTILE.test(address) ? hostile : perKind)) continue;
    if (seen === 0 && !addsParameter(parameters, key)) continue;
    counts.set(key, seen + 1);
    visited.add(address);

    const answer = await page.goto(address);
    if (!kinds.has(kind)) kinds.set(kind, address);
    await visit({ address, kind, hostile: HOSTILE.test(address), status: answer.status() });

    const links = await linksOf(page, url);
    waiting.push(...links.filter(link => !visited.has(link)));
    waiting.sort((one, other) => HOSTILE.test(other) - HOSTILE.test(one));
  }
  return kinds;
}

/** Whether a kind has no parameters, or one that no kind of the same path had before; notes the parameters in `known`. */
function addsParameter(known, kind) {
  const [path, query] = kind.split('?');
  if (!query) return true;
  const others = known.get(path) ?? new Set();
  const added = query.split('&').filter(name => !others.has(name));
  known.set(path, new Set([...others, ...added]));
  return added.length > 0;
}

/** What holds on every page, for every user. */
export async function checkPage(window, { address, status }) {
  const { page } = window;
  assert.ok(status < 500, `${address} answered ${status}`);
  assert.equal(await page.locator('h1').count(), 1, `${address} has one heading of the first order`);
  assert.notEqual((await page.locator('h1').innerText()).trim(), '', `${address} says what it is`);
  assert.deepEqual(await injectedElements(page), [], `${address} shows nothing but the console's own elements`);

  // The next page is loaded in the window as this one leaves it: half of them are loaded in a narrow one.
  await assertNoHorizontalScroll(page);
  await page.setViewportSize(page.viewportSize().width === WIDE.width ? NARROW : WIDE);
  await assertNoHorizontalScroll(page);
  assert.deepEqual(takeTroubles(window), []);
}

/** The console's own pages that this page links to, those of the main navigation first. */
async function linksOf(page, url) {
  const links = await page.evaluate(() => [...document.querySelectorAll('header a[href], main a[href], footer a[href]')].map(link => new URL(link.getAttribute('href'), location.href).href.split('#')[0]));
  return [...new Set(links)].filter(link => new URL(link).origin === url && !NO_PAGE.test(new URL(link).pathname));
}
