import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { serve } from "../provider/test-server.ts";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const hasCurl = await promisify(execFile)("curl", ["--version"]).then(
  () => true,
  () => false,
);

describe("`plan --curl`", () => {
  it.skipIf(!hasCurl)("prints the very request that a run sends, keys as variables", async () => {
    const server = await serve((response) => {
      const choices = [{ message: { role: "assistant", content: "ok" }, finish_reason: "stop" }];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ choices }));
    });
    const cwd = await tempFolder({
      "m.yaml": `
providers:
  local:
    base_url: "${server.origin}/v1/?key=\${MYKEY}&zone=a"
    query: { api-version: "2024 10&x", zone: b, tag: "\${MYKEY}-1" }
    api_key_env: MYKEY
    headers: { x-team: "it's $5" }
provider: local
prompts: [ { user: "It's \\"quoted\\", \`ticked\` and costs $5" } ]
grid: { model: m }
`,
    });
    const environment = { MYKEY: "sk-secret-1234567890" };
    const plan = await runCli(["plan", "m.yaml", "--curl"], { cwd, env: environment });
    expect(plan.stdout).not.toContain("sk-secret");
    await promisify(execFile)("sh", ["-c", `${plan.stdout.trim()} --silent --fail`], {
      env: { ...process.env, ...environment, NO_PROXY: "127.0.0.1" },
    });
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd, env: environment });
    expect(run.code).toBe(0);
    const [byHand, byRun] = server.seen;
    const search = (path = ""): unknown => Object.fromEntries(new URL(path, server.origin).searchParams);
    expect(search(byHand?.path)).toEqual(search(byRun?.path));
    expect(byHand?.path.split("?")[0]).toBe("/v1/chat/completions");
    expect(JSON.parse(byHand?.body ?? "")).toEqual(JSON.parse(byRun?.body ?? "{}"));
    for (const name of ["authorization", "x-team", "content-type"])
      expect(byHand?.headers[name]).toBe(byRun?.headers[name]);
  });
});
