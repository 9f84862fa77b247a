// A browser signs in to the console at an issuer that is not the demo's own, but a certified implementation of OpenID Connect.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startDemo } from '../browser/demo.mjs';
import { launchChromium, openWindow, pressSignOut, sessionCookies, takeTroubles } from '../browser/harness.mjs';
import { startIssuer } from './issuer.mjs';

let issuer;
let demo;
let browser;
before(async () => {
  issuer = await startIssuer();
  demo = await startDemo(issuer.flags);
  issuer.register(demo.url);
  browser = await launchChromium(demo.url);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  issuer?.stop();
});

/** A window that reaches nothing else: the pages of the issuer use a font from the Internet. */
async function openLocalWindow() {
  const window = await openWindow({ browser });
  await window.context.route(address => address.hostname !== '127.0.0.1', route => route.abort());
  return window;
}

const atConsole = address => address.origin === demo.url;

/** The forms of the issuer: for the name, which needs no password, and for the consent. */
async function signIn(page, user) {
  await page.goto(`${demo.url}/login`);
  await page.locator('input[name="login"]').fill(user);
  await page.locator('input[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
  await Promise.all([page.waitForURL(atConsole), page.locator('form:has(input[value="consent"]) button').click()]);
  await page.locator('main h1').first().waitFor();
}

test('a user signs in, is renewed for each page, and signs out of the issuer', async () => {
  const window = await openLocalWindow();
  const { page, context } = window;
  try {
    await signIn(page, 'developer');
    let before = await sessionCookies(window);
    for (const path of ['/images/shop/cart', '/projects', '/doctor']) {
      await page.goto(`${demo.url}${path}`);
      assert.equal(await page.locator('header summary bdi').first().innerText(), 'developer', path);
      const later = await sessionCookies(window);
      assert.notDeepEqual(later.map(cookie => cookie.value), before.map(cookie => cookie.value), path);
      before = later;
    }
    // The issuer asks whether its own session is to end as well.
    await Promise.all([page.waitForURL(address => address.origin === issuer.url), pressSignOut(page)]);
    await Promise.all([page.waitForURL(atConsole), page.locator('button[value="yes"]').click()]);
    assert.deepEqual(await sessionCookies(window), []);
    await page.goto(`${demo.url}/login`);
    assert.equal(await page.locator('input[name="login"]').count(), 1, 'the next sign-in asks who it is');
    assert.deepEqual(takeTroubles(window).filter(line => line.startsWith(demo.url)), []);
  } finally {
    await context.close();
  }
});

test('a user who cancels at the issuer is not signed in', async () => {
  const window = await openLocalWindow();
  const { page, context } = window;
  try {
    await page.goto(`${demo.url}/login`);
    await Promise.all([page.waitForURL(atConsole), page.locator('a[href$="/abort"]').click()]);
    await page.locator('main h1').first().waitFor();
    assert.deepEqual(await sessionCookies(window), []);
  } finally {
    await context.close();
  }
});
