// Writes the list of all components (SBOM) in two formats, CycloneDX 1.5 and SPDX 2.3. The same components give the same bytes: the
// identifiers are made from the content, and the time is the one that is given.

import { sha256 } from "./image.mjs";

const SUPPLIER = "registry-console";

/// A UUID (version 8, RFC 9562) that depends on `content` alone.
function uuid(content) {
  const hex = [...sha256(content)];
  hex[12] = "8";
  hex[16] = "8";
  const part = (from, to) => hex.slice(from, to).join("");
  return `urn:uuid:${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}

const text = (value) => `${JSON.stringify(value, null, 1)}\n`;
const time = (epoch) => `${new Date(epoch * 1000).toISOString().slice(0, 19)}Z`;

/// The CycloneDX document of `root` (the program) and its components.
export function cycloneDx(root, components) {
  const component = ({ kind, name, version, license, purl, isShipped, hash }) => ({
    type: kind === "deb" || kind === "root" ? "application" : "library",
    "bom-ref": purl,
    name,
    version,
    // Tools of the build and of the tests are no part of the program.
    scope: isShipped ? "required" : "excluded",
    ...(hash && { hashes: [{ alg: hash.algorithm, content: hash.hex }] }),
    ...(license && { licenses: [{ expression: license }] }),
    purl,
  });
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: component({ ...root, kind: "root" }) },
    components: components.map(component),
    dependencies: [root, ...components].map(({ purl, dependencies }) => ({ ref: purl, dependsOn: dependencies })),
  };
  return text({ ...document, serialNumber: uuid(text(document)) });
}

/// The SPDX document of the same.
export function spdx(root, components, epoch) {
  const id = ({ purl }) => `SPDXRef-${purl.replace(/[^A-Za-z0-9.-]+/g, "-")}`;
  const ids = new Map([root, ...components].map((each) => [each.purl, id(each)]));
  const entry = (each) => ({
    SPDXID: id(each),
    name: each.name,
    versionInfo: each.version,
    supplier: "NOASSERTION",
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: each.license ?? "NOASSERTION",
    copyrightText: "NOASSERTION",
    ...(each.hash && { checksums: [{ algorithm: each.hash.algorithm.replace("-", ""), checksumValue: each.hash.hex }] }),
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: each.purl }],
  });
  const dependsOn = (each) => each.dependencies.map((purl) => ({
    spdxElementId: id(each), relationshipType: "DEPENDS_ON", relatedSpdxElement: ids.get(purl),
  }));
  const builds = components.filter(({ isShipped }) => !isShipped).map((each) => ({
    spdxElementId: id(each), relationshipType: "DEV_DEPENDENCY_OF", relatedSpdxElement: id(root),
  }));
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${root.name}-${root.version}`,
    creationInfo: { created: time(epoch), creators: [`Tool: ${SUPPLIER}-release-${root.version}`] },
    packages: [root, ...components].map(entry),
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: id(root) },
      ...[root, ...components].flatMap(dependsOn),
      ...builds,
    ],
  };
  return text({ ...document, documentNamespace: uuid(text(document)) });
}
