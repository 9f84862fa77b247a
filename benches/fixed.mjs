// The cost of a fixed response of the same size: the same server and connection, without a page to
// render.

import { median } from './table.mjs';
import { read } from './client.mjs';

/**
 * Measures the console's own static files alternately with a page, and computes the time for a
 * given size: by linear interpolation between the two files of the nearest sizes.
 */
export async function fixedAnswers({ url }, connection, cookie) {
  const html = await read(`${url}/images`, cookie);
  const paths = new Set([...html.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map(([, path]) => path));
  const files = [];
  for (const path of paths) files.push({ path, bytes: (await connection.get(path)).bytes, times: [] });
  files.sort((one, other) => one.bytes - other.bytes);
  return {
    /** Requests each file once. */
    async turn() {
      for (const file of files) file.times.push((await connection.get(file.path)).took);
    },
    /** The milliseconds for a file of `bytes`. */
    ofSize(bytes) {
      const below = files.findLast(file => file.bytes <= bytes) ?? files[0];
      const above = files.find(file => file.bytes > bytes) ?? files.at(-1);
      const [less, more] = [median(below.times), median(above.times)];
      if (above.bytes <= below.bytes) return less;
      return less + ((more - less) * (bytes - below.bytes)) / (above.bytes - below.bytes);
    },
  };
}
