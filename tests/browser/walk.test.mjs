// All users visit the whole console, with JavaScript and without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { USERS } from './demo.mjs';
import { injectedElements, openWindow, signIn, signOut, start, takeTroubles, WIDE } from './harness.mjs';
import { checkPage, walk } from './pages.mjs';

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

/** The addresses with hostile content that the walks visited. */
const hostile = new Set();

for (const user of USERS) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`${user}, ${javaScriptEnabled ? 'with a script' : 'without a script'}`, () => {
      test('walks every page, signs out, and Back shows nothing any more', async () => {
        const window = await openWindow(console_, { javaScriptEnabled });
        try {
          await signIn(window, console_.url, user);
          const kinds = await walk(window, console_.url, async visited => {
            if (visited.hostile) hostile.add(visited.address);
            await checkPage(window, visited);
          });
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
  await page.setViewportSize(WIDE);
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

// S30, S31: not only the policy, under which the walks visit these pages, keeps pushed text from becoming markup.
test('hostile content is text even where no policy is enforced', async () => {
  const window = await openWindow(console_, { bypassCSP: true });
  try {
    await signIn(window, console_.url, 'admin');
    let text = '';
    for (const address of hostile) {
      await window.page.goto(address);
      await window.page.evaluate(() => document.querySelectorAll('details').forEach(details => (details.open = true)));
      text += await window.page.locator('body').innerText();
      assert.deepEqual(await injectedElements(window.page), [], address);
      assert.deepEqual(takeTroubles(window), []);
    }
    assert.match(text, /<img src=x onerror=/, 'the demo has a hostile image, and its labels are shown as they are');
  } finally {
    await window.context.close();
  }
});
