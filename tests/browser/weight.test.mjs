// The size of pages on the wire, including headers, in a browser with a cache.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { openWindow, signIn, start, transferred } from './harness.mjs';
import { walk } from './pages.mjs';

const FIRST_VISIT = 80 * 1024;
const LATER_PAGE = 15 * 1024;

let console_;
// Enough to fill a page of a list.
before(async () => (console_ = await start(['--more-streams', '100'])));
after(() => console_?.stop());

test('a first visit, signing in included, transfers at most 80 KB, and every page after it at most 15 KB', async t => {
  const window = await openWindow(console_);
  const { page } = window;
  const first = await transferred(window, console_.url, () => signIn(window, console_.url, 'admin'));
  t.diagnostic(`first visit: ${first} bytes`);
  assert.ok(first <= FIRST_VISIT, `${first} bytes`);

  const kinds = await walk(window, console_.url, () => {}, { perKind: 1, hostile: 1 });
  for (const [kind, address] of kinds) {
    const bytes = await transferred(window, console_.url, () => page.goto(address));
    t.diagnostic(`${kind}: ${bytes} bytes`);
    assert.ok(bytes <= LATER_PAGE, `${kind}: ${bytes} bytes`);
  }
});

test('the style sheet has no rule for a class that no page uses', () => {
  const top = new URL('../../', import.meta.url);
  const textsOf = (folder, ending) =>
    readdirSync(new URL(folder, top), { recursive: true })
      .filter(name => name.endsWith(ending))
      .map(name => readFileSync(new URL(`${folder}/${name}`, top), 'utf8'));
  const words = new Set([textsOf('templates', '.html'), textsOf('src/web', '.rs'), textsOf('static', '.js')].flat().join('\n').match(/[\w-]+/g));
  const [sheet] = textsOf('static/build', 'console.css');
  const classes = new Set(sheet.replace(/\{[^{}]*\}/g, '{}').match(/(?<=\.)[a-z_-][\w-]*/gi));
  assert.ok(classes.has('pf-v6-c-button') && classes.has('rc-tag'));
  assert.deepEqual([...classes].filter(name => !words.has(name)), []);
});
