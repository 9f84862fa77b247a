// Takes the pictures of the README: node tests/browser/screenshots.mjs FOLDER

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { openWindow, signIn, start } from './harness.mjs';
import { walk } from './pages.mjs';

const folder = process.argv[2] ?? 'docs/screenshots';
const PICTURES = [
  { name: 'overview', kind: '/' },
  { name: 'overview-dark', kind: '/', window: { colorScheme: 'dark' } },
  { name: 'overview-zh', kind: '/', window: { locale: 'zh-CN' } },
  { name: 'images', kind: '/images' },
  { name: 'image-stream', kind: '/images/{project}/{stream}' },
  { name: 'image', kind: '/images/{project}/{stream}:{tag}' },
  { name: 'image-stream-phone', kind: '/images/{project}/{stream}', window: { viewport: { width: 390, height: 844 } } },
];

await mkdir(folder, { recursive: true });
const console_ = await start();
try {
  const finder = await openWindow(console_);
  await signIn(finder, console_.url, 'developer');
  const addresses = await walk(finder, console_.url, () => {}, { perKind: 1, hostile: 0 });
  await finder.context.close();

  for (const { name, kind, window: options } of PICTURES) {
    const address = addresses.get(kind);
    if (!address) throw new Error(`No page of the kind ${kind} was found.`);
    const window = await openWindow(console_, options);
    await signIn(window, console_.url, 'developer');
    await window.page.goto(address);
    const file = path.join(folder, `${name}.png`);
    await window.page.screenshot({ path: file });
    console.log(file);
    await window.context.close();
  }
} finally {
  await console_.stop();
}
