// A real browser, used like a user would, that records whatever goes wrong in a page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium, firefox } from 'playwright-core';

import { startDemo, trustedKeys } from './demo.mjs';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const FIREFOX = process.env.FIREFOX_BIN ?? '/usr/bin/firefox-esr';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 320, height: 640 };

/** Starts the demo, with these flags, and Chromium, which trusts it; `stop` ends both. */
export function start(flags) {
  return startWith(flags, launchChromium);
}

/** Chromium, which trusts the console at `url` and where its users sign in. */
export async function launchChromium(url) {
  const keys = await trustedKeys(url);
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, `--ignore-certificate-errors-spki-list=${keys.join(',')}`] });
}

/** The same with Debian's Firefox, which is driven over WebDriver BiDi. */
export function startWithFirefox(flags) {
  return startWith(flags, () => firefox.launch({ channel: 'moz-firefox', executablePath: FIREFOX }));
}

async function startWith(flags, launch) {
  const demo = await startDemo(flags);
  try {
    const browser = await launch(demo.url);
    const stop = async () => {
      await browser.close();
      await demo.stop();
    };
    return { url: demo.url, browser, stop };
  } catch (fault) {
    await demo.stop();
    throw fault;
  }
}

/**
 * A browser window of its own, with an empty cache and no cookies.
 *
 * `troubles` collects a line for each problem; see `takeTroubles`.
 */
export async function openWindow({ browser }, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: WIDE, locale: 'en-US', ...options });
  context.setDefaultTimeout(15_000);
  const troubles = [];
  const note = text => {
    // Firefox requests an icon of the OAuth server's sign-in page, which the policy of that page forbids.
    if (!/(img-src|\(img-src\)).*\/favicon\.ico/.test(text)) troubles.push(text);
  };
  await watchPolicy(context, note);
  const page = await context.newPage();
  watch(page, note);
  return { context, page, troubles };
}

/**
 * Violations of the page's Content-Security-Policy, by the event that the browser sends for each.
 */
async function watchPolicy(context, report) {
  await context.exposeBinding('reportViolation', ({ page }, text) => report(`${page.url()}: policy violated: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', violation => {
      window.reportViolation(`${violation.violatedDirective} by ${violation.blockedURI} ${violation.sample}`);
    });
  });
}

function watch(page, report) {
  const note = text => report(`${page.url()}: ${text}`);
  page.on('pageerror', fault => note(`script failed: ${fault.message}`));
  page.on('dialog', dialog => {
    note(`a dialog opened: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on('console', message => {
    // A page that is itself a proper 403 or 404 is not a fault; its resources are checked below.
    const status = /^Failed to load resource: the server responded/.test(message.text());
    if (message.type() === 'error' && !status) note(`console: ${message.text()}`);
  });
  page.on('requestfailed', request => {
    const reason = request.failure()?.errorText;
    // Requests that the browser aborts by navigating to the next page.
    if (!['net::ERR_ABORTED', 'NS_BINDING_ABORTED'].includes(reason)) note(`${request.url()} failed: ${reason}`);
  });
  page.on('response', response => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) note(`${response.url()} answered ${response.status()}`);
    if (response.status() >= 500) note(`${response.url()} answered ${response.status()}`);
  });
}

/** The problems since the last call. */
export function takeTroubles(window) {
  return window.troubles.splice(0);
}

/** Signs in with the form of the OAuth server and waits for the console. */
export async function signIn({ page }, url, user) {
  await page.goto(url);
  const name = page.locator('input[name="username"]');
  if ((await name.count()) === 0) await page.locator('a[href*="/login"], form[action*="/login"] button').first().click();
  await name.fill(user);
  await page.locator('input[name="password"]').fill(user);
  await Promise.all([page.waitForURL(address => address.origin === url), page.locator('input[name="password"]').press('Enter')]);
  await page.locator('main h1').first().waitFor();
}

/** Whether a sign-in from this browser asks for a password. */
export async function asksForPassword(page, url) {
  await page.goto(`${url}/login`);
  return (await page.locator('input[name="password"]').count()) === 1;
}

/** The cookies of the session, of which there are several if it is large. */
export async function sessionCookies({ context }) {
  return (await context.cookies()).filter(cookie => cookie.name.startsWith('__Host-registry-console'));
}

/** Presses the button to sign out, which is in the menu of the user. */
export async function pressSignOut(page) {
  await page.locator('details:has(form[action$="/logout"]) > summary').first().click();
  await page.locator('form[action$="/logout"] button').first().click();
}

/** Signs out with the button that is on every page. */
export async function signOut({ page }) {
  const button = page.locator('form[action$="/logout"] [type="submit"], form[action$="/logout"] button').first();
  if (!(await button.isVisible())) await page.locator('details:has(form[action$="/logout"]) > summary').first().click();
  await Promise.all([page.waitForURL(address => address.pathname === '/signed-out'), button.click()]);
  await page.locator('main h1').waitFor();
}

/** Fails if the page, or its main part, is wider than the window. */
export async function assertNoHorizontalScroll(page) {
  const wide = await page.evaluate(() => {
    const fits = element => element.scrollWidth <= element.clientWidth;
    if ([document.scrollingElement, ...document.querySelectorAll('main')].every(fits)) return null;
    const edge = document.documentElement.clientWidth;
    const scrolls = element => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX);
    const inScrollArea = element => {
      for (let one = element.parentElement; one && one.tagName !== 'MAIN'; one = one.parentElement) if (scrolls(one)) return true;
      return false;
    };
    return [...document.body.querySelectorAll('*')]
      .filter(element => element.getBoundingClientRect().right > edge + 1 && !inScrollArea(element))
      .slice(0, 5)
      .map(element => element.outerHTML.slice(0, 160));
  });
  assert.equal(wide, null, `${page.url()} scrolls sideways at ${page.viewportSize().width} px, because of: ${wide?.join('\n')}`);
}

/**
 * Elements that no page of the console has: they could only come from pushed content (S30, S31).
 */
export async function injectedElements(page) {
  return page.evaluate(() => {
    const ours = location.origin;
    const foreign = element => {
      if (element.matches('iframe, object, embed, base, style, script:not([src]), meta[http-equiv="refresh" i]')) return true;
      if ([...element.attributes].some(({ name }) => name.startsWith('on') || name === 'style' || name === 'srcdoc')) return true;
      if (element.matches('script, img, link') && new URL(element.src || element.href, ours).origin !== ours) return true;
      if (element.matches('img') && element.getAttribute('src') === 'x') return true;
      return element.matches('a, area, form') && !/^https?:$/.test(new URL(element.href || element.action, ours).protocol);
    };
    return [...document.querySelectorAll('*')].filter(foreign).map(element => element.outerHTML.slice(0, 200));
  });
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The violations that axe-core finds, of all rules or of these: one line for each rule and element.
 * Injected by the debugger, to which no policy applies.
 */
export async function axeViolations(page, rules) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await axeSource);
  // No rule that is checked needs the style sheets themselves, which `preload` would request for each run.
  const options = { resultTypes: ['violations'], preload: false, ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate(options => window.axe.run(document, options), options);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id} (${help}): ${node.target.join(' ')} ${node.html.slice(0, 160)}`));
}

/** The bytes, including headers, received from `origin` while `action` ran. */
export async function transferred({ context, page }, origin, action) {
  const session = await context.newCDPSession(page);
  const wanted = new Set();
  let bytes = 0;
  session.on('Network.requestWillBeSent', ({ requestId, request, redirectResponse }) => {
    if (redirectResponse && new URL(redirectResponse.url).origin === origin) bytes += redirectResponse.encodedDataLength;
    if (new URL(request.url).origin === origin) wanted.add(requestId);
    else wanted.delete(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (wanted.has(requestId)) bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await action();
  await page.waitForLoadState('networkidle');
  await session.detach();
  return bytes;
}
