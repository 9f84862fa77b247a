// Every action: offered to users who may do it, carried out as requested, and neither offered nor
// carried out for users who may not. As an administrator of the cluster, as a member with the right
// and as a member without; in English and in Chinese; with JavaScript and without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openWindow, signIn, start, takeTroubles } from './harness.mjs';

let console_;
before(async () => (console_ = await start()));
after(() => console_?.stop());

/**
 * The actions, in an order in which each finds what it needs; `p` is a project of the user's own.
 *
 * `on`: the page that offers it. `at`: the URL of its form, or its beginning. `fill`, `choose`,
 * `pick`, `tick`: what is typed, chosen, picked from a list, ticked. `twice`: there is a
 * confirmation. `says`: what the next page says, in both languages (where it is `told`); `undone`:
 * the same after its "undo".
 */
const ACTIONS = p => [
  { name: 'create a project', on: '/projects', at: '/new-project', fill: { name: p, 'display-name': 'Mine' }, says: [/was created/, /已创建/] },
  { name: 'change its texts', on: `/projects/${p}`, at: `/projects/${p}/edit`, fill: { description: 'For tests' }, says: [/was saved/, /已保存/] },
  { name: 'create an image stream', on: `/images/${p}`, at: `/new-image-stream?project=${p}`, fill: { name: 'app' }, says: [/was created/, /已创建/] },
  { name: 'annotate it', on: `/images/${p}/app`, at: `/images/${p}/app/edit`, fill: { description: 'Team red' }, says: [/was saved/, /已保存/] },
  {
    name: 'promote an image into it',
    on: '/images/shop/storefront:1.0.0',
    at: '/images/shop/storefront:1.0.0/tag-as',
    fill: { project: p, stream: 'app', tag: 'stable' },
    says: [new RegExp(`${p}/app:stable`), new RegExp(`${p}/app:stable`)],
  },
  {
    name: 'move the tag to another image',
    on: '/images/shop/storefront:1.1.0',
    at: '/images/shop/storefront:1.1.0/tag-as',
    fill: { project: p, stream: 'app', tag: 'stable' },
    twice: true,
    says: [new RegExp(`${p}/app:stable`), new RegExp(`${p}/app:stable`)],
  },
  { name: 'roll the tag back', on: `/images/${p}/app/history`, at: `/images/${p}/app:stable/roll-back?`, says: [/stable/, /stable/] },
  {
    name: 'give the image another tag',
    on: `/images/${p}/app:stable`,
    at: `/images/${p}/app:stable/tag-as`,
    fill: { tag: 'kept' },
    says: [new RegExp(`${p}/app:kept`), new RegExp(`${p}/app:kept`)],
  },
  {
    name: 'add a tag for an image that another tag has',
    on: `/images/${p}/app`,
    at: `/images/${p}/app/new-tag`,
    fill: { tag: 'again', here: 'app:stable' },
    choose: { source: 'here' },
    says: [/app:again/, /app:again/],
  },
  {
    name: 'remove the tag, and undo that',
    on: `/images/${p}/app:stable`,
    at: `/images/${p}/app:stable/delete`,
    says: [/tag stable was removed/, /已从 .* 移除标签 stable/],
    undone: [/tag stable was restored/, /标签 stable 已恢复/],
  },
  {
    name: 'remove many tags',
    on: `/images/${p}/app`,
    at: `/images/${p}/app/remove-tags`,
    tick: 'tag',
    // Not the small buttons, which select.
    buttons: ':is(.pf-m-primary, .pf-m-danger)',
    twice: true,
    says: [/removed|gone/, /移除/],
  },
  {
    name: 'follow a remote repository',
    on: `/images/${p}`,
    at: `/new-image-stream?project=${p}`,
    fill: { name: 'mirror', repository: 'registry.invalid/team/app' },
    choose: { source: 'all' },
    says: [/was created/, /已创建/],
  },
  { name: 'import again', on: `/images/${p}/mirror`, at: `/images/${p}/mirror/import`, says: [/nothing to import/, /没有可导入/] },
  { name: 'delete an image stream', on: `/images/${p}/mirror`, at: `/images/${p}/mirror/delete`, says: [/was deleted/, /已删除/] },
  {
    name: 'add a member, and undo that',
    on: `/projects/${p}`,
    at: `/projects/${p}/access`,
    open: '#add > summary',
    form: '#add form',
    fill: { name: 'outsider' },
    says: [/outsider now has the role registry-viewer/, /outsider.*registry-viewer/],
    undone: [/outsider no longer has/, /outsider.*registry-viewer/],
  },
  {
    name: 'add a group',
    on: `/projects/${p}`,
    at: `/projects/${p}/access`,
    open: '#add > summary',
    form: '#add form',
    fill: { name: 'auditors' },
    pick: { kind: 'group' },
    says: [/auditors now has the role registry-viewer/, /auditors.*registry-viewer/],
  },
  {
    name: 'change its role, and undo that',
    on: `/projects/${p}`,
    at: `/projects/${p}/access`,
    form: '.rc-inline-form',
    pick: { to: 'registry-editor' },
    says: [/registry-editor instead of registry-viewer/, /registry-viewer 改为 registry-editor/],
    undone: [/registry-viewer/, /registry-viewer/],
  },
  { name: 'remove it', on: `/projects/${p}/access`, at: `/projects/${p}/members/remove?`, says: [/no longer has/, /auditors/] },
  {
    name: 'make a login for machines',
    on: `/projects/${p}`,
    at: `/projects/${p}/logins`,
    open: '#new > summary',
    form: '#new form',
    fill: { name: 'ci' },
    told: 'main',
    says: [/podman login/, /podman login/],
  },
  {
    name: 'let another project pull',
    on: `/projects/${p}`,
    at: `/projects/${p}/access`,
    form: 'form:has(#f-puller)',
    buttons: 'button',
    fill: { puller: 'shop' },
    says: [/shop can now pull/, /shop/],
  },
  { name: 'take that back', on: `/projects/${p}/access`, at: `/projects/${p}/members/remove?`, says: [/no longer has/, /system:image-puller/] },
  { name: 'share the project', on: `/projects/${p}`, at: `/projects/${p}/access`, choose: { policy: 'shared' }, says: [/is now/, /现为/] },
  {
    name: 'open the project to everybody, after a word of warning',
    on: `/projects/${p}`,
    at: `/projects/${p}/access`,
    choose: { policy: 'anonymous' },
    tick: 'open',
    says: [/is now/, /现为/],
  },
  { name: 'delete the project', on: '/projects/' + p, at: `/projects/${p}/delete`, fill: { name: p }, says: [/is being deleted/, /正在删除/] },
];

const said = (page, told = 'main [role=status]:not([hidden])') => page.locator(told).first().innerText();

async function press(page, button) {
  await Promise.all([page.waitForNavigation(), button.click()]);
}

/**
 * Finds the action on the page that offers it, carries it out, and reads what the next page says.
 */
async function act(page, { on, at, open, form = 'main form:not([role=search])', buttons, fill = {}, choose = {}, pick = {}, tick, twice, told, says, undone }, language) {
  await page.goto(console_.url + on);
  const offered = page.locator(`main a[href^="${at}"]`).first();
  assert.notEqual(await page.locator(`main a[href^="${at}"]`).count(), 0, `${at} is offered on ${on}`);
  await page.goto(console_.url + (await offered.getAttribute('href')));

  if (open) await page.click(open);
  // A choice shows the fields that depend on it.
  for (const [field, value] of Object.entries(choose)) await page.locator(`input[name="${field}"][value="${value}"]`).check();
  for (const [field, text] of Object.entries(fill)) await page.fill(`#f-${field}`, text);
  for (const [field, value] of Object.entries(pick)) await page.locator(`${form} select[name="${field}"]`).first().selectOption(value);
  if (tick) await page.locator(`input[type=checkbox][name="${tick}"]`).first().check();
  // The main button of the form; in a row of a table it is a small one.
  const button = async () => {
    const main = page.locator(`${form} ${buttons ?? ':is(.pf-m-primary, .pf-m-danger)'}`);
    return (await main.count()) > 0 ? main.first() : page.locator(`${form} .pf-m-small`).first();
  };
  await press(page, await button());
  if (twice) await press(page, await button());
  assert.match(await said(page, told), says[language]);
  if (undone) {
    await press(page, page.locator('main [role=status]:not([hidden]) form button').first());
    assert.match(await said(page), undone[language]);
  }
}

/**
 * Pages that must not offer an action to users who may only view; `shop` is a project of which the
 * viewer is a member.
 */
const FORMS_OF_OTHERS = [
  '/projects/shop/edit',
  '/projects/shop/delete',
  '/projects/shop/access',
  '/images/shop/storefront/edit',
  '/images/shop/storefront/delete',
  '/images/shop/storefront/remove-tags',
  '/images/shop/storefront:1.0.0/delete',
];

for (const javaScriptEnabled of [true, false]) {
  for (const locale of ['en-US', 'zh-CN']) {
    const language = locale === 'en-US' ? 0 : 1;
    const way = `${javaScriptEnabled ? 'with' : 'without'} a script, ${locale}`;
    const window_ = async (user, job) => {
      const window = await openWindow(console_, { javaScriptEnabled, locale });
      try {
        await signIn(window, console_.url, user);
        await job(window);
        assert.deepEqual(takeTroubles(window), []);
      } finally {
        await window.context.close();
      }
    };

    describe(way, () => {
      for (const user of ['admin', 'developer']) {
        test(`${user} finds and does everything`, async t => {
          const project = `act-${user}-${javaScriptEnabled ? 'on' : 'off'}-${language ? 'zh' : 'en'}`;
          await window_(user, async ({ page }) => {
            for (const action of ACTIONS(project)) {
              await t.test(action.name, () => act(page, action, language));
            }
          });
        });
      }

      test('a viewer is offered none of it, and told so where they ask all the same', async () => {
        await window_('viewer', async ({ page }) => {
          for (const place of ['/projects/shop', '/images/shop', '/images/shop/storefront', '/images/shop/storefront:1.0.0']) {
            await page.goto(console_.url + place);
            const links = await page.locator('main a[href]:not(.rc-tabs a)').evaluateAll(all => all.map(link => link.getAttribute('href')));
            const forms = /\/(edit|delete|remove-tags|roll-back|import)(\?|$)|^\/new-image-stream/;
            assert.deepEqual(links.filter(link => forms.test(link)), [], `on ${place}`);
          }
          for (const form of FORMS_OF_OTHERS) {
            const answer = await page.goto(console_.url + form);
            assert.ok([200, 403].includes(answer.status()), `${form}: ${answer.status()}`);
            assert.match(await page.locator('main').innerText(), [/You don't have permission|may not|Only project administrators/, /没有.*权限|只有项目管理员/][language], form);
            assert.equal(await page.locator('main form[method=post] :is(.pf-m-primary, .pf-m-danger)').count(), 0, `${form} has no button`);
          }
        });
      });
    });
  }
}
