// Search suggestions, keyboard shortcuts, menus, and what a form shows while it is sent.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openWindow, signIn, start, takeTroubles } from './harness.mjs';

let console_;
before(async () => { console_ = await start(); });
after(() => console_?.stop());

test('the search box suggests results that the arrow keys and Enter open', async () => {
  const window = await openWindow(console_);
  const { page } = window;
  await signIn(window, console_.url, 'developer');
  await page.keyboard.press('/');
  const box = page.locator('.rc-search input');
  await assertFocused(box);
  await page.keyboard.type('storefront');
  const options = page.locator('#rc-suggestions [role=option]');
  await options.first().waitFor();
  assert.equal(await box.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('ArrowDown');
  const first = options.first();
  assert.equal(await first.getAttribute('aria-selected'), 'true');
  assert.equal(await box.getAttribute('aria-activedescendant'), await first.getAttribute('id'));
  const address = await first.getAttribute('data-href');
  await Promise.all([page.waitForURL(url => url.pathname === address), page.keyboard.press('Enter')]);
  assert.deepEqual(takeTroubles(window), []);
  await window.context.close();
});

test('Escape closes the suggestions and Enter without a selection searches', async () => {
  const window = await openWindow(console_);
  const { page } = window;
  await signIn(window, console_.url, 'developer');
  const box = page.locator('.rc-search input');
  await box.pressSequentially('shop');
  await page.locator('#rc-suggestions [role=option]').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#rc-suggestions').waitFor({ state: 'hidden' });
  await Promise.all([page.waitForURL(url => url.pathname === '/search' && url.searchParams.get('q') === 'shop'), page.keyboard.press('Enter')]);
  assert.deepEqual(takeTroubles(window), []);
  await window.context.close();
});

test('shortcuts open pages, move through rows and explain themselves', async () => {
  const window = await openWindow(console_);
  const { page } = window;
  await signIn(window, console_.url, 'developer');
  await page.keyboard.press('g');
  await Promise.all([page.waitForURL(url => url.pathname === '/images'), page.keyboard.press('i')]);
  const rows = page.locator('main tbody tr');
  await rows.first().waitFor();
  await page.keyboard.press('j');
  await assertFocused(rows.nth(0).locator('a[href]').first());
  await page.keyboard.press('j');
  await assertFocused(rows.nth(1).locator('a[href]').first());
  await page.keyboard.press('k');
  await assertFocused(rows.nth(0).locator('a[href]').first());
  await page.keyboard.press('?');
  await page.locator('#rc-shortcuts').waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await page.locator('#rc-shortcuts').waitFor({ state: 'hidden' });
  await page.keyboard.press('g');
  await Promise.all([page.waitForURL(url => url.pathname === '/projects'), page.keyboard.press('p')]);
  await page.keyboard.press('g');
  await Promise.all([page.waitForURL(url => url.pathname === '/'), page.keyboard.press('h')]);
  assert.deepEqual(takeTroubles(window), []);
  await window.context.close();
});

test('a form that was sent is busy and cannot be sent twice', async () => {
  const window = await openWindow(console_);
  const { page } = window;
  await signIn(window, console_.url, 'developer');
  await page.goto(`${console_.url}/connect/token`);
  // An answer without content: the browser stays on the page, as it does until an answer arrives.
  let posts = 0;
  page.on('request', request => { if (request.method() === 'POST') posts += 1; });
  await page.route('**/connect/token', route => {
    if (route.request().method() !== 'POST') return route.continue();
    return route.fulfill({ status: 204 });
  });
  // In one step: Playwright waits for the answer before each other one.
  const sent = page.waitForRequest(request => request.method() === 'POST');
  const second = await page.evaluate(() => new Promise(resolve => {
    const form = document.querySelector('form[action="/connect/token"]');
    const button = form.querySelector('button[type=submit]');
    button.click();
    const check = () => {
      if (!form.querySelector('.rc-busy')) return requestAnimationFrame(check);
      addEventListener('submit', event => resolve({ disabled: button.disabled, prevented: event.defaultPrevented }));
      return form.requestSubmit();
    };
    check();
  }));
  assert.deepEqual(second, { disabled: true, prevented: true });
  await sent;
  assert.equal(posts, 1);
  assert.deepEqual(takeTroubles(window), []);
  await window.context.close();
});

async function assertFocused(locator) {
  await locator.evaluate(element => new Promise(resolve => {
    const check = () => (document.activeElement === element ? resolve() : requestAnimationFrame(check));
    check();
  }));
}
