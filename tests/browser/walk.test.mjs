// All users visit the whole console, with JavaScript and without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { USERS } from './demo.mjs';
import { injectedElements, openWindow, signIn, signOut, start, takeTroubles } from './harness.mjs';
import { checkPage, walk } from './pages.mjs';

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

for (const user of USERS) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`${user}, ${javaScriptEnabled ? 'with a script' : 'without a script'}`, () => {
      test('walks every page, signs out, and Back shows nothing any more', async () => {
        const window = await openWindow(console_, { javaScriptEnabled });
        try {
          await signIn(window, console_.url, user);
          const kinds = await walk(window, console_.url, visited => checkPage(window, visited), { perKind: javaScriptEnabled ? 2 : 1 });
          for (const kind of ['/', '/images', '/projects', '/imports', '/connect']) assert.ok(kinds.has(kind), `the navigation leads to ${kind}`);
          if (user === 'admin' || user === 'developer') {
            for (const kind of ['/images/{project}/{stream}', '/images/{project}/{stream}:{tag}', '/projects/{name}']) {
              assert.ok(kinds.has(kind), `links lead to ${kind}`);
            }
          }
          await signsOutForGood(window, user);
          assert.deepEqual(takeTroubles(window), []);
        } finally {
          await window.context.close();
        }
      });
    });
  }
}

// S28
async function signsOutForGood(window, user) {
  const { page } = window;
  await page.goto(`${console_.url}/images`);
  const name = page.locator('header summary bdi').first();
  assert.equal(await name.innerText(), user);
  const main = await page.locator('main').innerText();

  await signOut(window);
  assert.equal(await page.locator('form[action$="/logout"]').count(), 0, 'nobody is signed in');
  await page.goBack();
  await page.waitForLoadState();
  assert.equal(await page.locator('form[action$="/logout"]').count(), 0, 'Back does not sign in again');
  assert.notEqual(await page.locator('body').innerText(), main);
  for (const line of main.split('\n').filter(line => line.includes('/'))) {
    assert.ok(!(await page.locator('body').innerText()).includes(line), `Back does not show ${line}`);
  }
}

// S30, S31: not only the policy keeps pushed text from becoming markup.
describe('a hostile image', () => {
  for (const bypassCSP of [false, true]) {
    test(`is text ${bypassCSP ? 'even where no policy is enforced' : 'under the policy'}`, async () => {
      const window = await openWindow(console_, { bypassCSP });
      try {
        await signIn(window, console_.url, 'admin');
        let text = '';
        await walk(window, console_.url, async visited => {
          if (!visited.hostile) return;
          await window.page.evaluate(() => document.querySelectorAll('details').forEach(details => (details.open = true)));
          text += await window.page.locator('body').innerText();
          assert.deepEqual(await injectedElements(window.page), [], visited.address);
          assert.deepEqual(takeTroubles(window), []);
        }, { perKind: 1 });
        assert.match(text, /<img src=x onerror=/, 'the demo has a hostile image, and its labels are shown as they are');
      } finally {
        await window.context.close();
      }
    });
  }
});
