// An endpoint that costs little: what it says is made beforehand, and it measures its own times. A process of its own:
//   node bench/speed/endpoint.mjs     prints its address
// The path says how it answers: /DELAY/GAP/TOKENS/v1/chat/completions waits DELAY ms, then sends TOKENS tokens, GAP ms
// apart where the request asks for a stream. The first token is what it measured until then, in milliseconds, and the last
// one what it measured in all; unstreamed, `content` is what it measured in all.
import { createServer } from "node:http";

const usage = (tokens) => ({ prompt_tokens: 20, completion_tokens: tokens, total_tokens: 20 + tokens });

const server = createServer((request, response) => {
  const [, delay, gap, tokens] = request.url.split("/").map(Number);
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const at = performance.now();
    const { stream } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const answer = () =>
      stream === true ? streamed(response, at, gap, tokens) : whole(response, at, tokens);
    // At the pace of a model requests do not begin and end together; the first token comes after half to one and a half of it.
    const wait = gap === 0 ? delay : delay * (0.5 + Math.random());
    if (wait === 0) answer();
    else setTimeout(answer, wait);
  });
});

function whole(response, at, tokens) {
  response.writeHead(200, { "content-type": "application/json" });
  const message = { role: "assistant", content: (performance.now() - at).toFixed(3) };
  response.end(
    JSON.stringify({
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: usage(tokens),
    }),
  );
}

const event = (delta, rest) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`;
const word = Buffer.from(event({ content: " word" }));

function streamed(response, at, gap, tokens) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.socket.setNoDelay(true);
  response.write(event({ content: (performance.now() - at).toFixed(3) }));
  const end = () => {
    const text = event({ content: ` ${(performance.now() - at).toFixed(3)}` });
    const last = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: usage(tokens) })}\n\n`;
    response.end(`${text}${last}data: [DONE]\n\n`);
  };
  let left = tokens - 2;
  if (gap === 0) {
    for (; left > 0; left--) response.write(word);
    end();
    return;
  }
  // Each token has its own time, however late the one before was.
  const next = () => {
    const due = (performance.now() - at) / gap;
    if (tokens - left - 1 > due)
      return void setTimeout(next, (tokens - left - 1) * gap - (performance.now() - at));
    if (left <= 0) return end();
    response.write(word);
    left--;
    setTimeout(next, Math.max(0, (tokens - left - 1) * gap - (performance.now() - at)));
  };
  setTimeout(next, gap);
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
