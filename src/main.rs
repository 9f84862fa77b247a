//! The `registry-console` program.

fn main() {}
