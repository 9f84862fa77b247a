// Lists on a phone, and the links between their pages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openWindow, signIn, start, takeTroubles } from './harness.mjs';

const PHONE = { width: 390, height: 844 };

describe('on a phone', () => {
  let console_;
  before(async () => (console_ = await start([])));
  after(() => console_?.stop());

  test('48 image streams take at most 3,500 px, each row two lines', async () => {
    const window = await openWindow(console_, { viewport: PHONE });
    const { page } = window;
    try {
      await signIn(window, console_.url, 'admin');
      await page.goto(`${console_.url}/images`);
      const rows = page.locator('tbody tr');
      assert.equal(await rows.count(), 48);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(height <= 3500, `${height} px`);
      const row = await rows.first().evaluate(row => row.getBoundingClientRect().height);
      assert.ok(row < 64, `a row of ${row} px`);
      assert.match(await rows.first().innerText(), /^base-images\/golang\s+4 tags\s+\d+ months ago\s+Pushed$/);
      assert.deepEqual(takeTroubles(window), []);
    } finally {
      await window.context.close();
    }
  });
});

for (const javaScriptEnabled of [true, false]) {
  describe(`with more than 50 entries, ${javaScriptEnabled ? 'with a script' : 'without a script'}`, () => {
    let console_;
    before(async () => (console_ = await start(['--more-streams', '450'])));
    after(() => console_?.stop());

    test('pages are chosen by number, by field and by size', async () => {
      const window = await openWindow(console_, { javaScriptEnabled });
      const { page } = window;
      const go = link => Promise.all([page.waitForNavigation(), link.click()]);
      const range = () => page.locator('.rc-pager p').first().innerText();
      try {
        await signIn(window, console_.url, 'admin');
        await page.goto(`${console_.url}/images?sort=tags`);
        await go(page.locator('.rc-pager__pages a', { hasText: /^Page 3$|^3$/ }));
        assert.match(await range(), /^101–150 of/);
        await page.locator('.rc-pager input[name="page"]').fill('9');
        await go(page.locator('.rc-pager button[type="submit"]'));
        assert.match(await range(), /^401–450 of/);
        assert.equal(new URL(page.url()).searchParams.get('sort'), 'tags');
        await go(page.locator('.rc-pager__sizes a', { hasText: '200' }));
        assert.match(await range(), /^1–200 of/);
        assert.equal(await page.locator('tbody tr').count(), 200);
        assert.deepEqual(takeTroubles(window), []);
      } finally {
        await window.context.close();
      }
    });
  });
}

test('a list that is filtered during typing has no button, and Enter filters as well', async () => {
  const console_ = await start([]);
  try {
    for (const javaScriptEnabled of [true, false]) {
      const window = await openWindow(console_, { javaScriptEnabled });
      const { page } = window;
      await signIn(window, console_.url, 'admin');
      for (const path of ['/images', '/projects', '/imports', '/users', '/groups', '/images/shop/storefront', '/images/shop/storefront/history']) {
        await page.goto(console_.url + path);
        assert.equal(await page.locator('main .rc-filter button[type=submit]').isVisible(), !javaScriptEnabled, path);
      }
      await page.goto(`${console_.url}/images`);
      await page.fill('main input[name=q]', 'storefront');
      await page.press('main input[name=q]', 'Enter');
      await page.waitForURL(address => address.searchParams.get('q') === 'storefront');
      assert.equal(await page.locator('#list tbody tr').count(), 1);
      assert.deepEqual(takeTroubles(window), []);
      await window.context.close();
    }
  } finally {
    await console_.stop();
  }
});
