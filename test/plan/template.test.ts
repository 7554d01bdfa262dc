import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileMessages, MessageError } from "../../src/plan/messages.ts";
import {
  compileValue,
  literalPlaceholderIn,
  TemplateError,
  type Variables,
} from "../../src/plan/template.ts";

function render(value: unknown, variables: Record<string, unknown>): unknown {
  return compileValue(value).render(variables);
}

function failure(value: unknown, variables: Record<string, unknown>): TemplateError {
  try {
    render(value, variables);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("compileValue", () => {
  it("keeps the type of a single placeholder and writes lists and maps as JSON inside text", () => {
    const tools = [{ name: "f" }];
    expect(
      render(
        { tools: "{{ tools }}", text: "tools: {{ tools }}", n: "{{ n }}", last: "{{ tools | last }}" },
        { tools, n: 3 },
      ),
    ).toEqual({
      tools,
      text: 'tools: [{"name":"f"}]',
      n: 3,
      last: { name: "f" },
    });
  });

  it("never expands what the data holds", () => {
    expect(render("Q: {{ q }}", { q: "{{ secret }} {% if x %}" })).toBe("Q: {{ secret }} {% if x %}");
  });

  it("reaches any header through `row`", () => {
    expect(render('{{ row["Best Answer"] }}!', { row: { "Best Answer": "yes" } })).toBe("yes!");
  });

  it("names the variable, line and column of a placeholder that nothing fills", () => {
    const error = failure("one\n two {{ quetsion }}", { question: "?" });
    expect([error.undefinedVariable, error.line, error.column]).toEqual(["quetsion", 2, 9]);
    expect(failure("{{ q.size_of }}", { q: { a: 1 } }).undefinedVariable).toBe("q.size_of");
    expect(failure("{{ toString }}", {}).undefinedVariable).toBe("toString");
  });

  it("lets `default` and `if` ask for what may be missing, and keeps an empty cell defined", () => {
    expect(render("[{{ x | default: 'none' }}]{% if y %}y{% endif %}[{{ z }}]", { z: "" })).toBe("[none][]");
  });

  it.each(["{{ q ", "{% nope %}", "{{ q | zork }}", "{% if q %}"])("refuses `%s` when it is read", (text) => {
    expect(() => compileValue(text)).toThrow(TemplateError);
  });

  it("reads no file", () => {
    expect(() => render('{% include "package.json" %}', {})).toThrow(TemplateError);
  });

  it("lists the variables a value uses", () => {
    const compiled = compileValue({ a: "{{ x }} {{ row['B C'] }}", b: ["{{ trial }}"] });
    expect([compiled.variables, compiled.rowMembers]).toEqual([["x", "row", "trial"], ["B C"]]);
  });
});

it("a placeholder for a literal is noticed, a real one is not", () => {
  expect(literalPlaceholderIn("\\frac{{1}}{2}")).toEqual({ text: "{{1}}", offset: 5 });
  expect(literalPlaceholderIn("{{ n }} of {{ row['1'] }}")).toBeNull();
});

describe("compileMessages", () => {
  it("splices a list of messages and turns other values into text", () => {
    const template = compileMessages(["{{ history }}", { role: "user", content: "{{ n }}" }], false);
    expect(template.render({ history: [{ role: "system", content: "s" }], n: 7 })).toEqual([
      { role: "system", content: "s" },
      { role: "user", content: "7" },
    ]);
  });

  it("keeps every byte of a raw prompt", () => {
    const template = compileMessages([{ role: "user", content: "\\frac{{1}}{2} {{ x }}" }], true);
    expect(template.render({})).toEqual([{ role: "user", content: "\\frac{{1}}{2} {{ x }}" }]);
  });

  it("says what is wrong when a splice is no list", () => {
    const template = compileMessages(["{{ history }}"], false);
    expect(() => template.render({ history: "[]" })).toThrow(MessageError);
    expect(() => template.render({ history: [{ content: "no role" }] })).toThrow(/has no `role`/);
  });
});

it("puts text around plain names together as the engine does, whatever fills them", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant({ a: ["{{ x }}"] }),
  );
  const piece = fc.constantFrom(
    "{{ x }}",
    "{{y}}",
    "{{ true }}",
    " {",
    "}} ",
    "a\n",
    "{{- x }}",
    "{{ x | upcase }}",
    "{{ row.x }}",
  );
  const said = (text: string, scope: Variables): unknown => {
    try {
      return compileValue(text).render(scope);
    } catch (error) {
      if (error instanceof TemplateError) return "fault";
      throw error;
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2, maxLength: 6 }), value, value, (pieces, x, y) => {
      const text = `.${pieces.join("")}.`;
      const scope = { x, y, row: { x, y } };
      expect(said(text, scope)).toEqual(said(`${text}{% if true %}{% endif %}`, scope));
    }),
    { numRuns: 500 },
  );
});
