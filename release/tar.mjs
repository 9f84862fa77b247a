// Writes tar archives that depend on nothing but what is in them: sorted by path, owned by root, all of one time.

/// Where an entry of a tar archive comes from: `content` for a file, `target` for a symbolic link, neither for a directory. Paths
/// have no leading slash. The directories that hold an entry are added.
///
/// @typedef {{ path: string, mode?: number, content?: Buffer, target?: string }} Entry

const BLOCK = 512;

/// The archive of `entries` (an array of Entry), with all times set to `epoch`, in seconds.
export function tar(entries, epoch = 0) {
  const blocks = [];
  for (const entry of withDirectories(entries)) {
    const { content } = entry;
    const name = entry.content || entry.target ? entry.path : `${entry.path}/`;
    if (Buffer.byteLength(name) > 100 || Buffer.byteLength(entry.target ?? "") > 100) {
      const record = longName(name, entry.target);
      blocks.push(header({ name: "PaxHeader", mode: 0o644, size: record.length, type: "x", epoch }), record, padding(record));
    }
    const type = content ? "0" : entry.target ? "2" : "5";
    const mode = entry.mode ?? (content ? 0o644 : entry.target ? 0o777 : 0o755);
    blocks.push(header({ name, mode, size: content?.length ?? 0, type, target: entry.target, epoch }));
    if (content) blocks.push(content, padding(content));
  }
  // Two empty blocks end an archive.
  blocks.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(blocks);
}

/// `entries` and their directories, each once, in the order of their paths' bytes. A directory comes before what it holds.
function withDirectories(entries) {
  const all = new Map();
  for (const entry of entries) {
    const parts = entry.path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const path = parts.slice(0, depth).join("/");
      if (!all.has(path)) all.set(path, { path });
    }
    if (all.get(entry.path)?.content) throw new Error(`${entry.path} is there twice`);
    all.set(entry.path, entry);
  }
  return [...all.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/// A header in the format of POSIX.1-1988 (ustar), which every tar reads.
function header({ name, mode, size, type, target = "", epoch }) {
  const block = Buffer.alloc(BLOCK);
  const text = (value, at, length) => block.write(value, at, Math.min(length, Buffer.byteLength(value)));
  const octal = (value, at, length) => block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at);
  text(name, 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(epoch, 136, 12);
  block.fill(" ", 148, 156);
  text(type, 156, 1);
  text(target, 157, 100);
  block.write("ustar\x0000", 257);
  // The sum of all bytes, with spaces in place of the sum itself.
  block.write(`${block.reduce((sum, byte) => sum + byte).toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/// The records of a pax header (POSIX.1-2001) for a name or a target of more than 100 bytes.
function longName(name, target) {
  const record = (key, value) => {
    // The length of a record includes its own digits.
    const rest = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(rest);
    while (length !== Buffer.byteLength(`${length}${rest}`)) length = Buffer.byteLength(`${length}${rest}`);
    return `${length}${rest}`;
  };
  return Buffer.from(record("path", name) + (target ? record("linkpath", target) : ""));
}

function padding(content) {
  return Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
}
