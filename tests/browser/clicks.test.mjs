// How many clicks the most frequent jobs take, from the home page on. Only visible controls are
// used. A click is whatever submits, opens or selects something: pressing Enter in place of a button
// counts, typing into a field does not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openWindow, signIn, start, takeTroubles } from './harness.mjs';

/** A stream with many old tags, made by this test. */
const CROWDED = { project: 'shop', stream: 'crowded', tags: 80, kept: 30 };

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

/** A window of the developer on the home page, whose `click` counts. */
async function begin(t) {
  const window = await openWindow(console_, { permissions: ['clipboard-read', 'clipboard-write'] });
  t.after(() => window.context.close());
  await signIn(window, console_.url, 'developer');
  const { page } = window;
  let clicks = 0;
  /** Clicks what is visible: Playwright scrolls to it as a user would, and fails if it is covered. */
  const click = async locator => {
    clicks += 1;
    await locator.click();
  };
  const follow = (locator, path) => Promise.all([page.waitForURL(url => url.pathname === path), click(locator)]);
  /** Types into the search field of the header, and clicks a suggestion. */
  const find = async (text, path) => {
    await page.locator('header [role=combobox]').fill(text);
    await follow(page.locator('header [role=option]').filter({ hasText: text }).first(), path);
  };
  const finish = limit => {
    assert.ok(clicks <= limit, `${clicks} clicks, not ${limit}`);
    assert.deepEqual(takeTroubles(window), []);
  };
  return { page, click, follow, find, finish };
}

const tab = (page, name) => page.locator('.rc-tabs a', { hasText: name });
const api = async (page, path) => (await page.request.get(`${console_.url}/api/v1${path}`)).json();

test('copy the pull command of any tag: 2', async t => {
  const { page, click, find, finish } = await begin(t);
  await find('shop/storefront', '/images/shop/storefront');
  await click(page.locator('tr', { hasText: '1.9.0' }).getByRole('button', { name: 'Copy pull' }));
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^podman pull \S+\/shop\/storefront:1\.9\.0$/);
  finish(2);
});

test('compare two tags: 3', async t => {
  const { page, click, find, follow, finish } = await begin(t);
  const path = '/images/shop/storefront';
  await find('shop/storefront', path);
  await follow(tab(page, 'Compare'), `${path}/compare`);
  await page.getByLabel('From').fill('1.9.0');
  await page.getByLabel('To', { exact: true }).fill('latest');
  await Promise.all([page.waitForURL(url => url.searchParams.get('to') === 'latest'), click(page.locator('main').getByRole('button', { name: 'Compare' }))]);
  const headings = await page.locator('main h2').allInnerTexts();
  assert.deepEqual(headings.slice(0, 2), ['1.9.0', 'latest']);
  assert.match(await page.locator('main').innerText(), /APP_VERSION\s+1\.9\.0\s+1\.11\.0/);
  finish(3);
});

test('roll a tag back: 3', async t => {
  const { page, find, follow, finish } = await begin(t);
  const path = '/images/shop/storefront';
  const before = await api(page, `${path}:nightly`);
  await find('shop/storefront:nightly', `${path}:nightly`);
  await follow(page.locator('main').getByRole('link', { name: 'Roll back' }), `${path}:nightly/roll-back`);
  await follow(page.locator('main').getByRole('button', { name: 'Roll back' }), path);
  assert.match(await page.locator('main [role=status]:not([hidden])').innerText(), /nightly was rolled back to/);
  const now = await api(page, `${path}:nightly`);
  assert.equal(now.digest, before.previous);
  assert.notEqual(now.digest, before.digest);
  finish(3);
});

test('what changed since yesterday: 0', async t => {
  const { page, finish } = await begin(t);
  const feed = page.locator('section', { has: page.getByRole('heading', { name: 'What changed' }) });
  assert.equal(await feed.locator('[aria-current]').innerText(), 'Since yesterday');
  // What failed is beside it, with the time.
  const failing = page.locator('section', { has: page.getByRole('heading', { name: 'Failing imports' }) });
  assert.match(await failing.innerText(), /public-tools\/hey:latest[\s\S]*5 hours ago/);
  assert.match(await feed.innerText(), /new tag\s+payments\/ledger:audited/);
  finish(0);
});

test('let another project pull: 3', async t => {
  const { page, click, follow, finish } = await begin(t);
  const projects = page.locator('section', { has: page.getByRole('heading', { name: 'Your projects' }) });
  await follow(projects.getByRole('link', { name: 'payments' }), '/projects/payments');
  await follow(tab(page, 'Access'), '/projects/payments/access');
  await page.locator('section', { has: page.getByRole('heading', { name: 'Cross-project pull access' }) }).getByLabel('Project').fill('edge');
  await Promise.all([page.waitForNavigation(), click(page.getByRole('button', { name: 'Allow pull' }))]);
  assert.match(await page.locator('main [role=status]:not([hidden])').innerText(), /edge can now pull/);
  const listed = page.locator('section', { has: page.getByRole('heading', { name: 'Cross-project pull access' }) });
  assert.match(await listed.innerText(), /edge/);
  finish(3);
});

test('delete 50 old tags: 4', async t => {
  const { page, find, follow, click, finish } = await begin(t);
  const { project, stream, tags, kept } = CROWDED;
  await crowd(page);
  const path = `/images/${project}/${stream}`;
  await page.goto(console_.url);
  await find(`${project}/${stream}`, path);
  await follow(page.locator('main').getByRole('link', { name: 'Clean up' }), `${path}/remove-tags`);
  await page.getByLabel('Keep the newest').fill(`${kept}`);
  await Promise.all([page.waitForNavigation(), click(page.getByRole('button', { name: 'Review matching tags' }))]);
  assert.equal(await page.locator('h1').innerText(), `Remove ${tags - kept} tags from ${project}/${stream}`);
  await Promise.all([page.waitForNavigation(), click(page.getByRole('button', { name: `Remove ${tags - kept} tags` }))]);
  await page.getByText(`${tags - kept} tags were removed`).first().waitFor();
  assert.equal((await api(page, path)).tag_count, kept);
  finish(4);
});

/** Gives the crowded stream its tags, by the form that tags an image. */
async function crowd(page) {
  const { project, stream, tags } = CROWDED;
  const action = `${console_.url}/images/shop/storefront:1.0.0/tag-as`;
  await page.goto(action);
  const csrf = await page.locator('main input[name=csrf]').first().inputValue();
  for (let number = 1; number <= tags; number += 1) {
    const answer = await page.request.post(action, {
      form: { csrf, project, stream, tag: `build-${number}` },
      headers: { origin: console_.url },
      maxRedirects: 0,
    });
    assert.equal(answer.status(), 303, await answer.text());
  }
}
