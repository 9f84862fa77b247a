// What a fixed answer of the same size would cost: the same server, the same way, nothing to make.

import { median } from './table.mjs';
import { read } from './client.mjs';

/**
 * Measures the console's own files in turn with a page, and says what one of a given size would take: between the two files that are nearest in size,
 * a straight line.
 */
export async function fixedAnswers({ url }, connection, cookie) {
  const html = await read(`${url}/images`, cookie);
  const paths = new Set([...html.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map(([, path]) => path));
  const files = [];
  for (const path of paths) files.push({ path, bytes: (await connection.get(path)).bytes, times: [] });
  files.sort((one, other) => one.bytes - other.bytes);
  return {
    /** Asks for each file once. */
    async turn() {
      for (const file of files) file.times.push((await connection.get(file.path)).took);
    },
    /** The milliseconds that one of `bytes` takes. */
    ofSize(bytes) {
      const below = files.findLast(file => file.bytes <= bytes) ?? files[0];
      const above = files.find(file => file.bytes > bytes) ?? files.at(-1);
      const [less, more] = [median(below.times), median(above.times)];
      if (above.bytes <= below.bytes) return less;
      return less + ((more - less) * (bytes - below.bytes)) / (above.bytes - below.bytes);
    },
  };
}
