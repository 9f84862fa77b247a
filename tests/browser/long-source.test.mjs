// A tag whose source is a full digest, in the table of tags.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertNoHorizontalScroll, NARROW, openWindow, signIn, start, WIDE } from './harness.mjs';

test('a full digest as the source of a tag breaks no other name and widens no page', async () => {
  const console_ = await start();
  const window = await openWindow(console_);
  try {
    const { page } = window;
    await signIn(window, console_.url, 'developer');
    await page.goto(`${console_.url}/images/shop/storefront`);
    await page.locator('.rc-tag-source .rc-untrusted').first().evaluate(source => {
      source.textContent = `storefront@sha256:${'ab12'.repeat(16)}`;
    });
    await page.setViewportSize(NARROW);
    await assertNoHorizontalScroll(page);
    for (const size of [{ width: 1000, height: 800 }, WIDE]) {
      await page.setViewportSize(size);
      await assertNoHorizontalScroll(page);
      const broken = await page.locator('.rc-tag-name').evaluateAll(names => {
        const least = Math.min(...names.map(name => name.offsetHeight));
        return names.filter(name => name.offsetHeight > 1.5 * least).map(name => name.textContent);
      });
      assert.deepEqual(broken, [], `at ${size.width} px`);
    }
  } finally {
    await window.context.close();
    await console_.stop();
  }
});
