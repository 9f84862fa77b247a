// axe-core reports no violation on any kind of page, in English and in Chinese: light, and in English also dark and with forced colors.
// With forced colors, where backgrounds and shadows are not drawn, controls, the selected ones and the focus are still visible.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertNoHorizontalScroll, axeViolations, NARROW, openWindow, signIn, start, takeTroubles, WIDE } from './harness.mjs';
import { freePort, startConsole } from '../../benches/programs.mjs';
import { walk } from './pages.mjs';

/** Pages whose content depends on the demo's sample data; the walk may not visit them. */
const SPECIAL = [
  '/images/edge/gateway:2.4', // an index
  '/images/public-tools/shop-chart:1.2.3', // a Helm chart
  '/images/untrusted/evil', // everything that is hostile
  '/images/shop/storefront/compare?from=1.9.0&to=latest',
  '/images/edge/gateway/compare?from=2.4&to=untrusted/evil:latest', // an index, and settings that are hostile
  '/images/public-tools/shop-chart/compare?from=1.2.3&to=shop/storefront:no-such-tag',
  '/images?q=no-such-stream-anywhere',
  '/images/no-such-project/no-such-stream',
  '/images/edge/gateway:no-such-tag',
  '/no-such-page',
  '/oauth/callback?error=access_denied',
  '/signed-out',
  '/signed-out?token=uncertain',
];

/**
 * How a page can look, and which rules of axe-core depend on that; without `rules`, all of them are checked. What is drawn differs,
 * the elements are the same.
 */
const LIGHT = { media: { colorScheme: 'light', forcedColors: 'none' } };
const APPEARANCES = [
  LIGHT,
  { media: { colorScheme: 'dark' }, rules: ['color-contrast', 'link-in-text-block'] },
  { media: { colorScheme: 'light', forcedColors: 'active' }, rules: ['color-contrast', 'link-in-text-block'] },
];

let console_;
/** A console whose API server does not answer. */
let alone;

before(async () => {
  console_ = await start();
  const nowhere = `https://127.0.0.1:${await freePort()}`;
  alone = await startConsole({ master: nowhere, registry: nowhere });
});
after(async () => {
  await alone?.stop();
  await console_?.stop();
});

/** One URL of each kind of page: known after the first walk. */
let pages;

/** Calls `visit` on one page of each kind, and on those of `SPECIAL`. */
async function visitAll(window, visit) {
  const visited = new Set();
  const visitOnce = async (address, kind = address) => {
    // A list in another order has the same elements.
    if (visited.has(kind) || /\bsort\b/.test(kind)) return;
    visited.add(kind);
    await visit(address);
  };
  const open = async address => {
    await window.page.goto(address);
    await visitOnce(address);
  };
  if (pages) {
    for (const address of pages) await open(address);
    return;
  }
  const kinds = await walk(window, console_.url, ({ address, kind }) => visitOnce(address, kind));
  const others = [...SPECIAL.map(path => console_.url + path), `${alone.url}/login`];
  for (const address of others) await open(address);
  pages = [...new Set([...kinds.values(), ...others])];
}

// Colors do not depend on the language.
for (const [locale, tag, appearances] of [['en-US', 'en', APPEARANCES], ['zh-CN', 'zh-CN', [LIGHT]]]) {
  test(`no page has a violation in ${appearances.length} appearances: ${tag}`, async () => {
    const window = await openWindow(console_, { locale });
    try {
      const { page } = window;
      await signIn(window, console_.url, 'admin');
      const found = [];
      await visitAll(window, async address => {
        assert.equal(await page.locator('html').getAttribute('lang'), tag, address);
        for (const { media, rules } of appearances) {
          await page.emulateMedia(media);
          // The colors of buttons change gradually.
          await page.evaluate(() => document.getAnimations().forEach(animation => animation.finish()));
          for (const violation of await axeViolations(page, rules)) found.push(`${address}, ${JSON.stringify(media)}: ${violation}`);
        }
        await page.setViewportSize(NARROW);
        await assertNoHorizontalScroll(page);
        await page.emulateMedia(LIGHT.media);
        await assertNoHorizontalScroll(page);
        await page.setViewportSize(WIDE);
      });
      assert.deepEqual(found, []);
      assert.deepEqual(takeTroubles(window), []);
    } finally {
      await window.context.close();
    }
  });
}

/** Where controls can be selected: what a selected one matches, and what the others match. */
const SELECTED = [
  ['/', '.rc-navigation a[aria-current]', '.rc-navigation a:not([aria-current])'],
  ['/', '.rc-segments a[aria-current]', '.rc-segments a:not([aria-current])'],
  ['/', 'button[aria-pressed="true"]', 'button[aria-pressed="false"]'],
  ['/images/shop/storefront', '.rc-tabs a[aria-current]', '.rc-tabs a:not([aria-current])'],
  ['/images/shop/storefront', '.rc-segments input:checked + span', '.rc-segments input:not(:checked) + span'],
  ['/images', '.rc-chips a[aria-current]', '.rc-chips a:not([aria-current])'],
  ['/imports', '.rc-chips a[aria-current]', '.rc-chips a:not([aria-current])'],
  ['/projects/shop/access', '.rc-policy__card:has(:checked)', '.rc-policy__card:not(:has(:checked))'],
  ['/connect', '.rc-switch__option:has(:checked)', '.rc-switch__option:not(:has(:checked))'],
];

/** How many elements of a page get the focus in the test. */
const TAB_STOPS = 25;

describe('controls with forced colors', () => {
  let window;
  before(async () => {
    window = await openWindow(console_, { forcedColors: 'active' });
    await signIn(window, console_.url, 'admin');
  });
  after(() => window?.context.close());

  /** Shows a page with all menus open. */
  const show = async path => {
    await window.page.goto(console_.url + path);
    await window.page.locator('details').evaluateAll(all => all.forEach(details => (details.open = true)));
  };

  test('a selected control differs by more than its weight', async () => {
    const alike = [];
    for (const [path, selected, other] of SELECTED) {
      await show(path);
      const [one, another] = [selected, other].map(css => window.page.locator(css).filter({ visible: true }).first());
      if ((await one.evaluate(look)) === (await another.evaluate(look))) alike.push(`${path}: ${selected}`);
    }
    assert.deepEqual(alike, []);
  });

  test('every button has an edge, and the focus is outlined', async () => {
    const faults = [];
    for (const path of new Set([...SELECTED.map(([path]) => path), '/images/shop/storefront/remove-tags', '/new-image-stream'])) {
      await show(path);
      const { page } = window;
      const buttons = page.locator('.pf-v6-c-button:not(.pf-m-link, .pf-m-plain, .pf-m-inline)').filter({ visible: true });
      for (const text of await buttons.evaluateAll(withoutEdge)) faults.push(`${path}: ${text} has no edge`);
      await page.locator('body').press('Tab');
      for (let stop = 0; stop < TAB_STOPS; stop += 1) {
        const unmarked = await page.evaluate(withoutOutline);
        if (unmarked) faults.push(`${path}: the focus is not outlined on ${unmarked}`);
        await page.keyboard.press('Tab');
      }
    }
    assert.deepEqual(faults, []);
  });
});

/** Runs in the page: what is drawn around an element, in its background, and below its text. */
function look(element) {
  const drawn = pseudo => {
    const style = getComputedStyle(element, pseudo);
    const border = ['Top', 'Right', 'Bottom', 'Left'].map(side => {
      const width = style[`border${side}Style`] === 'none' ? '0px' : style[`border${side}Width`];
      return width === '0px' ? 'none' : `${width} ${style[`border${side}Color`]}`;
    });
    return [border, style.outlineStyle, style.backgroundColor, style.textDecorationLine].join(';');
  };
  return [drawn(), drawn('::before'), drawn('::after')].join('|');
}

/** Runs in the page: the texts of those buttons that have neither a border nor a background. */
function withoutEdge(buttons) {
  const canvas = getComputedStyle(document.body).backgroundColor;
  const isDrawn = (button, pseudo) => {
    const style = getComputedStyle(button, pseudo);
    const hasBorder = style.borderTopStyle !== 'none' && style.borderTopWidth !== '0px' && style.borderTopColor !== canvas;
    return hasBorder && (!pseudo || style.content !== 'none');
  };
  return buttons.filter(button => !['', '::before', '::after'].some(pseudo => isDrawn(button, pseudo))).map(button => button.outerHTML.slice(0, 160));
}

/** Runs in the page: the focused element, if neither it nor what stands for it has an outline. */
function withoutOutline() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const isOutlined = element => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
  };
  // A radio button of a switch is hidden: the text that follows it, or the label around it, is drawn in its place.
  const candidates = [focused, focused.nextElementSibling, focused.parentElement].filter(Boolean);
  return candidates.some(isOutlined) ? null : focused.outerHTML.slice(0, 160);
}
