// Takes the screenshots of the README: node tests/browser/screenshots.mjs FOLDER

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { openWindow, signIn, start } from './harness.mjs';

const folder = process.argv[2] ?? 'docs/screenshots';
const STREAM = '/images/shop/storefront';
const PICTURES = [
  { name: 'home', path: '/' },
  { name: 'home-dark', path: '/', window: { colorScheme: 'dark' } },
  { name: 'home-zh', path: '/', window: { locale: 'zh-CN' } },
  { name: 'images', path: '/images' },
  { name: 'image-stream', path: STREAM },
  { name: 'image', path: `${STREAM}:1.11.0` },
  { name: 'image-stream-phone', path: STREAM, window: { viewport: { width: 390, height: 844 } } },
];

await mkdir(folder, { recursive: true });
const console_ = await start();
try {
  for (const { name, path: page, window: options } of PICTURES) {
    const window = await openWindow(console_, options);
    await signIn(window, console_.url, 'developer');
    const answer = await window.page.goto(console_.url + page);
    if (!answer.ok()) throw new Error(`${page} answered ${answer.status()}`);
    const file = path.join(folder, `${name}.png`);
    await window.page.screenshot({ path: file, animations: 'disabled' });
    console.log(file);
    await window.context.close();
  }
} finally {
  await console_.stop();
}
