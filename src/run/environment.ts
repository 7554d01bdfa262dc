import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment with what a `.env` adds: in the working directory, then beside the matrix. What is set already wins. */
export function withDotEnv(environment: Environment, workingDirectory: string, matrix: string): Environment {
  const folders = [workingDirectory, join(workingDirectory, dirname(matrix))];
  const added = [...new Set(folders)].reverse().map((folder) => readDotEnv(join(folder, ".env")));
  return Object.assign({}, ...added, environment) as Environment;
}

function readDotEnv(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}
