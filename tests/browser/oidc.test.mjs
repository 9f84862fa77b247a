// External OIDC: signing in and out at the issuer of the demo.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { asksForPassword, axeViolations, openWindow, pressSignOut, sessionCookies, signIn, start, takeTroubles } from './harness.mjs';

const STREAM = '/images/shop/cart';
const signedOut = address => address.pathname === '/signed-out';

describe('with an OIDC issuer', () => {
  let console_;
  before(async () => (console_ = await start(['--oidc'])));
  after(() => console_?.stop());

  for (const javaScriptEnabled of [true, false]) {
    test(`a user signs in, browses and signs out ${javaScriptEnabled ? 'with' : 'without'} a script`, async () => {
      const window = await openWindow(console_, { javaScriptEnabled });
      const { page, context } = window;
      try {
        await signIn(window, console_.url, 'developer');
        await page.goto(`${console_.url}${STREAM}`);
        assert.equal(await page.locator('header summary bdi').first().innerText(), 'developer');
        assert.match(await page.locator('main').innerText(), /latest/);
        assert.equal(await page.locator('a[href="/users"], a[href="/groups"]').count(), 0, 'the cluster has no users and groups');
        assert.equal(await asksForPassword(page, console_.url), false, 'the issuer remembers the user');

        await page.goto(console_.url);
        if (javaScriptEnabled) {
          await Promise.all([page.waitForURL(address => signedOut(address) && address.searchParams.has('until')), pressSignOut(page)]);
        } else {
          await Promise.all([page.waitForURL(signedOut), pressSignOut(page)]);
          await Promise.all([page.waitForURL(signedOut), page.locator('#rc-end-provider-session').click()]);
        }
        assert.deepEqual(await sessionCookies(window), []);
        assert.equal(await asksForPassword(page, console_.url), true, 'its session has ended as well');
        assert.deepEqual(takeTroubles(window), []);
      } finally {
        await context.close();
      }
    });
  }

  test('a user who cancels at the issuer is told so, and can begin again', async () => {
    const window = await openWindow(console_);
    const { page, context } = window;
    try {
      await page.goto(`${console_.url}/login`);
      await Promise.all([page.waitForURL(address => address.origin === console_.url), page.locator('button[name="cancel"]').click()]);
      assert.equal(await page.locator('main h1').count(), 1);
      assert.deepEqual(await axeViolations(page), []);
      assert.deepEqual(await sessionCookies(window), []);
      await page.locator('main a[href*="/login"]').first().click();
      await page.locator('input[name="password"]').waitFor();
      takeTroubles(window);
    } finally {
      await context.close();
    }
  });

  test('a user of groups alone has their rights', async () => {
    const window = await openWindow(console_);
    try {
      await signIn(window, console_.url, 'viewer');
      await window.page.goto(`${console_.url}${STREAM}`);
      assert.match(await window.page.locator('main').innerText(), /latest/);
    } finally {
      await window.context.close();
    }
  });
});

// Each token is so short-lived that it is renewed for each page, as it is within a minute of its end.
describe('with large tokens that expire within a minute', () => {
  let console_;
  before(async () => (console_ = await start(['--oidc', '--token-lifetime', '50', '--token-groups', '220'])));
  after(() => console_?.stop());

  test('sessions are renewed without being noticed', async () => {
    const window = await openWindow(console_);
    const { page, context } = window;
    try {
      await signIn(window, console_.url, 'developer');
      let before = await sessionCookies(window);
      assert.ok(before.length > 1, `${before.length} cookies`);
      for (const path of ['/images', STREAM, '/projects', '/']) {
        await page.goto(`${console_.url}${path}`);
        assert.equal(await page.locator('header summary bdi').first().innerText(), 'developer', path);
        const later = await sessionCookies(window);
        assert.notDeepEqual(later.map(cookie => cookie.value), before.map(cookie => cookie.value), path);
        before = later;
      }
      assert.deepEqual(takeTroubles(window), []);
    } finally {
      await context.close();
    }
  });
});
