// The measured values and their limits.

const rows = [];

/** Records a value and, unless it is null, its limit. */
export function note(name, value, limit, unit) {
  rows.push([name, value, limit, unit]);
}

/** Prints everything; the program fails if a value exceeds its limit. */
export function print() {
  for (const [name, value, limit, unit] of rows) {
    const verdict = limit === null ? '' : value <= limit ? 'ok' : 'FAIL';
    console.log(`${name.padEnd(62)} ${value.toFixed(2).padStart(9)} ${limit === null ? '        ' : `≤ ${String(limit).padStart(6)}`} ${unit.padEnd(4)} ${verdict}`);
  }
  process.exitCode = rows.some(([, value, limit]) => limit !== null && !(value <= limit)) ? 1 : 0;
}

export const median = values => quantile(values, 0.5);

/** The percentile of the values at this fraction. */
export function quantile(values, part) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)];
}
