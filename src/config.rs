//! What the console is told at start: environment variables and flags.
