// A tab that was open while the session ended: the values of its form survive, and the form still
// works.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signIn, signOut, start, takeTroubles } from './harness.mjs';

const SESSION = '__Host-registry-console';

async function typePassword(page, user) {
  await page.locator('input[name="username"]').fill(user);
  await page.locator('input[name="password"]').fill(user);
  await page.locator('input[name="password"]').press('Enter');
}

describe('forms after the session ended', () => {
  let console_;
  before(async () => (console_ = await start()));
  after(() => console_?.stop());

  /** What ends the session of the first tab. */
  const ends = {
    'signed out in another tab': async ({ context }) => {
      const page = await context.newPage();
      await page.goto(console_.url);
      await signOut({ page });
      await page.close();
    },
    'session expired': ({ context }) => context.clearCookies({ name: SESSION }),
    'token revoked while the cookie is still there': async ({ context }) => {
      const cookies = await context.cookies();
      const page = await context.newPage();
      await page.goto(console_.url);
      await signOut({ page });
      await page.close();
      await context.addCookies(cookies.filter(({ name }) => name === SESSION));
    },
  };

  for (const [what, end] of Object.entries(ends)) {
    test(`${what}: what was typed can be sent after signing in`, async () => {
      const window = await openWindow(console_);
      const { page, context } = window;
      try {
        await signIn(window, console_.url, 'developer');
        await page.goto(`${console_.url}/new-project`);
        const name = `kept-${what.split(' ')[0]}`;
        await page.locator('main input[name="name"]').fill(name);
        await end(window);
        await page.locator('main form button[type="submit"]').first().click();
        await page.getByRole('heading', { level: 1, name: 'You were signed out' }).waitFor();
        assert.ok((await page.locator('main').innerText()).includes(name));
        assert.deepEqual(await axeViolations(page), []);
        await page.setViewportSize(NARROW);
        await assertNoHorizontalScroll(page);
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/signed-out-320.png`, fullPage: true });
        await page.setViewportSize({ width: 1280, height: 800 });
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/signed-out.png`, fullPage: true });

        const [other] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'Sign in from a new tab' }).click()]);
        await typePassword(other, 'developer');
        await other.waitForURL(`${console_.url}/`);
        await other.close();

        await page.getByRole('button', { name: 'Send again' }).click();
        await page.getByRole('heading', { level: 1, name: 'Review what will be sent' }).waitFor();
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/confirm.png`, fullPage: true });
        assert.deepEqual(await axeViolations(page), []);
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await page.waitForURL(address => address.pathname === `/projects/${name}`);
        assert.deepEqual(takeTroubles(window), []);
      } finally {
        await context.close();
      }
    });

    test(`${what}: the search leads to the sign-in and then to what was searched for`, async () => {
      const window = await openWindow(console_);
      const { page, context } = window;
      try {
        await signIn(window, console_.url, 'developer');
        await end(window);
        await page.locator('.rc-search input[name="q"]').fill('api');
        await page.locator('.rc-search input[name="q"]').press('Enter');
        await typePassword(page, 'developer');
        await page.waitForURL(`${console_.url}/search?q=api`);
        assert.deepEqual(takeTroubles(window), [], 'no policy was violated');
      } finally {
        await context.close();
      }
    });
  }

  test('without JavaScript a filter leads to the sign-in as well', async () => {
    const window = await openWindow(console_, { javaScriptEnabled: false });
    const { page, context } = window;
    try {
      await signIn(window, console_.url, 'developer');
      await page.goto(`${console_.url}/images`);
      await context.clearCookies({ name: SESSION });
      await page.locator('form.rc-filter input[name="q"]').fill('api');
      await page.locator('form.rc-filter button[type="submit"]').first().click();
      await typePassword(page, 'developer');
      await page.waitForURL(address => address.pathname === '/images' && address.searchParams.get('q') === 'api');
    } finally {
      await context.close();
    }
  });

  test('twelve tabs that are restored at once all reach their pages', async () => {
    const window = await openWindow(console_);
    const { page, context } = window;
    try {
      const tabs = await Promise.all(Array.from({ length: 12 }, () => context.newPage()));
      await Promise.all(tabs.map((tab, number) => tab.goto(`${console_.url}/images?q=tab-${number}`)));
      for (const [number, tab] of tabs.entries()) {
        const wanted = `${console_.url}/images?q=tab-${number}`;
        // The OAuth server shows its form again to a tab whose form token another tab replaced, and
        // the console starts the sign-in again automatically if another tab replaced its cookie.
        for (let tries = 0; tab.url() !== wanted && tries < 3; tries += 1) {
          await tab.locator('input[name="username"]').waitFor();
          const login = tab.url();
          await typePassword(tab, 'developer');
          await tab.waitForURL(({ href, origin }) => href === wanted || (origin !== console_.url && href !== login));
        }
        assert.equal(tab.url(), wanted);
      }
      await page.goto(`${console_.url}/projects`);
      assert.match(await page.locator('main h1').innerText(), /Projects/);
    } finally {
      await context.close();
    }
  });
});
