// Ticked tags stay ticked, whatever the filter of the list shows: with JavaScript and without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signIn, start, takeTroubles } from './harness.mjs';

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

const FORM = '/images/shop/storefront/remove-tags';

/** The names of the tags that the form would send, sorted. */
const sent = page => page.locator('form[data-selection]').evaluate(form => new FormData(form).getAll('tag').sort());
const ticked = page => page.locator('input[name=tag]:checked').evaluateAll(boxes => boxes.map(box => box.value).sort());
const shown = page => page.locator('input[type=checkbox][name=tag]').evaluateAll(boxes => boxes.map(box => box.value));
const count = page => page.locator('[data-selection-count]').innerText();

/** A window of the developer with the form. */
async function open(options) {
  const window = await openWindow(console_, options);
  await signIn(window, console_.url, 'developer');
  await window.page.goto(console_.url + FORM);
  return window;
}

describe('with a script', () => {
  /** Types into the filter and waits until every visible tag matches. */
  async function filter(page, text) {
    await page.fill('main input[name=q]', text);
    await page.waitForURL(address => (address.searchParams.get('q') ?? '') === text);
  }

  test('typing into the filter ticks nothing, and keeps what was ticked by hand, in sight and out of it', async () => {
    const window = await open();
    const { page } = window;
    const all = await shown(page);
    assert.ok(all.includes('1.0.0') && all.includes('latest'), `${all}`);
    await page.locator('input[name=tag][value="latest"]').check();
    await page.locator('main input[name=q]').pressSequentially('1.0');
    await page.waitForURL(address => address.searchParams.get('q') === '1.0');
    assert.deepEqual(await ticked(page), [], 'the filter ticks nothing');
    assert.deepEqual(await sent(page), ['latest']);
    assert.equal(await count(page), '1 selected, 1 not shown');
    await page.locator('input[name=tag][value="1.0.0"]').check();
    assert.equal(await count(page), '2 selected, 1 not shown');
    await filter(page, 'no such tag');
    assert.deepEqual(await sent(page), ['1.0.0', 'latest']);
    assert.equal(await count(page), '2 selected, 2 not shown');
    await filter(page, '');
    assert.deepEqual(await ticked(page), ['1.0.0', 'latest']);
    assert.equal(await count(page), '2 selected');
    await page.locator('input[name=tag][value="latest"]').uncheck();
    await filter(page, 'latest');
    assert.deepEqual(await ticked(page), [], 'what was unticked stays so');
    assert.deepEqual(await sent(page), ['1.0.0']);
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });

  test('all that is shown is selected, or nothing, by a button alone', async () => {
    const window = await open();
    const { page } = window;
    await page.locator('input[name=tag][value="latest"]').check();
    await filter(page, '1.0');
    const some = await shown(page);
    await page.locator('button[name=select][value=shown]').click();
    assert.deepEqual(await sent(page), [...some, 'latest'].sort());
    await filter(page, '');
    assert.deepEqual(await ticked(page), [...some, 'latest'].sort());
    await page.locator('button[name=select][value=none]').click();
    assert.deepEqual(await sent(page), []);
    assert.equal(await count(page), '0 selected');
    await window.context.close();
  });

  test('rules select on demand only, and add to what was ticked by hand', async () => {
    const window = await open();
    const { page } = window;
    const byRules = () => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.locator('input[name=tag][value="latest"]').check();
    await page.fill('#f-pattern', '1.0*');
    assert.deepEqual(await sent(page), ['latest'], 'typing selects nothing');
    await page.fill('main input[name=q]', '1.');
    await page.keyboard.press('Enter');
    await page.waitForURL(address => address.searchParams.get('q') === '1.');
    assert.deepEqual(await sent(page), ['latest'], 'neither does Enter in the filter');
    assert.equal(await page.locator('#f-pattern').inputValue(), '1.0*');
    await page.locator('#f-pattern').focus();
    await byRules();
    const selected = await sent(page);
    assert.ok(selected.includes('latest') && selected.includes('1.0.0') && selected.every(tag => tag === 'latest' || tag.startsWith('1.0')), `${selected}`);
    assert.match(await page.locator('.rc-cleanup__dry-run').innerText(), /would be removed/);
    assert.equal(await page.locator('main form .pf-m-primary').innerText(), `Review ${selected.length} tags…`);
    await page.locator('input[name=tag][value="1.0.0"]').uncheck();
    await filter(page, '');
    assert.ok(!(await ticked(page)).includes('1.0.0'), 'what was unticked stays so');
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });

  test('what a selection frees is shown for the selection that the server was sent, and the link to the rules selects nothing', async () => {
    const window = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = window;
    await page.fill('#f-pattern', '1.0*');
    await Promise.all([page.waitForNavigation(), page.locator('button[name=select][value=rules]').click()]);
    const freed = page.locator('[data-selection-freed]');
    assert.match(await freed.innerText(), /^Removing these tags frees/);
    await page.locator('input[name=tag][value="1.0.0"]').uncheck();
    assert.equal(await freed.isVisible(), false, 'of another selection it is not known');
    await page.locator('input[name=tag][value="1.0.0"]').check();
    assert.equal(await freed.isVisible(), true);
    await page.locator('button[data-copy-from=rules-link]').click();
    await page.locator('button[data-copy-from=rules-link].rc-copy--done').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, `${console_.url}${FORM}?pattern=1.0*`);
    const other = await window.context.newPage();
    await other.goto(link);
    assert.deepEqual(await sent(other), []);
    assert.equal(await other.locator('#f-pattern').inputValue(), '1.0*');
    assert.match(await other.locator('.rc-freed').innerText(), /Removing these tags frees/);
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });

  test('another order and an inverted selection keep what is ticked', async () => {
    const window = await open();
    const { page } = window;
    const all = await shown(page);
    await page.locator('input[name=tag][value="latest"]').check();
    await page.locator('button[name=sort-by]').first().click();
    await page.waitForURL(address => address.searchParams.get('sort') === 'name');
    await page.locator('th[aria-sort=ascending]').waitFor();
    assert.deepEqual(await ticked(page), ['latest']);
    await filter(page, '1.0');
    assert.equal(new URL(page.url()).searchParams.get('sort'), 'name', 'a filter keeps the order');
    await filter(page, '');
    await page.locator('button[name=select][value=invert]').click();
    assert.deepEqual(await ticked(page), all.filter(tag => tag !== 'latest').sort());
    await window.context.close();
  });

  test('Enter in the filter filters, and what is selected is there after looking and going back', async () => {
    const window = await open();
    const { page } = window;
    await page.locator('input[name=tag][value="latest"]').check();
    await page.fill('main input[name=q]', '1.0');
    await page.keyboard.press('Enter');
    await page.waitForURL(address => address.searchParams.get('q') === '1.0');
    await page.locator('input[name=tag][value="1.0.0"]').check();
    await page.locator('main form .pf-m-primary').click();
    await page.locator('.rc-consequences').waitFor();
    const going = await page.locator('tbody').innerText();
    assert.ok(going.includes('latest') && going.includes('1.0.0'), going);
    await page.goBack();
    await page.locator('form[data-selection]').waitFor();
    assert.deepEqual(await sent(page), ['1.0.0', 'latest']);
    assert.equal(await count(page), '2 selected, 1 not shown');
    await page.reload();
    assert.deepEqual(await sent(page), ['1.0.0', 'latest']);
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });

  test('a filter that cannot be answered leaves the form and its ticks where they are', async () => {
    const window = await open();
    const { page } = window;
    await page.locator('input[name=tag][value="latest"]').check();
    await page.route(`**${FORM}?*`, route => route.fulfill({ status: 401, body: 'signed out' }));
    await page.fill('main input[name=q]', '1.0');
    await page.locator('[data-filter-failed]').waitFor({ state: 'visible' });
    assert.deepEqual(await ticked(page), ['latest']);
    await page.unroute(`**${FORM}?*`);
    await filter(page, '1.0.0');
    await page.locator('[data-filter-failed]').waitFor({ state: 'hidden' });
    assert.deepEqual(await sent(page), ['latest']);
    await window.context.close();
  });

  test('attachments that are open stay open, and the focus where it is, while the list around them is filtered', async () => {
    const window = await open();
    const { page } = window;
    await page.goto(`${console_.url}/images/edge/gateway`);
    const key = '2.4';
    const attachments = page.locator(`details[data-key="attachments-${key}"]`);
    await attachments.locator('summary').click();
    const link = page.locator(`.rc-tag-name[href$=":${key}"]`);
    const href = await link.getAttribute('href');
    await page.locator('main input[name=q]').evaluate((field, text) => {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }, key);
    await link.focus();
    await page.waitForURL(address => address.searchParams.get('q') === key);
    assert.equal(await attachments.evaluate(details => details.open), true);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), href);
    await window.context.close();
  });
});

describe('without a script', () => {
  test('the filter, and the buttons that select many, send the form and bring its ticks back', async () => {
    const window = await open({ javaScriptEnabled: false });
    const { page } = window;
    const press = async button => Promise.all([page.waitForNavigation(), page.locator(button).click()]);
    await page.locator('input[name=tag][value="latest"]').check();
    await page.fill('main input[name=q]', '1.0');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.deepEqual(await ticked(page), []);
    assert.equal(await count(page), '1 selected, 1 not shown');
    const some = await shown(page);
    assert.ok(some.length > 0 && some.every(tag => tag.includes('1.0')), `${some}`);
    await press('button[name=select][value=shown]');
    assert.deepEqual(await ticked(page), [...some].sort());
    await page.fill('main input[name=q]', '');
    await press('button[name=filter]:not([hidden])');
    assert.deepEqual(await ticked(page), [...some, 'latest'].sort());
    await press('main form .pf-m-primary');
    assert.match(await page.locator('tbody').innerText(), /latest/);
    await press('button[name=filter]');
    assert.deepEqual(await ticked(page), [...some, 'latest'].sort(), 'back from looking');
    await press('button[name=select][value=none]');
    assert.equal(await count(page), '0 selected');
    await page.locator('input[name=tag][value="latest"]').check();
    await page.fill('#f-pattern', '1.0*');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.deepEqual(await ticked(page), ['latest'], 'Enter selects nothing');
    assert.match(await page.locator('.rc-cleanup__dry-run').innerText(), /would be removed/);
    await press('button[name=select][value=rules]');
    assert.deepEqual((await ticked(page)).filter(tag => !tag.startsWith('1.0')), ['latest']);
    assert.ok((await ticked(page)).includes('1.0.0'));
    await press('button[name=sort-by][value=name]');
    assert.ok((await ticked(page)).includes('1.0.0'));
    assert.deepEqual(takeTroubles(window), []);
    await window.context.close();
  });
});

test('the form fits a narrow window, and nothing hinders those who do not see it', async () => {
  const window = await open({ viewport: NARROW });
  const { page } = window;
  await page.locator('input[name=tag]').first().check();
  await page.fill('main input[name=q]', 'no such tag');
  await page.waitForURL(address => address.searchParams.get('q') === 'no such tag');
  await assertNoHorizontalScroll(page);
  assert.deepEqual(await axeViolations(page), []);
  await window.context.close();
});
