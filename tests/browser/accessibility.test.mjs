// axe-core reports no violation on any kind of page, light and dark, in English and in Chinese.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signIn, start, takeTroubles, WIDE } from './harness.mjs';
import { freePort, startConsole } from '../../benches/programs.mjs';
import { walk } from './pages.mjs';

/** Pages whose content depends on the demo's sample data; the walk may not visit them. */
const SPECIAL = [
  '/images/edge/gateway:2.4', // an index
  '/images/public-tools/shop-chart:1.2.3', // a Helm chart
  '/images/untrusted/evil', // everything that is hostile
  '/images/shop/storefront/compare?from=1.9.0&to=latest',
  '/images/edge/gateway/compare?from=2.4&to=untrusted/evil:latest', // an index, and settings that are hostile
  '/images/public-tools/shop-chart/compare?from=1.2.3&to=shop/storefront:no-such-tag',
  '/images?q=no-such-stream-anywhere',
  '/images/no-such-project/no-such-stream',
  '/images/edge/gateway:no-such-tag',
  '/no-such-page',
  '/oauth/callback?error=access_denied',
  '/signed-out',
  '/signed-out?token=uncertain',
];

let console_;
/** A console whose API server does not answer. */
let alone;
/** One URL of each kind of page. */
let pages;

before(async () => {
  console_ = await start();
  const window = await openWindow(console_);
  await signIn(window, console_.url, 'admin');
  pages = [...(await walk(window, console_.url, () => {}, { perKind: 1, hostile: 1 })).values()];
  pages = [...new Set([...pages, ...SPECIAL.map(path => console_.url + path)])];
  const nowhere = `https://127.0.0.1:${await freePort()}`;
  alone = await startConsole({ master: nowhere, registry: nowhere });
  pages.push(`${alone.url}/login`);
  await window.context.close();
});
after(async () => {
  await alone?.stop();
  await console_?.stop();
});

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
