// Signing out of kube:admin: its session at the OAuth server ends as well, which only a form of the
// page can do.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NARROW, asksForPassword, assertNoHorizontalScroll, axeViolations, openWindow, pressSignOut, signIn, start, takeTroubles } from './harness.mjs';

const ended = address => address.pathname === '/signed-out' && address.searchParams.get('oauth') === 'ended';

describe('signing out as kube:admin', () => {
  let console_;
  before(async () => (console_ = await start()));
  after(() => console_?.stop());

  test('the session at the OAuth server ends by itself, and the next sign-in asks for the password', async () => {
    const window = await openWindow(console_);
    const { page, context } = window;
    try {
      await signIn(window, console_.url, 'kubeadmin');
      assert.equal(await asksForPassword(page, console_.url), false, 'the OAuth server remembers kube:admin');
      await Promise.all([page.waitForURL(ended), pressSignOut(page)]);
      assert.match(await page.locator('main').innerText(), /revoked[^]*The session of kube:admin at the OAuth server has ended/);
      assert.deepEqual(takeTroubles(window), []);
      assert.equal(await asksForPassword(page, console_.url), true);
    } finally {
      await context.close();
    }
  });

  test('without a script there is a button', async () => {
    const window = await openWindow(console_, { javaScriptEnabled: false, viewport: NARROW });
    const { page, context } = window;
    try {
      await signIn(window, console_.url, 'kubeadmin');
      await Promise.all([page.waitForURL(address => address.pathname === '/signed-out'), pressSignOut(page)]);
      assert.match(await page.locator('main').innerText(), /You still have a session as kube:admin at the OAuth server/);
      await Promise.all([page.waitForURL(ended), page.locator('#rc-end-oauth-session button').click()]);
      assert.equal(await asksForPassword(page, console_.url), true);
      assert.deepEqual(takeTroubles(window), []);
    } finally {
      await context.close();
    }
  });

  test('the page fits a phone and can be read by everybody', async () => {
    const window = await openWindow(console_, { viewport: NARROW });
    const { page, context } = window;
    try {
      // The page before the script sends the form.
      await page.route('**/signed-out-*.js', route => route.fulfill({ contentType: 'text/javascript', body: '' }));
      await page.goto(`${console_.url}/signed-out?token=revoked&oauth=open`);
      await assertNoHorizontalScroll(page);
      assert.deepEqual(await axeViolations(page), []);
    } finally {
      await context.close();
    }
  });
});
