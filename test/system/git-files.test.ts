import { createHash } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { GitFiles } from "../../src/system/git-files.ts";
import { gitRepository } from "../support/git-repository.ts";
import { tempFolder } from "../support/temp-folder.ts";

function open(workingDirectory: string, ref = "HEAD", folder = workingDirectory): GitFiles {
  return new GitFiles({ workingDirectory, folder, ref });
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The code of the error that some work ends in. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

describe("the files of a git revision", () => {
  it("are those of the commit, whatever the working tree says now", () => {
    const { folder, write, git, commit } = gitRepository({ "m.yaml": "old", "prompts/p.md": "first" });
    const before = git("rev-parse", "HEAD");
    write({ "m.yaml": "new", "prompts/p.md": "second" });
    commit();
    write({ "m.yaml": "newest" });
    const files = open(folder, "HEAD~1");
    expect(files.revision).toBe(before);
    expect([text(files.read("m.yaml")), text(files.read("./prompts/../prompts/p.md"))]).toEqual([
      "old",
      "first",
    ]);
    expect(text(open(folder).read("m.yaml"))).toBe("new");
  });

  it("are named from the working directory, in a folder of the repository or above it", () => {
    const { folder } = gitRepository({ "a/b/m.yaml": "m", "a/data.csv": "d" });
    expect(text(open(join(folder, "a/b")).read("m.yaml"))).toBe("m");
    expect(text(open(join(folder, "a/b")).read("../data.csv"))).toBe("d");
    expect(text(open(join(folder, "a/b")).read(join(folder, "a/data.csv")))).toBe("d");
    const above = open(join(folder, ".."), "HEAD", folder);
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    expect(text(above.read(`${name}/a/b/m.yaml`))).toBe("m");
    expect(above.fromDisk).toEqual([]);
  });

  it("may have spaces, quotes and letters of any language in their names", () => {
    const names = [
      "über uns/ä ö.md",
      "-x.md",
      'it\'s "quoted".md',
      "日本/*.md",
      ":(top)x.md",
      "tab\there.md",
    ];
    const { folder } = gitRepository(Object.fromEntries(names.map((name) => [name, `of ${name}`])));
    for (const name of names) unlinkSync(join(folder, name));
    const files = open(folder);
    for (const name of names) expect(text(files.read(name))).toBe(`of ${name}`);
    expect(files.list("über uns")).toEqual(["über uns/ä ö.md"]);
    expect(files.list(".")).toEqual(["-x.md", ":(top)x.md", 'it\'s "quoted".md', "tab\there.md"]);
  });

  it("keep every byte, of a large file too", () => {
    const bytes = Buffer.alloc(5 << 20, 0);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
    const { folder } = gitRepository({ "big.bin": bytes, "empty.csv": "" });
    const digest = (some: Uint8Array): string => createHash("sha256").update(some).digest("hex");
    expect(digest(open(folder).read("big.bin"))).toBe(digest(bytes));
    expect(open(folder).read("empty.csv")).toHaveLength(0);
  });

  it("have the line ends that a checkout would write", () => {
    const { folder } = gitRepository({ ".gitattributes": "*.md text eol=crlf\n", "p.md": "one\ntwo\n" });
    expect(text(open(folder).read("p.md"))).toBe("one\r\ntwo\r\n");
  });

  it("may be symbolic links, to files and folders, inside and outside of the repository", () => {
    const outside = tempFolder({ "far.csv": "far" });
    const { folder, commit } = gitRepository({ "data/rows.csv": "rows" });
    symlinkSync("data/rows.csv", join(folder, "link.csv"));
    symlinkSync("data", join(folder, "folder"));
    symlinkSync(join(outside, "far.csv"), join(folder, "far.csv"));
    symlinkSync("nowhere", join(folder, "dangling.csv"));
    commit();
    rmSync(join(folder, "link.csv"));
    const files = open(folder);
    expect(["link.csv", "folder/rows.csv", "far.csv"].map((name) => text(files.read(name)))).toEqual([
      "rows",
      "rows",
      "far",
    ]);
    expect(files.fromDisk).toEqual(["far.csv"]);
    expect(codeOf(() => files.read("dangling.csv"))).toBe("ENOENT");
    expect(codeOf(() => files.read("link.csv/x"))).toBe("ENOENT");
    expect(codeOf(() => files.read("data"))).toBe("EISDIR");
  });

  it("come from the disk, and are named, where git does not know them; a tracked one that is new is missing", () => {
    const { folder, write, git } = gitRepository({ "m.yaml": "m", ".gitignore": "big.csv\n" });
    const outside = tempFolder({ "rows.csv": "outside" });
    write({ "big.csv": "ignored", "added.md": "added" });
    git("add", "added.md");
    const files = open(folder);
    expect(text(files.read("big.csv"))).toBe("ignored");
    expect(text(files.read(join(outside, "rows.csv")))).toBe("outside");
    expect(files.fromDisk).toEqual(["big.csv", join(outside, "rows.csv")]);
    expect(codeOf(() => files.read("added.md"))).toBe("ENOENT");
    expect(codeOf(() => files.read("nowhere.md"))).toBe("ENOENT");
    expect([files.has("m.yaml"), files.has("big.csv"), files.has("added.md")]).toEqual([true, false, false]);
  });

  it("are listed as the revision has them: no new file, no file that is gone lost", () => {
    const { folder, write } = gitRepository({
      "prompts/a.md": "a",
      "prompts/b.md": "b",
      "prompts/in/c.md": "c",
    });
    write({ "prompts/new.md": "new", "untracked/x.md": "x" });
    rmSync(join(folder, "prompts/a.md"));
    const files = open(folder);
    expect(files.list("prompts")).toEqual(["prompts/a.md", "prompts/b.md"]);
    expect(files.list("untracked")).toEqual(["untracked/x.md"]);
    expect(files.list("nowhere")).toEqual([]);
  });

  it("are remembered once each, as they were read", () => {
    const { folder } = gitRepository({ "a.md": "a", "b.md": "b" });
    const files = open(folder);
    files.read("b.md");
    files.read("a.md");
    files.read("./b.md");
    expect(files.recorded().map(({ name, bytes }) => [name, text(bytes)])).toEqual([
      ["b.md", "b"],
      ["a.md", "a"],
    ]);
  });

  it("need a repository, and a revision that git knows", () => {
    const { folder, git, write } = gitRepository({ "a.md": "a" });
    git("tag", "--annotate", "--message", "tag", "v1");
    git("branch", "feature/x");
    expect(open(folder, "v1").revision).toBe(git("rev-parse", "HEAD"));
    expect(open(folder, "feature/x").revision).toBe(git("rev-parse", "HEAD"));
    for (const ref of ["origin/main", "", "--output=x", "-n", "HEAD:a.md", "HEAD^{tree}", "a b"]) {
      expect(codeOf(() => open(folder, ref))).toBe("against/unknown-ref");
    }
    expect(codeOf(() => open(tempFolder()))).toBe("against/no-repository");
    write({ "sub/x.md": "x" });
    mkdirSync(join(folder, "plain"));
    writeFileSync(join(folder, "plain/file"), "");
    expect(open(join(folder, "plain")).read("../a.md")).toHaveLength(1);
    try {
      open(folder, "origin/main");
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).hint).toContain("fetch-depth: 0");
    }
  });
});
