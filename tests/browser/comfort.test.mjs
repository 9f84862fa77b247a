// What scripts add to the pages.

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
    for (const [path, target = path] of [['/images/shop/cart:latest'], ['/images/shop', '/projects/shop'], ['/projects/shop']]) {
      await page.goto('about:blank');
      await page.goto(`${console_.url}/registry#${path}`);
      await page.waitForURL(address => address.pathname === target);
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
    await page.locator('main input[name="q"]').pressSequentially('ledger');
    await page.waitForURL(address => address.searchParams.get('q') === 'ledger');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    assert.match(await page.locator('tbody tr').innerText(), /ledger/);
    assert.deepEqual(takeTroubles(window), []);
  });

  test('the form for a tag says what it will do while it is filled in', async () => {
    const { page } = window;
    await page.goto(`${console_.url}/images/shop/cart/new-tag`);
    const plan = page.locator('#plan');
    const [exists, button] = [plan.locator('[data-plan-exists]'), page.locator('button[aria-describedby="plan"]')];
    assert.equal(await button.count(), 1);
    await page.fill('#f-tag', 'next');
    assert.match(await plan.innerText(), /^Enter a tag and an image/);
    await page.fill('#f-here', 'cart:$&');
    assert.equal((await plan.innerText()).trim(), 'shop/cart:next will point to cart:$&.');
    await page.fill('#f-tag', 'latest');
    await exists.waitFor();
    await page.check('input[name=source][value=elsewhere]');
    await page.fill('#f-from', 'docker.io/library/nginx:1.27');
    await page.check('input[name=scheduled]');
    assert.match(await plan.innerText(), /^shop\/cart:latest will be imported from docker.io\/library\/nginx:1.27, now and periodically\./);
    assert.deepEqual(takeTroubles(window), []);
  });

  test('times stay right while a page is open', async () => {
    const { page } = await openWindow(console_);
    await signIn({ page }, console_.url, 'developer');
    await page.clock.install();
    await page.goto(`${console_.url}/images/shop/storefront`);
    const times = page.locator('main time[data-ago]');
    const texts = await times.allInnerTexts();
    const time = times.nth(texts.findIndex(text => /minutes? ago$/.test(text)));
    await page.clock.fastForward(20 * 86_400_000);
    assert.equal(await time.innerText(), '20 days ago');
    await page.clock.fastForward(20 * 86_400_000);
    assert.equal(await time.innerText(), '1 month ago');
    await page.context().close();
  });

  test('a copy button copies what it stands beside', async () => {
    const { page } = window;
    await page.goto(`${console_.url}/images/shop/cart:latest`);
    const text = await page.locator('#pull-command').innerText();
    const copy = page.locator('.rc-pull button[data-copy-from]');
    await copy.click();
    assert.equal(await copy.innerText(), 'Copied');
    await page.waitForFunction(() => document.getElementById('rc-status').textContent !== '');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    assert.match(text, /^podman pull \S+\/shop\/cart:latest$/);
    assert.deepEqual(takeTroubles(window), []);
  });

  test('a credential is downloaded, and its page stays usable', async () => {
    const { page } = window;
    await page.goto(`${console_.url}/projects/shop/logins`);
    await page.locator('.rc-add > summary').click();
    await page.fill('#f-name', 'ci-download');
    await page.locator('.rc-add button[type=submit]').click();
    await page.locator('input[name=client][value=kubernetes]').check({ force: true });
    const button = page.locator('form[data-download] button[value="pull-secret.yaml"]');
    for (const time of ['first', 'second']) {
      const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
      assert.equal(download.suggestedFilename(), 'ci-download-pull-secret.yaml', time);
      assert.equal(await button.isEnabled(), true, time);
      assert.equal(await page.locator('main form[aria-busy]').count(), 0, time);
    }
    assert.deepEqual(takeTroubles(window), []);
  });

  test('the slash key goes to the search from any page, and arrows go through what was found', async () => {
    const { page } = window;
    await page.goto(`${console_.url}/projects`);
    await page.keyboard.press('/');
    await page.keyboard.type('shop');
    await page.keyboard.press('Enter');
    await page.waitForURL(address => address.pathname === '/search' && address.searchParams.get('q') === 'shop');
    await page.locator('.rc-hit').first().waitFor();
    await page.keyboard.press('/');
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('href') ?? document.activeElement.name);
    assert.equal(await focused(), 'q');
    const hits = await page.locator('.rc-hit').evaluateAll(all => all.map(hit => hit.getAttribute('href')));
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), hits[0]);
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), hits[1]);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(), 'q');
    await page.keyboard.type('/storefront:1.0.0');
    await page.waitForURL(address => address.searchParams.get('q') !== 'shop');
    await page.locator('.rc-hit[href="/images/shop/storefront:1.0.0"]').waitFor();
    await page.keyboard.press('ArrowDown');
    await Promise.all([page.waitForURL(address => address.pathname.startsWith('/images/')), page.keyboard.press('Enter')]);
    assert.deepEqual(takeTroubles(window), []);
  });
});
