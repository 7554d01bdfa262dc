import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretMask } from "../../src/provider/secret-mask.ts";

const secret = fc.stringMatching(/^[A-Za-z0-9_-]{8,60}$/);

describe("the mask", () => {
  it("leaves no piece of 8 characters of a secret in any text", () => {
    fc.assert(
      fc.property(secret, fc.array(fc.oneof(fc.string(), fc.nat(60), fc.constant(-1))), (key, parts) => {
        const text = parts
          .map((part) => (typeof part === "string" ? part : part < 0 ? key : key.slice(part % key.length)))
          .join("");
        const masked = createSecretMask([key]).text(text);
        for (let i = 0; i + 8 <= key.length; i++) expect(masked).not.toContain(key.slice(i, i + 8));
      }),
    );
  });

  it("leaves a text without pieces of the secret as it is", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ]*$/), (text) => {
        expect(createSecretMask(["SK-0123456789"]).text(text)).toBe(text);
      }),
    );
  });

  it.each([
    ["Incorrect API key provided: sk-0123456789abcdef.", "Incorrect API key provided: ***."],
    ["sk-0123456789abcdefsk-0123456789abcdef", "******"],
    ["key 3456789abc... is unknown", "key ***... is unknown"],
    ["sk-01234", "***"],
    ["sk-0123", "sk-0123"],
  ])("makes %j %j", (text, expected) => {
    expect(createSecretMask(["sk-0123456789abcdef"]).text(text)).toBe(expected);
  });

  it("masks the forms in which a URL, JSON and a header of base64 hold it", () => {
    const key = 'sk-a/b+c="d e"';
    const forms = [encodeURIComponent(key), "sk-a%2Fb%2Bc%3D%22d+e%22", JSON.stringify(key), btoa(key)];
    for (const form of forms)
      expect(createSecretMask([key]).text(`got ${form}!`)).toMatch(/^got "?\*\*\*"?!$/);
  });

  it("masks a short key as a whole, and no key of less than four characters", () => {
    expect(createSecretMask(["sk-1"]).text("bad key sk-1")).toBe("bad key ***");
    expect(createSecretMask(["x", ""]).text("xylophone")).toBe("xylophone");
  });
});
