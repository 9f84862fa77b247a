// Changes in a real browser: with JavaScript and without, in English and in Chinese.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { axeViolations, openWindow, signIn, start, takeTroubles } from './harness.mjs';

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

/** Presses the button of the form in the main part of the page, and waits for the next page. */
async function press(page, button = 'main form .pf-m-primary, main form .pf-m-danger') {
  await Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
}

const said = page => page.locator('main [role=status].pf-v6-c-alert:not([hidden])').innerText();
/** Sends a form that the page does not have to the address of the page. */
function send(fields) {
  const form = Object.assign(document.createElement('form'), { method: 'post' });
  form.append(...Object.entries(fields).map(([name, value]) => Object.assign(document.createElement('input'), { name, value })));
  document.body.append(form);
  form.submit();
}

const refused = page => page.locator('main [role=alert]').innerText();

for (const javaScriptEnabled of [true, false]) {
  for (const locale of ['en-US', 'zh-CN']) {
    const way = `${javaScriptEnabled ? 'with' : 'without'} a script, ${locale}`;
    const chinese = locale === 'zh-CN';
    const mine = `e2e-${javaScriptEnabled ? 'on' : 'off'}-${chinese ? 'zh' : 'en'}`;

    describe(way, () => {
      test('a developer makes a project, a stream in it, promotes an image there, rolls on, removes it, undoes that and deletes all', async () => {
        const window = await openWindow(console_, { javaScriptEnabled, locale });
        const { page } = window;
        const go = path => page.goto(console_.url + path);
        try {
          await signIn(window, console_.url, 'developer');
          await go('/new-project');
          await page.fill('#f-name', mine);
          await press(page);
          assert.ok(page.url().endsWith(`/projects/${mine}`), page.url());

          await go(`/new-image-stream?project=${mine}`);
          await page.fill('#f-name', 'app');
          await press(page);
          assert.ok(page.url().includes(`/images/${mine}/app`), page.url());

          await go('/images/shop/storefront:1.0.0/tag-as');
          for (const [field, value] of [['project', mine], ['stream', 'app'], ['tag', 'stable']]) await page.fill(`#f-${field}`, value);
          await press(page);
          assert.match(await said(page), new RegExp(`${mine}/app:stable`));
          assert.equal(await page.locator('.rc-tag-name', { hasText: 'stable' }).count(), 1);

          await go(`/images/${mine}/app/new-tag`);
          await page.fill('#f-tag', 'kept');
          await page.fill('#f-here', 'app:stable');
          await press(page, 'main form [name=look]');
          assert.match(await page.locator('.rc-terminal code').first().textContent(), new RegExp(`oc tag ${mine}/app:stable ${mine}/app:kept`));
          await press(page);
          assert.match(await said(page), new RegExp(`${mine}/app:kept`));

          await go(`/images/${mine}/app:stable/delete`);
          assert.match(await page.locator('.rc-terminal code').first().textContent(), new RegExp(`oc tag -d ${mine}/app:stable`));
          await press(page);
          assert.match(await said(page), chinese ? /已从 .* 移除标签 stable/ : /The tag stable was removed/);
          assert.equal(await page.locator('.rc-tag-name').count(), 1);
          await press(page, 'main [role=status] form button');
          assert.match(await said(page), chinese ? /标签 stable 已恢复/ : /The tag stable was restored/);

          await go(`/images/${mine}/app/remove-tags?q=stable`);
          await page.locator('main input[name=tag][value=stable]').check();
          await press(page);
          assert.match(await page.locator('main').innerText(), /stable[^]*kept/);
          assert.deepEqual(javaScriptEnabled ? await axeViolations(page) : [], []);
          await press(page);
          assert.ok(page.url().endsWith(`/images/${mine}/app`), page.url());
          assert.match(await said(page), chinese ? /移除 1 个标签/ : /1 tag was removed/);
          await press(page, 'main form[action$="/restore"] button');
          assert.match(await said(page), chinese ? /1 个标签已恢复/ : /1 tag of .* was restored/);

          await go(`/projects/${mine}/access`);
          await page.click('#add > summary');
          await page.fill('#f-name', 'outsider');
          await press(page, '#add .pf-m-primary');
          assert.ok((await page.locator('main').innerText()).includes('outsider'));

          await go(`/projects/${mine}/access`);
          await page.locator('input[type=radio][value=shared]').check();
          await press(page);
          assert.equal(await page.locator('main [role=alert]').count(), 0);

          await go(`/projects/${mine}/delete`);
          await page.locator('main input[type=text]').fill(mine);
          await press(page);
          assert.match(await said(page), new RegExp(mine));
          assert.deepEqual(takeTroubles(window), []);
        } finally {
          await window.context.close();
        }
      });

      test('an administrator makes a user and a group, brings both together and into a project, and deletes both', async () => {
        const window = await openWindow(console_, { javaScriptEnabled, locale });
        const { page } = window;
        const go = path => page.goto(console_.url + path);
        const [user, group] = [`${mine}@example.com`, `${mine}-group`];
        try {
          await signIn(window, console_.url, 'admin');
          await go('/projects');
          await Promise.all([page.waitForNavigation(), page.locator('header a[href="/users"]').click()]);
          await go('/new-user');
          await page.fill('#f-name', user);
          await page.fill('#f-identities-0', `ldap:${mine}`);
          await press(page);
          assert.ok(page.url().endsWith(`/users/${user}`), page.url());
          assert.match(await said(page), chinese ? /已创建用户/ : /was created/);

          await go('/new-group');
          await page.fill('#f-name', group);
          await press(page);
          assert.ok(page.url().endsWith(`/groups/${group}`), page.url());
          await page.click('details:has(#f-members-0) > summary');
          await page.fill('#f-members-0', user);
          await press(page, 'main form:has(#f-members-0) .pf-m-primary');
          assert.equal(await page.locator(`main a[href="/users/${user}"]`).count(), 1);

          await go(`/users/${user}`);
          await page.click('details:has(#f-project) > summary');
          await page.fill('#f-project', 'shop');
          await press(page, 'main form:has(#f-project) .pf-m-primary');
          assert.match(await page.locator('main table').innerText(), /registry-viewer/);
          assert.deepEqual(javaScriptEnabled ? await axeViolations(page) : [], []);

          await go(`/users/${user}/delete`);
          assert.match(await page.locator('.rc-removed-items').innerText(), new RegExp(`${group}[^]*shop`));
          assert.deepEqual(javaScriptEnabled ? await axeViolations(page) : [], []);
          await press(page);
          assert.ok(page.url().endsWith('/users'), page.url());
          await go(`/groups/${group}/delete`);
          await press(page);
          assert.match(await said(page), new RegExp(group));
          assert.deepEqual(takeTroubles(window), []);
          const missing = await go(`/users/${user}`);
          assert.equal(missing.status(), 404);
          assert.match(await page.locator('main').innerText(), chinese ? /不存在/ : /does not exist/);
        } finally {
          await window.context.close();
        }
      });

      test('a viewer who sends a form all the same is refused in their language, and nothing is lost or changed', async () => {
        const window = await openWindow(console_, { javaScriptEnabled, locale });
        const { page } = window;
        try {
          await signIn(window, console_.url, 'viewer');
          await page.goto(`${console_.url}/images/shop/storefront:1.0.0/tag-as`);
          assert.equal(await page.locator('main form').count(), 0, 'there is no project in which they may');
          const fields = { project: 'shop', stream: 'storefront', tag: mine, csrf: await page.locator('input[name=csrf]').first().inputValue() };
          await Promise.all([page.waitForNavigation(), page.evaluate(send, fields)]);
          assert.match(await refused(page), chinese ? /您没有执行此操作的权限/ : /You don't have permission to do this/);
          assert.equal(await page.inputValue('#f-tag'), mine);
          assert.deepEqual(javaScriptEnabled ? await axeViolations(page) : [], []);
          await page.goto(`${console_.url}/images/shop/storefront`);
          assert.equal(await page.locator('main a[href$="/delete"]').count(), 0, 'nothing is offered');
          assert.equal(await page.locator('.rc-tag-name', { hasText: mine }).count(), 0);
        } finally {
          await window.context.close();
        }
      });
    });
  }
}
