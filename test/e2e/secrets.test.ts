import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Respond, serve } from "../provider/test-server.ts";
import { type CliResult, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const key = "sk-echoed/1234567890=";
const environment = { MYKEY: key };

/** Every file under a folder, as text; compressed ones opened. */
function everything(folder: string): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return { name, text: (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8") };
    });
}

/** The forms that a key may have in a text. */
const forms = [key, encodeURIComponent(key), Buffer.from(key).toString("base64"), JSON.stringify(key)];

function expectNoKey(folder: string, results: readonly CliResult[]): void {
  const texts = [
    ...everything(folder),
    ...results.flatMap(({ stdout, stderr }, i) => [
      { name: `stdout ${i}`, text: stdout },
      { name: `stderr ${i}`, text: stderr },
    ]),
  ];
  expect(texts.length).toBeGreaterThan(8);
  for (const { name, text } of texts)
    for (const form of forms) expect(text.includes(form), `${name} holds ${form}`).toBe(false);
}

const providers: Readonly<Record<string, string>> = {
  "in the usual header": ", api_key_env: MYKEY",
  "in a header of the matrix": ', headers: { x-team-key: "${MYKEY}" }',
  "in the query": ', query: { key: "${MYKEY}" }',
  "in the query of the base URL": "",
};

/** A server that gives back all that it was sent, wherever a text may stand. */
const echoes: Readonly<Record<string, Respond>> = {
  "an answer": (response, { path, headers }) => {
    const told = `${path} ${decodeURIComponent(path)} ${JSON.stringify(headers)} ${key}`;
    const call = {
      id: told,
      type: "function",
      function: { name: told, arguments: JSON.stringify({ told }) },
    };
    const message = { role: "assistant", content: told, reasoning_content: told, tool_calls: [call] };
    response.writeHead(200, { "content-type": "application/json", "x-request-id": key });
    response.end(
      JSON.stringify({
        id: told,
        model: told,
        choices: [{ message, finish_reason: "stop" }],
        system_fingerprint: key,
      }),
    );
  },
  "a failure": (response, { path, headers }) => {
    const told = `no route for ${path} ${decodeURIComponent(path)} with ${JSON.stringify(headers)}`;
    response.writeHead(404, `Not ${key.slice(0, 9)}`, {
      "content-type": "application/json",
      "x-request-id": key,
    });
    response.end(JSON.stringify({ error: { message: told, code: key, type: key } }));
  },
  "a failure in plain text": (response, { path }) => {
    response.writeHead(400, { "content-type": "text/html" });
    response.end(`<html><title>${key}</title><body>bad request: ${path}</body></html>`);
  },
};

describe("a key that servers give back", () => {
  it.each(Object.keys(providers))("%s is in no file and no message", async (where) => {
    const servers = await Promise.all(Object.values(echoes).map((respond) => serve(respond)));
    const query = where.endsWith("base URL") ? "?key=${MYKEY}" : "";
    const written = servers.map(
      ({ origin }, i) => `  lab${i}: { base_url: "${origin}/v1${query}"${providers[where]} }`,
    );
    const folder = tempFolder({
      "m.yaml": `
name: secrets
providers:
${written.join("\n")}
prompts: [{ id: p, user: "{{ word }}" }]
dataset: rows.csv
grid: { provider: [${servers.map((_, i) => `lab${i}`).join(", ")}], model: m, temperature: [0, 1] }
`,
      "rows.csv": "id,word\na,one\nb,two\n",
    });
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd: folder, env: environment });
    for (const { seen } of servers) {
      const text = JSON.stringify(seen);
      expect(text.includes(key) || text.includes(encodeURIComponent(key))).toBe(true);
    }
    const report = await runCli(["report", "out"], { cwd: folder, env: environment });
    const plan = await runCli(["plan", "m.yaml", "--curl"], { cwd: folder, env: environment });
    expectNoKey(folder, [run, report, plan]);
  });

  it("is refused as a part of the base URL's address, where it would stand in every message", async () => {
    const folder = tempFolder({
      "m.yaml": `
provider: lab
providers: { lab: { base_url: "http://user:\${MYKEY}@127.0.0.1:9/v1" } }
prompts: [{ user: hi }]
grid: { model: m }
`,
    });
    const run = await runCli(["run", "m.yaml", "--out", "out"], {
      cwd: folder,
      env: { MYKEY: "sk-plain-0123456789" },
    });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("holds a user name or a password [provider/bad-base-url]");
    expect(run.stdout + run.stderr).not.toContain("sk-plain");
  });
});
