// The walk through the console in Firefox.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openWindow, signIn, signOut, startWithFirefox, takeTroubles, WIDE } from './harness.mjs';
import { checkPage, walk } from './pages.mjs';

let console_;
before(async () => { console_ = await startWithFirefox(); });
after(() => console_?.stop());

for (const user of ['admin', 'viewer']) {
  test(`${user} walks every kind of page`, async () => {
    const window = await openWindow(console_);
    await signIn(window, console_.url, user);
    const kinds = await walk(window, console_.url, visited => checkPage(window, visited));
    for (const kind of ['/', '/images', '/projects', '/imports', '/connect']) assert.ok(kinds.has(kind), `the navigation leads to ${kind}`);
    await window.page.setViewportSize(WIDE);
    await signOut(window);
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });
}

test('search suggestions open with the arrow keys and Enter', async () => {
  const window = await openWindow(console_);
  const { page } = window;
  await signIn(window, console_.url, 'developer');
  await page.keyboard.press('/');
  await page.keyboard.type('storefront');
  const option = page.locator('#rc-suggestions [role=option]').first();
  await option.waitFor();
  const address = await option.getAttribute('data-href');
  await page.keyboard.press('ArrowDown');
  await Promise.all([page.waitForURL(url => url.pathname === address), page.keyboard.press('Enter')]);
  assert.deepEqual(takeTroubles(window), []);
  await window.context.close();
});
