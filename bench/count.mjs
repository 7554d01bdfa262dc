// How fast tokens are counted, on one core: `npm run build && node bench/count.mjs`.
//   mixed      10 MB of English and Chinese prompts that share a template; hardly a word run in Chinese comes twice
//   hostile    1 MB texts on which a careless tokenizer needs quadratic time
// Prints a table and exits 1 when the mix takes 10 s or counts otherwise than gpt-tokenizer, or when a hostile text takes
// ten times as long as its half.
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { loadTokenCounter } from "../dist/cost/token-counter.js";
import { seededRandom } from "../dist/system/seeded-random.js";

const megabyte = 1_000_000;
const random = seededRandom("count");
const pick = (list) => list[Math.floor(random() * list.length)];

// Rarer than the characters of real text: next to no run of them is one token.
const chinese = Array.from({ length: 3_500 }, (_, i) => String.fromCodePoint(0x4e00 + i));
const common = [
  ..."的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞",
];
const words = Array.from({ length: 20_000 }, () =>
  Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    pick(["con", "ter", "ing", "pre", "al", "is", "the", "on", "ment", "re", "li", "ous", "a", "e", "st"]),
  ).join(""),
);

const template =
  "You triage support tickets. Answer with one word: billing, technical, account or other.\n\n";
const englishRow = () =>
  `${Array.from({ length: 120 }, () => pick(words)).join(" ")}. Order ${Math.floor(random() * 1e7)}.`;
const chineseRow = () =>
  Array.from({ length: 25 }, () =>
    Array.from({ length: 4 + Math.floor(random() * 14) }, () => pick(random() < 0.9 ? common : chinese)).join(
      "",
    ),
  ).join("，");

const prompts = [];
let bytes = 0;
while (bytes < 10 * megabyte) {
  const text = template + (prompts.length % 2 === 0 ? englishRow() : chineseRow());
  prompts.push(text);
  bytes += Buffer.byteLength(text);
}

const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const anyRun = (list) =>
  Array.from({ length: megabyte / Buffer.byteLength(list[0]) }, () => pick(list)).join("");

function timed(work) {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  return { result, seconds: (user + system) / 1e6 };
}

const sum = (count) => prompts.reduce((total, text) => total + count(text), 0);
function line(name, size, tokens, seconds, note = "") {
  console.log(
    [
      name.padEnd(24),
      `${(size / megabyte).toFixed(1)} MB`.padStart(8),
      String(tokens).padStart(9),
      `${seconds.toFixed(2)} s`.padStart(8),
      note,
    ].join("  "),
  );
}

const loadedAt = performance.now();
let counter = await loadTokenCounter();
console.log(`loaded in ${Math.round(performance.now() - loadedAt)} ms`);
const first = timed(() => sum((text) => counter.text("gpt-4o", text)));
line("mixed", bytes, first.result, first.seconds);
const again = timed(() => sum((text) => counter.text("Qwen/Qwen3-8B", text)));
line("mixed, another model", bytes, again.result, again.seconds);
const plain = timed(() => sum((text) => countTokens(text)));
line(
  "mixed, gpt-tokenizer",
  bytes,
  plain.result,
  plain.seconds,
  plain.result === first.result ? "same count" : "OTHER COUNT",
);
let failed = first.seconds >= 10 || plain.result !== first.result;

for (const [name, unit] of [
  ["a", "a"],
  ["A", "A"],
  ["spaces", " "],
  ["line ends", "\n"],
  ["digits", "7"],
  ["exclamation marks", "!"],
  ["emoji", "👩‍👩‍👧"],
  ["Chinese, the same", "的一是在不了有和人这"],
  ["Chinese, any", ""],
  ["letters, any", ""],
]) {
  // A new counter: nothing is remembered.
  counter = await loadTokenCounter();
  const text =
    unit === ""
      ? anyRun(name === "letters, any" ? letters : common)
      : unit.repeat(megabyte / Buffer.byteLength(unit));
  const half = timed(() => counter.text("gpt-4o", text.slice(0, text.length / 2)));
  const whole = timed(() => counter.text("gpt-4o", text));
  const steep = whole.seconds > 10 * Math.max(half.seconds, 0.05);
  if (steep) failed = true;
  line(name, Buffer.byteLength(text), whole.result, whole.seconds, steep ? "MORE THAN LINEAR" : "");
}
process.exitCode = failed ? 1 : 0;
