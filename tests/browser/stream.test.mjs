// The page of an image stream: choosing a pull command, selecting tags, its size on a phone.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signIn, start, takeTroubles } from './harness.mjs';

const STREAM = '/images/shop/storefront';

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

async function open(options) {
  const window = await openWindow(console_, options);
  await signIn(window, console_.url, 'developer');
  await window.page.goto(console_.url + STREAM);
  return window;
}

const command = page => page.locator('#pull-command').innerText();

describe('with a script', () => {
  test('the pull command and those of the rows follow the choice, which other pages remember', async () => {
    const window = await open();
    const { page } = window;
    assert.match(await command(page), /^podman pull \S+\/shop\/storefront:nightly$/);
    await page.selectOption('select[name=pull]', 'production');
    assert.match(await command(page), /^podman pull \S+\/shop\/storefront:production$/);
    await page.locator('input[name=by][value=digest]').check({ force: true });
    assert.match(await command(page), /^podman pull \S+\/shop\/storefront@sha256:[0-9a-f]{64}$/);
    const remembered = page.waitForResponse(answer => answer.url().endsWith('/preferences'));
    await page.locator('input[name=client][value=skopeo]').check({ force: true });
    await remembered;
    assert.match(await command(page), /^skopeo copy docker:\S+@sha256:[0-9a-f]{64} dir:MY-DIRECTORY$/);
    const row = page.locator('button[data-pull-tag="1.9.0"]').first();
    assert.match(await row.getAttribute('data-copy'), /^skopeo copy docker:\S+:1\.9\.0 dir:MY-DIRECTORY$/);
    await page.goto(`${console_.url}/images/shop/cart`);
    assert.match(await command(page), /^skopeo copy docker:/);
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });

  test('two tags that are ticked can be compared, and the selection survives a filter', async () => {
    const window = await open();
    const { page } = window;
    const [compare, remove] = ['button[name=compare]', 'button[formaction]'].map(css => page.locator(css));
    assert.deepEqual([await compare.isDisabled(), await remove.isDisabled()], [true, true]);
    await page.locator('#tags input[value="latest"]').check();
    assert.deepEqual([await compare.isDisabled(), await remove.isDisabled()], [true, false]);
    await page.fill('main input[name=q]', '1.9');
    await page.waitForURL(address => address.searchParams.get('q') === '1.9');
    assert.equal(await page.locator('#tags input:checked').count(), 0, 'typing in the filter ticks nothing');
    await page.locator('#tags input[value="1.9.0"]').check();
    assert.match(await page.locator('[data-selection-count]').innerText(), /^2 selected/);
    await Promise.all([page.waitForURL('**/compare?*'), compare.click()]);
    const asked = new URL(page.url()).searchParams;
    assert.deepEqual([asked.get('from'), asked.get('to')].sort(), ['1.9.0', 'latest']);
    await window.context.close();
  });

  test('the box of the header selects all tags that are shown, and a removal begins with them', async () => {
    const window = await open();
    const { page } = window;
    await page.locator('[data-select-all]').check();
    const count = await page.locator('#tags input[name=tag]').count();
    assert.equal(await page.locator('[data-selection-count]').innerText(), `${count} selected`);
    await page.locator('#tags input[value="latest"]').uncheck();
    assert.equal(await page.locator('[data-select-all]').evaluate(box => box.indeterminate), true);
    await Promise.all([page.waitForURL('**/remove-tags?*'), page.locator('button[formaction]').click()]);
    assert.equal(new URL(page.url()).searchParams.getAll('tag').length, count - 1);
    await window.context.close();
  });

  test('a row menu is opened with the keyboard and closed by Escape, and axe finds nothing', async () => {
    const window = await open();
    const { page } = window;
    const summary = page.locator('#tags .rc-menu summary').nth(1);
    await summary.focus();
    await page.keyboard.press('Enter');
    assert.ok(await page.locator('#tags .rc-menu[open] a').first().isVisible());
    assert.deepEqual(await axeViolations(page), []);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#tags .rc-menu[open]').count(), 0);
    await window.context.close();
  });

  test('on a phone a tag takes two lines', async () => {
    const window = await open({ viewport: { width: 390, height: 800 } });
    const { page } = window;
    const heights = await page.locator('#tags tbody tr:not(:has(.rc-tag-source))').evaluateAll(rows => rows.map(row => row.offsetHeight));
    assert.ok(heights.length > 5 && Math.max(...heights) <= 72, heights.join(' '));
    for (const tab of ['', '/history', '/access', '/settings']) {
      await page.goto(console_.url + STREAM + tab);
      await page.setViewportSize(NARROW);
      await assertNoHorizontalScroll(page);
    }
    await window.context.close();
  });
});

test('without a script the choice is sent, and the selected tags are', async () => {
  const window = await open({ javaScriptEnabled: false });
  const { page } = window;
  assert.equal(await page.locator('.rc-copy-button:visible').count(), 0, 'nothing that needs a script is displayed');
  await page.locator('input[name=client][value=docker]').check({ force: true });
  await page.selectOption('select[name=pull]', '1.9.0');
  await Promise.all([page.waitForNavigation(), page.locator('form[data-pull] button').click()]);
  assert.match(await command(page), /^docker pull \S+\/shop\/storefront:1\.9\.0$/);
  await page.locator('#tags input[value="latest"]').check();
  await page.locator('#tags input[value="1.9.0"]').check();
  await Promise.all([page.waitForURL('**/compare?from=1.9.0&to=latest'), page.locator('button[name=compare]').click()]);
  await page.goto(console_.url + STREAM);
  await page.locator('#tags input[value="1.9.0"]').check();
  await Promise.all([page.waitForURL('**/remove-tags?tag=1.9.0'), page.locator('button[formaction]').click()]);
  await window.context.close();
});
