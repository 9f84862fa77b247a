// axe-core finds nothing to complain about: each kind of page, light and dark, English and Chinese.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signIn, start, takeTroubles, WIDE } from './harness.mjs';
import { walk } from './pages.mjs';

let console_;
/** One address of each kind of page. */
let pages;

before(async () => {
  console_ = await start();
  const window = await openWindow(console_);
  await signIn(window, console_.url, 'admin');
  pages = [...(await walk(window, console_.url, () => {}, { perKind: 1, hostile: 1 })).values()];
  pages.push(`${console_.url}/images/no-such-project/no-such-stream`, `${console_.url}/no-such-page`);
  await window.context.close();
});
after(() => console_?.stop());

for (const colorScheme of ['light', 'dark']) {
  for (const [locale, tag] of [['en-US', 'en'], ['zh-CN', 'zh-CN']]) {
    describe(`${colorScheme}, ${tag}`, () => {
      test('no page has a violation', async () => {
        const window = await openWindow(console_, { colorScheme, locale });
        try {
          await signIn(window, console_.url, 'admin');
          const found = [];
          for (const address of pages) {
            await window.page.goto(address);
            assert.equal(await window.page.locator('html').getAttribute('lang'), tag);
            for (const violation of await axeViolations(window.page)) found.push(`${address}: ${violation}`);
            await window.page.setViewportSize(NARROW);
            await assertNoHorizontalScroll(window.page);
            await window.page.setViewportSize(WIDE);
          }
          assert.deepEqual(found, []);
          assert.deepEqual(takeTroubles(window), []);
        } finally {
          await window.context.close();
        }
      });
    });
  }
}
