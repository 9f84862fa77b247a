//! An embedded OpenShift for demonstrations and tests: OAuth server, API and registry in one process.
