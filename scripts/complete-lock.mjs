// Completes package-lock.json after `npm install`: npm leaves out optional packages of other platforms that it could
// not fetch, and then `npm ci` refuses the lock. Each gets an entry with its version and platform, read from its name.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
const systems = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
};
const processors = [
  "arm64",
  "arm",
  "x64",
  "ia32",
  "ppc64",
  "riscv64",
  "s390x",
  "loong64",
  "mips64el",
  "wasm32",
];

for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = [`${owner}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((place) => lock.packages[place] !== undefined)) continue;
    const words = name.split(/[-/]/);
    const os = Object.keys(systems).filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    const libc =
      words.includes("musl") || words.includes("musleabihf")
        ? ["musl"]
        : words.includes("gnu") || words.includes("gnueabihf")
          ? ["glibc"]
          : null;
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[\^~]/, ""),
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev ? { dev: true } : {}),
      ...(libc === null || !os.includes("linux") ? {} : { libc }),
      optional: true,
      ...(os.length > 0 ? { os } : { os: ["none"] }),
    };
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
