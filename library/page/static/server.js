// Speaks with the server; every failure is an Error with one line for the user.

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The library is no longer served: start innerear library serve again.");
  }
  if (answer.ok) return answer;
  let problem = `${answer.status} ${answer.statusText}`;
  if (answer.headers.get("content-type")?.startsWith("application/json")) {
    problem = (await answer.json()).problem ?? problem;
  }
  throw new Error(problem);
}

export const itemPath = (item) => `/items/${encodeURIComponent(item)}`;

export async function getJson(path) {
  return (await ask(path)).json();
}

export async function getLines(path) {
  const text = await (await ask(path)).text();
  return text ? text.split("\n") : [];
}

/** Little-endian float32, as all machines have it that browsers run on. */
export async function getNumbers(path) {
  return new Float32Array(await (await ask(path)).arrayBuffer());
}

export async function post(path, data) {
  const answer = await ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(data),
  });
  return answer.json();
}

/** Base64 of bits, the lowest first -> one byte for each. */
export function unpackBits(text, count) {
  const bytes = atob(text);
  const bits = new Uint8Array(count);
  for (let at = 0; at < count; at++) bits[at] = (bytes.charCodeAt(at >> 3) >> (at & 7)) & 1;
  return bits;
}
