//! Fuzzing of the parsers of untrusted input, on stable Rust and bounded in time:
//!
//! ```text
//! FUZZ_SECONDS=60 cargo test --test fuzz            # all targets at once, 5 seconds where FUZZ_SECONDS is not set
//! FUZZ_SEED=123 cargo test --test fuzz -- manifest  # one target, the same inputs again
//! ```
//!
//! Why not `cargo fuzz`: it needs nightly and a C++ compiler, and this has to run with all other
//! tests on the compiler that builds the product. So there is no coverage to steer by. In its place
//! a target returns a *signature* of what it did with an input (which variant, which error, which
//! counts), and an input with a signature not seen before joins the corpus. The corpus begins with
//! the recorded exchanges. Inputs are made by cutting, repeating, splicing, flipping, words of each
//! format, and by changing the type of values inside JSON. An input that breaks a target is printed
//! and written below the temporary directory.

#[path = "../tests/integration/contract/registry_models/json_styles.rs"]
mod bytes;
mod mutate;
mod targets;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use mutate::Mutator;
use targets::{FuzzTarget, TARGETS};

/// How large an input may get: more finds nothing that this does not, only slower.
const MAX_INPUT_BYTES: usize = 64 * 1024;

/// How many inputs are kept to start from.
const MAX_CORPUS_ENTRIES: usize = 2_000;

/// How long a target may overrun before one input counts as a hang.
const HANG_TIMEOUT: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let seconds = env_number("FUZZ_SECONDS").unwrap_or(5);
    let seed = env_number("FUZZ_SEED").unwrap_or_else(rand::random);
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let chosen = TARGETS.iter().filter(|target| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|word| target.name.contains(word.as_str()))
    });
    let (done, outcomes) = channel();
    let mut running: Vec<&str> = Vec::new();
    println!("fuzzing for {seconds} s with FUZZ_SEED={seed}");
    for target in chosen {
        running.push(target.name);
        let done = done.clone();
        thread::spawn(move || {
            done.send((
                target.name,
                fuzz(target, seed, Duration::from_secs(seconds)),
            ))
        });
    }
    let mut failed = false;
    while !running.is_empty() {
        match outcomes.recv_timeout(Duration::from_secs(seconds) + HANG_TIMEOUT) {
            Ok((name, outcome)) => {
                running.retain(|other| *other != name);
                failed |= outcome.is_err();
                println!("{name}: {}", outcome.unwrap_or_else(|failure| failure));
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                println!("hang in {}", running.join(", "));
                return ExitCode::FAILURE;
            }
        }
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn env_number(variable: &str) -> Option<u64> {
    std::env::vars()
        .find(|(name, _)| name == variable)?
        .1
        .parse()
        .ok()
}

/// Runs one target until its time is up. `Err` tells the input that broke it.
fn fuzz(target: &FuzzTarget, seed: u64, time: Duration) -> Result<String, String> {
    let started = Instant::now();
    let mut mutator = Mutator::new(StdRng::seed_from_u64(seed), target.words);
    let mut corpus = (target.corpus)();
    let mut seen = HashSet::new();
    for input in &corpus {
        seen.insert(run(target, input)?);
    }
    let (seeds, mut runs) = (corpus.len(), 0_u64);
    while started.elapsed() < time {
        let mut input = mutator.next(&corpus, target.json);
        input.truncate(MAX_INPUT_BYTES);
        runs += 1;
        if seen.insert(run(target, &input)?) && corpus.len() < MAX_CORPUS_ENTRIES {
            corpus.push(input);
        }
    }
    Ok(format!(
        "{runs} inputs, {} kinds of outcome, {seeds} seeds",
        seen.len()
    ))
}

fn run(target: &FuzzTarget, input: &[u8]) -> Result<u64, String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|_| {
        let file =
            std::env::temp_dir().join(format!("fuzz-{}-{}", target.name, std::process::id()));
        let kept = std::fs::write(&file, input)
            .map_or_else(|error| error.to_string(), |()| file.display().to_string());
        format!(
            "FAILED, input in {kept}: {}",
            input[..input.len().min(2_000)].escape_ascii()
        )
    })
}
