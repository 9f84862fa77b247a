// Random requests to the API of the demo, made from its OpenAPI document. A request that is answered with a server error, or in a way
// that the document does not describe, fails the test.
//
//     CONSOLE_BIN=target/debug/registry-console SCHEMATHESIS=target/api-tests/bin/schemathesis node tests/api/schemathesis.mjs

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startDemo } from '../browser/demo.mjs';

const PROGRAM = path.resolve(process.env.SCHEMATHESIS ?? 'target/api-tests/bin/schemathesis');
const CHECKS = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

// The same requests each time, and no longer than this, in seconds.
const SEED = '20';
const MAX_TIME = process.env.API_TEST_SECONDS ?? '90';
const MAX_EXAMPLES = '12';

const demo = await startDemo();
// It writes what it found into its working directory.
const directory = await mkdtemp(path.join(tmpdir(), 'api-tests-'));
try {
  const options = ['--config-file', CHECKS, '--no-color', 'run', `${demo.url}/api/v1/openapi.json`,
    '--header', `Authorization: Bearer ${demo.token}`, '--tls-verify', 'false', '--seed', SEED, '--max-time', MAX_TIME,
    // A refused request that is still being sent ends with its connection, and its sender may see only that.
    '--max-examples', MAX_EXAMPLES, '--request-timeout', '20', '--request-retries', '2', '--phases', 'examples,coverage,fuzzing,stateful', '--continue-on-failure',
    ...process.argv.slice(2)];
  const run = spawn(PROGRAM, options, { stdio: 'inherit', cwd: directory });
  const [code] = await once(run, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await demo.stop();
  await rm(directory, { recursive: true });
}
