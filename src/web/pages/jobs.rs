//! Pages about jobs: changes that are made in the background.

pub(in crate::web) mod show;
