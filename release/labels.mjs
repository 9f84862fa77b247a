// What the image says about itself. OpenShift's certification asks for name, vendor, version, release, summary and description.
// The Dockerfile has the same labels, which a test compares.

export function labels({ version, release, commit, vendor, source }) {
  const summary = "Web console of OpenShift's integrated image registry";
  const description = "Lists, explains and changes image streams, tags, images and the rights to them, with the rights of the user who is signed in.";
  return {
    name: "registry-console",
    vendor,
    maintainer: vendor,
    version,
    release,
    summary,
    description,
    url: source,
    "vcs-ref": commit,
    "org.opencontainers.image.title": "registry-console",
    "org.opencontainers.image.description": summary,
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.vendor": vendor,
    "org.opencontainers.image.licenses": "Apache-2.0",
    "org.opencontainers.image.source": source,
    "org.opencontainers.image.revision": commit,
    "io.k8s.display-name": "Registry console",
    "io.k8s.description": summary,
    "io.openshift.expose-services": "9090:https",
    "io.openshift.tags": "registry,console",
  };
}
