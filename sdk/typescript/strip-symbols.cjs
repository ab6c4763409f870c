// While an image is built: takes out of a program what only debuggers read, 17 MB of Node's own. What runs it ends with the last
// segment; behind that are the tables of symbols, and the list of sections that finds them.
//
//   node strip-symbols.cjs /opt/node/bin/node
const { chmodSync, readFileSync, renameSync, writeFileSync } = require("node:fs");

const [path] = process.argv.slice(2);
const program = readFileSync(path);
const [is64, isLittleEndian] = [program[4] === 2, program[5] === 1];

/** Where the last segment ends. */
function end() {
  const [first, size, count] = [Number(program.readBigUInt64LE(0x20)), program.readUInt16LE(0x36), program.readUInt16LE(0x38)];
  const headers = Array.from({ length: count }, (_, number) => first + number * size);
  return Math.max(...headers.map((at) => Number(program.readBigUInt64LE(at + 8) + program.readBigUInt64LE(at + 32))));
}

if (is64 && isLittleEndian) {
  program.fill(0, 0x28, 0x30); // no sections: neither their place
  program.fill(0, 0x3c, 0x40); // nor their number
  writeFileSync(`${path}.stripped`, program.subarray(0, end()));
  chmodSync(`${path}.stripped`, 0o755);
  renameSync(`${path}.stripped`, path);
}
