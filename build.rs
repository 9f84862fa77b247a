//! Embeds the files of `static/`: each under a name that contains a hash of its content,
//! uncompressed and compressed with Brotli and gzip. Names the commit and the target of the program.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The directories of the served files, and the file extensions that are served from each.
const SERVED: [(&str, &[&str]); 3] = [
    ("static/build", &["css"]),
    ("static", &["js", "svg"]),
    ("static/icons", &["svg"]),
];

/// The commit that the program is built from. Releases set it; other builds do not know it, and no
/// build has a date, so that two builds of a commit are the same.
const COMMIT: &str = "REGISTRY_CONSOLE_COMMIT";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={COMMIT}");
    println!(
        "cargo:rustc-env=BUILD_COMMIT={}",
        variable(COMMIT).unwrap_or_else(|| "unknown".to_owned())
    );
    println!(
        "cargo:rustc-env=BUILD_TARGET={}",
        variable("TARGET").expect("cargo sets TARGET")
    );
    println!("cargo:rerun-if-changed=static");
    if !Path::new("static/build/console.css").exists() {
        eprintln!(
            "error: static/build/console.css is missing: run `npm ci && npm run build` (or `make front-end`) first"
        );
        std::process::exit(1);
    }
    if fs::read_to_string("static/build/sources.sha256").ok() != Some(hash_of_sources()) {
        eprintln!(
            "error: static/build/console.css is older than static/css: run `npm run build` (or `make front-end`) first"
        );
        std::process::exit(1);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let table = served_files()
        .iter()
        .fold("&[\n".to_owned(), |mut table, file| {
            table.push_str(&embed(file, &out));
            table
        });
    fs::write(out.join("assets.rs"), table + "]\n").expect("OUT_DIR is writable");
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name)?.into_string().ok()
}

/// The hash of what static/css contains, as front/build.mjs computes it.
fn hash_of_sources() -> String {
    let entries = fs::read_dir("static/css").expect("static/css is readable");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("static/css is readable").path())
        .collect();
    paths.sort();
    let mut hash = Sha256::new();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str());
        hash.update(name.expect("style sheets have plain names"));
        hash.update([0]);
        hash.update(fs::read(&path).expect("static/css is readable"));
    }
    to_hex(&hash.finalize())
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes all");
        hex
    })
}

fn served_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (directory, extensions) in SERVED {
        let Ok(entries) = fs::read_dir(directory) else {
            continue;
        };
        let paths = entries.map(|entry| entry.expect("static/ is readable").path());
        files.extend(paths.filter(|path| {
            path.extension()
                .is_some_and(|e| extensions.iter().any(|served| e == *served))
        }));
    }
    files.sort();
    files
}

/// Writes the three forms of a file to `out` and returns its row of the table.
fn embed(file: &Path, out: &Path) -> String {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .expect("served files have plain names");
    let (stem, extension) = name
        .rsplit_once('.')
        .expect("served files have an extension");
    let raw = fs::read(file).expect("static/ is readable");
    let hash = to_hex(&Sha256::digest(&raw)[..5]);
    let hashed = format!("{stem}-{hash}.{extension}");
    let write = |suffix: &str, content: &[u8]| {
        let path = out.join(format!("{hashed}{suffix}"));
        fs::write(&path, content).expect("OUT_DIR is writable");
        format!("include_bytes!({path:?})")
    };
    format!(
        "    Asset {{ name: {name:?}, url: {url:?}, hash: {hash:?}, content_type: {content_type:?}, identity: {raw_file}, gzip: {gzip}, brotli: {brotli} }},\n",
        url = format!("/assets/{hashed}"),
        content_type = content_type(extension),
        raw_file = write("", &raw),
        gzip = write(".gz", &gzip(&raw)),
        brotli = write(".br", &brotli(&raw)),
    )
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        other => panic!("no content type is known for .{other}: add it to build.rs"),
    }
}

fn gzip(raw: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(raw)
        .and_then(|()| encoder.finish())
        .expect("memory takes all")
}

fn brotli(raw: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let params = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &raw[..], &mut compressed, &params).expect("memory takes all");
    compressed
}
