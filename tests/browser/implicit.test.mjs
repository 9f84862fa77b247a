// A console deployed by the template of OpenShift 3.11: the token arrives in the fragment of a URL,
// and a script passes it on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signOut, start, takeTroubles } from './harness.mjs';

async function typePassword(page) {
  await page.locator('input[name="username"]').fill('developer');
  await page.locator('input[name="password"]').fill('developer');
  await page.locator('input[name="password"]').press('Enter');
}

describe('signing in without a client secret', () => {
  let console_;
  before(async () => (console_ = await start(['--stock'])));
  after(() => console_?.stop());

  test('the token is taken from the address, and is nowhere afterwards', async () => {
    const window = await openWindow(console_);
    const { page, context } = window;
    const sent = [];
    page.on('request', request => {
      // What is sent over the network: fragments never are.
      const { origin, pathname, search } = new URL(request.url());
      sent.push({ method: request.method(), address: origin + pathname + search, referer: request.headers().referer ?? '', body: request.postData() ?? '' });
    });
    try {
      await page.goto(`${console_.url}/projects`);
      await typePassword(page);
      await page.waitForURL(`${console_.url}/projects`);
      assert.match(await page.locator('main h1').innerText(), /Projects/);

      const handedOver = sent.filter(({ method, address }) => method === 'POST' && address === `${console_.url}/oauth/callback`);
      assert.equal(handedOver.length, 1);
      const token = new URLSearchParams(new URLSearchParams(handedOver[0].body).get('fragment')).get('access_token');
      assert.match(token, /^sha256~.{43}$/);
      const secret = token.replace('sha256~', '');
      for (const { address, referer } of sent) assert.ok(!address.includes(secret) && !referer.includes(secret), address);

      assert.equal(page.url(), `${console_.url}/projects`);
      assert.ok(!(await page.content()).includes(secret));
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, performance.getEntries()]));
      assert.ok(!kept.includes(secret), 'no store of the page holds it');
      const session = await context.newCDPSession(page);
      const { entries } = await session.send('Page.getNavigationHistory');
      for (const { url } of entries) assert.ok(!url.includes(secret) && !url.includes('access_token'), url);

      await page.reload();
      assert.match(await page.locator('main h1').innerText(), /Projects/);
      await signOut(window);
      assert.deepEqual(takeTroubles(window), []);
    } finally {
      await context.close();
    }
  });

  test('whoever comes back with nothing is told so and can begin again', async () => {
    const window = await openWindow(console_);
    const { page, context } = window;
    try {
      await page.goto(`${console_.url}/oauth/callback`);
      assert.ok(await page.locator('#rc-no-fragment').isVisible());
      assert.deepEqual(await axeViolations(page), []);
      await page.goto('about:blank');
      await page.goto(`${console_.url}/oauth/callback#error=access_denied&state=made-up`);
      await page.locator('h1', { hasText: 'Sign-in failed' }).waitFor();
      assert.equal(page.url(), `${console_.url}/oauth/callback`);
      assert.deepEqual(takeTroubles(window), []);
    } finally {
      await context.close();
    }
  });

  test('without a script the page says what is needed', async () => {
    const window = await openWindow(console_, { javaScriptEnabled: false, locale: 'zh-CN' });
    const { page, context } = window;
    try {
      await page.goto(`${console_.url}/login`);
      await typePassword(page);
      await page.waitForURL(address => address.pathname === '/oauth/callback');
      assert.match(await page.locator('main').innerText(), /需要 JavaScript[^]*OPENSHIFT_OAUTH_CLIENT_SECRET/);
    } finally {
      await context.close();
    }
  });

  test('another name of the same console is explained, not led to a line of JSON', async () => {
    const elsewhere = console_.url.replace('127.0.0.1', 'localhost');
    const window = await openWindow(console_, { viewport: NARROW });
    const { page, context } = window;
    try {
      // The console makes a preflight only every few seconds; until then it lets users continue.
      for (let tries = 0; tries < 60 && (await page.locator('.rc-remediation').count()) === 0; tries += 1) await page.goto(`${elsewhere}/login`);
      const text = await page.locator('main').innerText();
      assert.ok(text.includes(`${elsewhere}/oauth/callback`) && text.includes(`"value":"${elsewhere}/oauth/callback"`), text);
      await assertNoHorizontalScroll(page);
      assert.deepEqual(await axeViolations(page), []);
    } finally {
      await context.close();
    }
  });
});
