//! What the integration tests share. [`World`] is the embedded cluster with a console, [`Browser`]
//! and [`Page`] are how a test uses it, [`CannedServer`] takes the place of an upstream.
//!
//! [`CannedServer`]: canned_server::CannedServer

pub(crate) mod browser;
pub(crate) mod canned_server;
pub(crate) mod case_files;
pub(crate) mod console;
pub(crate) mod forms;
pub(crate) mod images;
pub(crate) mod log;
pub(crate) mod page;
pub(crate) mod recording;
pub(crate) mod seeded_standin;
pub(crate) mod sse_client;
pub(crate) mod tls_server;
pub(crate) mod world;

pub(crate) use browser::{Browser, json_of};
pub(crate) use console::Console;
pub(crate) use forms::{post, send_form, undo};
pub(crate) use images::{push_numbered, push_to_tag};
pub(crate) use log::{Log, keep_all_events};
pub(crate) use page::Page;
pub(crate) use sse_client::SseClient;
pub(crate) use world::{SERVICE_ACCOUNT_TOKEN, World};
