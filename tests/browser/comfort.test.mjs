// What the pages gain from a script.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openWindow, signIn, start, takeTroubles } from './harness.mjs';

let console_;
let window;
before(async () => {
  console_ = await start();
  window = await openWindow(console_, { permissions: ['clipboard-read', 'clipboard-write'] });
  await signIn(window, console_.url, 'developer');
});
after(() => console_?.stop());

describe('with a script', () => {
  test('an address of the old console leads to the page that it meant', async () => {
    const { page } = window;
    for (const path of ['/images/shop/cart:latest', '/images/shop', '/projects/shop']) {
      await page.goto('about:blank');
      await page.goto(`${console_.url}/registry#${path}`);
      await page.waitForURL(address => address.pathname === path);
      await page.locator('main h1').waitFor();
    }
    await page.goto(`${console_.url}/registry#//elsewhere.example/images`);
    await page.locator('main h1').waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    assert.deepEqual(takeTroubles(window), []);
  });

  test('a list narrows while its filter is typed, and the address says so', async () => {
    const { page } = window;
    await page.goto(`${console_.url}/images`);
    await page.locator('input[name="q"]').pressSequentially('ledger');
    await page.waitForURL(address => address.searchParams.get('q') === 'ledger');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    assert.match(await page.locator('tbody tr').innerText(), /ledger/);
    assert.deepEqual(takeTroubles(window), []);
  });

  test('a copy button copies what it stands beside', async () => {
    const { page } = window;
    await page.goto(`${console_.url}/images/shop/cart:latest`);
    const command = page.locator('button[data-copy*=" pull "]').first();
    const text = await command.getAttribute('data-copy');
    await command.click();
    await page.waitForFunction(() => document.getElementById('rc-status').textContent !== '');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    assert.match(text, /^docker pull \S+\/shop\/cart:latest$/);
    assert.deepEqual(takeTroubles(window), []);
  });
});
