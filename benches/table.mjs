// The measured values and their limits.

let hasFailed = false;

/** Prints a value and, unless it is null, its limit. */
export function note(name, value, limit, unit) {
  const holds = limit === null || value <= limit;
  hasFailed ||= !holds;
  const verdict = limit === null ? '' : holds ? 'ok' : 'FAIL';
  console.log(`${name.padEnd(62)} ${value.toFixed(2).padStart(9)} ${limit === null ? '        ' : `≤ ${String(limit).padStart(6)}`} ${unit.padEnd(4)} ${verdict}`);
}

/** The program fails if a value exceeded its limit. */
export function finish() {
  process.exitCode = hasFailed ? 1 : 0;
}

export const median = values => quantile(values, 0.5);

/** The percentile of the values at this fraction. */
export function quantile(values, part) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)];
}
