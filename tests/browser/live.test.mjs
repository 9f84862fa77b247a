// What an open page shows when something has changed, and when it connects at all.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import vm from 'node:vm';

import { assertNoHorizontalScroll, NARROW, openWindow, signIn, start, takeTroubles } from './harness.mjs';

describe('in a browser', () => {
  let console_;
  before(async () => (console_ = await start()));
  after(() => console_?.stop());

  /** Adds a tag to the latest image of shop/cart, in a window of its own. */
  async function tag(window, name) {
    await window.page.goto(`${console_.url}/images/shop/cart:latest/tag-as`);
    await window.page.locator('main input[name="tag"]').fill(name);
    await Promise.all([window.page.waitForURL(address => !address.pathname.endsWith('/tag-as')), window.page.locator('main form .pf-m-primary').first().click()]);
  }

  test('a list says what is new, moves nothing, and shows it when asked to', async () => {
    const [watching, working] = [await openWindow(console_), await openWindow(console_)];
    await signIn(watching, console_.url, 'developer');
    await signIn(working, console_.url, 'admin');
    const { page } = watching;
    await page.goto(`${console_.url}/images/shop?sort=pushed`);
    const places = () => page.locator('tbody tr').evaluateAll(rows => rows.map(row => row.getBoundingClientRect().top + row.innerText));
    const before = await places();
    assert.equal(await page.locator('#rc-live').isVisible(), false);
    await tag(working, 'brand-new');
    const notice = page.locator('#rc-live');
    await notice.waitFor({ state: 'visible' });
    assert.equal(await page.locator('#rc-live-text').innerText(), '1 image stream has changed: shop/cart');
    assert.deepEqual(await places(), before);
    await page.waitForFunction(() => document.getElementById('rc-status').textContent.includes('shop/cart'));
    await page.setViewportSize(NARROW);
    await assertNoHorizontalScroll(page);
    assert.equal(await notice.evaluate(element => element.getBoundingClientRect().bottom <= innerHeight), true);
    await Promise.all([page.waitForEvent('load'), page.locator('#rc-live-show').click()]);
    assert.equal(new URL(page.url()).search, '?sort=pushed');
    await page.locator('tbody tr', { hasText: 'brand-new' }).waitFor();
    assert.equal(await page.locator('#rc-live').isVisible(), false);
    assert.deepEqual([...takeTroubles(watching), ...takeTroubles(working)], []);
  });

  test('a list that was narrowed meanwhile tells only what has changed since', async () => {
    const [watching, working] = [await openWindow(console_), await openWindow(console_)];
    await signIn(watching, console_.url, 'developer');
    await signIn(working, console_.url, 'admin');
    const { page } = watching;
    await page.goto(`${console_.url}/images`);
    await tag(working, 'before');
    await page.locator('#rc-live').waitFor({ state: 'visible' });
    await page.locator('main input[name="q"]').pressSequentially('cart');
    await page.locator('#rc-live').waitFor({ state: 'hidden' });
    await tag(working, 'after');
    await page.locator('#rc-live').waitFor({ state: 'visible' });
    await Promise.all([page.waitForEvent('load'), page.locator('#rc-live-show').click()]);
    assert.equal(new URL(page.url()).search, '?q=cart');
    assert.deepEqual([...takeTroubles(watching), ...takeTroubles(working)], []);
  });
});

/** Runs the script in a minimal page with a clock that stands still until it is advanced. */
function page() {
  const listeners = new Map();
  const on = (type, what) => listeners.set(type, [...(listeners.get(type) ?? []), what]);
  const element = () => ({ dataset: { live: '/live?since=1' }, hidden: true, addEventListener: on, textContent: '' });
  const elements = { 'rc-live': element(), 'rc-live-text': element(), 'rc-live-show': element() };
  const opened = [];
  const timers = [];
  let now = 0;
  class EventSource {
    constructor(url) {
      Object.assign(this, { url, open: true, on: {} });
      opened.push(this);
    }
    addEventListener(type, what) {
      this.on[type] = what;
    }
    close() {
      this.open = false;
    }
  }
  const document_ = { hidden: false, getElementById: id => elements[id], addEventListener: on };
  vm.runInNewContext(readFileSync(new URL('../../static/live.js', import.meta.url), 'utf8'), {
    document: document_,
    EventSource,
    addEventListener: on,
    announce: () => {},
    location: { pathname: '/images', search: '?q=x' },
    Date: { now: () => now },
    Math: Object.assign(Object.create(Math), { random: () => 0.5 }),
    JSON,
    Number,
    setTimeout: (run, after) => timers.push({ at: now + after, run }) && timers.at(-1),
    clearTimeout: timer => timers.includes(timer) && timers.splice(timers.indexOf(timer), 1),
  });
  return {
    elements,
    opened,
    listening: () => opened.filter(source => source.open).length,
    happens: (type, event = {}) => (listeners.get(type) ?? []).forEach(what => what(event)),
    says: (type, data = '') => opened.at(-1).on[type]({ data }),
    hide: hidden => (document_.hidden = hidden),
    passes: milliseconds => {
      now += milliseconds;
      for (const due of timers.filter(timer => timer.at <= now)) {
        timers.splice(timers.indexOf(due), 1);
        due.run();
      }
    },
  };
}

const MINUTE = 60_000;

describe('the script', () => {
  test('each minute is asked for anew while somebody is there, and after five minutes without a sign of them nothing is', () => {
    const { opened, listening, says, passes, happens } = page();
    for (let minute = 0; minute < 30; minute += 1) {
      passes(MINUTE);
      if (listening()) says('reconnect', '0');
      passes(0);
    }
    assert.equal(opened.length, 5, 'one at the start, and one in each of the first four minutes');
    assert.equal(listening(), 0);
    happens('pointermove');
    assert.equal(listening(), 1, 'the way back');
    happens('keydown');
    assert.equal(opened.length, 6);
  });

  test('a page that nobody can see does not listen', () => {
    const { listening, hide, happens } = page();
    assert.equal(listening(), 1);
    hide(true);
    happens('visibilitychange');
    assert.equal(listening(), 0);
    happens('scroll');
    assert.equal(listening(), 0);
    hide(false);
    happens('visibilitychange');
    assert.equal(listening(), 1);
  });

  test('a connection that is lost is tried again ever more rarely, and a moving mouse does not change that', () => {
    const { opened, listening, says, passes, happens } = page();
    const waits = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const before = opened.length;
      says('error');
      assert.equal(listening(), 0, 'the browser would ask again by itself');
      let waited = 0;
      while (opened.length === before) {
        happens('pointermove');
        passes(2_500);
        waited += 2_500;
      }
      waits.push(waited / 1000);
    }
    assert.deepEqual(waits, [7.5, 15, 30, 60, 90, 90]);
    says('open');
    says('error');
    passes(7_500);
    assert.equal(listening(), 1);
  });

  test('after signing out nothing is asked for any more', () => {
    const { listening, says, passes, happens } = page();
    says('end');
    passes(MINUTE);
    happens('pointermove');
    assert.equal(listening(), 0);
  });

  test('news are shown as text', () => {
    const { elements, says, happens } = page();
    says('change', JSON.stringify({ text: '<b>2 image streams</b> have changed', count: 2 }));
    assert.equal(elements['rc-live'].hidden, false);
    assert.equal(elements['rc-live-text'].textContent, '<b>2 image streams</b> have changed');
    happens('click');
    assert.equal(elements['rc-live-show'].href, '/images?q=x');
  });
});
