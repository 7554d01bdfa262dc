/** The table of targets with what was measured; those of parts that were left out are left out. */
export function targets(results) {
  const rows = [];
  const add = (what, target, value, measured, met) => {
    if (value !== undefined) rows.push({ what, target, measured, met });
  };
  const percent = (share) => `${Math.round(share * 1_000) / 10} %`;
  const number = (text) => Number.parseFloat(text);

  const at = (form, concurrency, delay) =>
    results.throughput?.find(
      (row) => row.form.startsWith(form) && row.concurrency === concurrency && row.delay_ms === delay,
    );
  const instant = at("whole", 64, 0);
  add(
    "requests per second, all features on, instant server",
    "≥ 0.7 × floor",
    instant,
    `${instant?.ratio} × (with start and reports ${instant?.ratio_with_start_and_reports} ×)`,
    instant?.ratio >= 0.7,
  );
  const large = results.memory?.at(-1);
  add(
    "CPU per request, unstreamed, in large runs",
    "≤ 0.3 ms",
    large,
    `${large?.cpu_us / 1_000} ms of ${large?.requests} requests, reports among it`,
    large?.cpu_us <= 300,
  );
  const bound = at("whole", 64, 50);
  add("64 × 50 ms", "≥ 90 % of the latency bound", bound, percent(bound?.bound), bound?.bound >= 0.9);
  const wide = at("whole", 256, 50);
  add(
    "256 × 50 ms",
    "≤ 1.1 × the floor's wall",
    wide,
    `${Math.round(100 / (wide?.ratio ?? 1)) / 100} ×`,
    1 / wide?.ratio <= 1.1,
  );
  add(
    "peak memory",
    "≤ 250 MB",
    large,
    `${large?.peak_mb} MB at ${large?.requests} requests`,
    large?.peak_mb <= 250,
  );
  const before = results.memory?.at(-2);
  add(
    "growth of the peak",
    `≤ 1.3 × that of a tenth`,
    before,
    `${Math.round((100 * large?.peak_mb) / before?.peak_mb) / 100} × that of ${before?.requests}`,
    large?.peak_mb <= 1.3 * before?.peak_mb,
  );
  const [fast, paced] = results.streams ?? [];
  add(
    "64 streams of 200 tokens at once",
    "≥ 0.7 × floor",
    fast,
    `${fast?.ratio} × (CPU per token ${fast?.own_cpu_us_per_token} µs, floor ${fast?.floor_cpu_us_per_token} µs)`,
    fast?.ratio >= 0.7,
  );
  add(
    "reported TTFT, 256 streams × 50 tokens/s",
    "within 2 ms or 5 %",
    paced,
    `p50 +${paced?.ttft_error_p50_ms} ms, p95 +${paced?.ttft_error_p95_ms} ms, p99 +${paced?.ttft_error_p99_ms} ms of 200 ms`,
    paced?.ttft_error_p95_ms <= 10,
  );
  // What `strict` reserves is no target: it gives up use for fewer refusals.
  for (const { group, server, ...row } of (results.limits ?? []).filter(
    ({ reserves }) => reserves !== "p95",
  )) {
    const used = Object.entries(row).find(([name]) => name.startsWith("used of"));
    const share = row["of its speed alone"];
    if (share !== undefined)
      add(`two lanes, one throttled 100 × (${row.concurrency})`, "≥ 95 %", row, share, number(share) >= 95);
    else if (used !== undefined)
      add(
        `${group}: ${server}`,
        group.includes("oken") ? "≥ 93 %" : "≥ 96 %",
        row,
        `${used[1]}, ${row["refused per 1 000"]} of 1 000 refused`,
        number(used[1]) >= (group.includes("oken") ? 93 : 96),
      );
  }
  const started = (what) => results.start?.find((row) => row.what === what);
  for (const what of ["help", "version"])
    add(
      `--${what}`,
      "≤ 2.5 × `node -e 0`",
      started(what),
      `${started(what)?.ratio} × (${started(what)?.ms} ms)`,
      started(what)?.ratio <= 2.5,
    );
  const installed = results.size?.[0];
  add(
    "production install",
    "≤ 60 MB, ≤ 100 packages, nothing compiled",
    installed,
    `${installed?.mb} MB, ${installed?.packages} packages, ${installed?.compiled} compiled`,
    installed?.mb <= 60 && installed?.packages <= 100 && installed?.compiled === 0,
  );
  return rows;
}
