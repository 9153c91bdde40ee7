// Makes the calls that a table lists, one after another, and writes down what came of each for judge.py; harness.py is the same for Python.
import { appendFileSync, readFileSync } from 'node:fs';

export const { GRAPH_ROOT: ROOT, GRAPH_ADMIN: ADMIN } = process.env;
// How long one call may take, in milliseconds.
const PATIENCE = 60_000;

// What the simulator's admin port answers.
export async function admin(method, path, body) {
  const answer = await fetch(ADMIN + path, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  return JSON.parse((await answer.text()) || 'null');
}

export function rows(table) {
  const [head, ...lines] = readFileSync(`${process.env.TABLES}/${table}.tsv`, 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i] ?? ''])));
}

// What `value.0.@odata.type` leads to, or nothing.
function member(answer, path) {
  return path.match(/@odata\.\w+|[^.]+/g).reduce((found, part) => found?.[part], answer);
}

const oid = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).oid;

// The calls of one client. `values` are what earlier answers left for later calls.
export class Calls {
  static async begin() {
    const calls = new Calls();
    const users = Object.entries(process.env).filter(([name]) => name.startsWith('TOKEN_')).map(([name, token]) => [name.slice(6).toLowerCase(), token]);
    calls.tokens = { ...Object.fromEntries(users), app: (await admin('POST', '/tokens', {})).token };
    calls.values = { root: ROOT, ...Object.fromEntries(users.map(([name, token]) => [name, oid(token)])) };
    return calls;
  }

  // A text of a table with the values in place of `{{name}}`; `{{=text}}` is that text.
  fill(text, quote = (value) => value) {
    return text.replace(/\{\{(=?)(.+?)\}\}/g, (_, literal, name) => {
      if (!literal && !(name in this.values)) throw new Error(`no earlier call left ${name}`);
      return quote(literal ? name : this.values[name]);
    });
  }

  // A row's method, path and query, headers and body, as the table has them.
  request(row, quote = encodeURIComponent) {
    const [, method, path, query] = /^(\w+) ([^?]+)\??(.*)$/.exec(row.request);
    const headers = row.headers.split('; ').filter(Boolean).map((line) => this.fill(line).split(/: (.*)/s, 2));
    const parameters = this.fill(query).split(/&(?=\$?\w+=)/).filter(Boolean).map((each) => each.split(/=(.*)/s, 2));
    return { method, path: this.fill(path, quote), parameters, headers: Object.fromEntries(headers), body: this.fill(row.body) };
  }

  // Makes all calls of a table: `send(row)` returns what the client's caller gets, the headers if it has them, and whether the client offers it.
  async run(table, send) {
    for (const row of rows(table)) {
      const clock = /^CLOCK (\d+)$/.exec(row.request);
      if (clock) await admin('POST', '/clock', { advance: Number(clock[1]) });
      else await this.observe(table, row, send);
    }
  }

  async observe(table, row, send) {
    const seen = { table, call: row.call, answer: null, error: null };
    await admin('DELETE', '/journal');
    let timer;
    try {
      const late = new Promise((_, refuse) => (timer = setTimeout(() => refuse(new Error('took too long')), PATIENCE)));
      const { answer, headers, offered } = await Promise.race([send(row), late]);
      seen.answer = answer ?? null;
      seen.offered = offered;
      this.keep(row.keep, answer, headers);
    } catch (error) {
      seen.error = `${error?.name ?? ''}: ${error?.message ?? error?.error?.message ?? JSON.stringify(error)}`.slice(0, 500);
    }
    clearTimeout(timer);
    const { entries } = await admin('GET', '/journal.json');
    seen.requests = entries.filter(({ path }) => /^\/(v1\.0|beta)/.test(path)).map(({ method, path, status, notes }) => [method, path, status, notes]);
    appendFileSync(process.env.OBSERVED, JSON.stringify(seen) + '\n');
  }

  // `group=id` keeps a member of the answer, `x=header:NAME` the last id in an address that a header holds.
  keep(wanted, answer, headers) {
    for (const [name, path] of wanted.split(' ').filter(Boolean).map((pair) => pair.split(/=(.*)/s, 2))) {
      const value = path.startsWith('header:') ? headers?.get(path.slice(7))?.match(/[^/('")]+/g)?.at(-1) : member(answer, path);
      if (value !== undefined && value !== null) this.values[name] = value;
    }
  }
}

const Async = (async () => {}).constructor;

// A row of a client's own table is JavaScript, evaluated with these names.
export function evaluating(calls, names) {
  return async (row) => ({ answer: await new Async(...Object.keys(names), `return (${calls.fill(row.request)});`)(...Object.values(names)) });
}
