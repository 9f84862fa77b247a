//! The integration tests: the real server on a free port against the embedded cluster, and its
//! parts against real parts.
#![cfg(test)]

mod contract;
mod deployment;
mod harness;
mod program;
mod repository;
mod server;
mod standin;
mod upstreams;
mod web;
