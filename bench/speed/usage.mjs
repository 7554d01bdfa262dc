// Loaded before a process that is measured: at its end it tells what the process used, into the file USAGE_FILE.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    process.env.USAGE_FILE,
    JSON.stringify({ cpu_us: userCPUTime + systemCPUTime, peak_kb: maxRSS }),
  );
});
