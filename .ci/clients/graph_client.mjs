// microsoft-graph-client, Microsoft's client for JavaScript that takes addresses: the surface, what raw clients send as pages spell it, and its own helpers.
import { BatchRequestContent, BatchResponseContent, Client, PageIterator, ResponseType } from '@microsoft/microsoft-graph-client';
import { Calls, evaluating, ROOT } from './harness.mjs';

const calls = await Calls.begin();

function client(token) {
  return Client.initWithMiddleware({
    baseUrl: `${ROOT}/`,
    customHosts: new Set(['127.0.0.1']),
    authProvider: { getAccessToken: async () => token },
  });
}

const graph = client(calls.tokens.ada);
const app = client(calls.tokens.app);

// A row by the fluent methods that people use for its query.
async function send(row) {
  const { method, path, parameters, headers, body } = calls.request(row);
  let request = (row.as === 'app' ? app : graph).api(path.replaceAll("'", '%27')).headers(headers);
  const fluent = { $select: 'select', $expand: 'expand', $orderby: 'orderby', $filter: 'filter', $search: 'search', $top: 'top', $skip: 'skip', $count: 'count' };
  for (const [name, value] of parameters) {
    request = fluent[name] ? request[fluent[name]](name === '$count' ? true : value) : request.query({ [name]: encodeURIComponent(value) });
  }
  const response = await request.responseType(ResponseType.RAW)[method.toLowerCase()](body && (body.startsWith('<') ? body : JSON.parse(body)));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const json = response.headers.get('content-type')?.includes('json');
  return { answer: json ? JSON.parse(text) : text, headers: response.headers };
}

async function pages(first) {
  const found = [];
  const iterator = new PageIterator(graph, await first, (each) => found.push(each.id) && true);
  await iterator.iterate();
  return { ids: found, delta: iterator.getDeltaLink() };
}

// The answers of a batch by id: [method, path, body] each, which depend on each other in turn if they are `inTurn`.
async function batch(requests, inTurn) {
  const steps = requests.map(([method, path, body, type = 'application/json'], i) => ({
    id: String(i + 1),
    dependsOn: inTurn && i ? [String(i)] : undefined,
    request: new Request(`${ROOT}${path}`, {
      method,
      headers: body ? { 'Content-Type': type } : {},
      body: typeof body === 'string' || !body ? body : JSON.stringify(body),
    }),
  }));
  const content = await new BatchRequestContent(steps).getContent();
  const answers = new BatchResponseContent(await graph.api('/$batch').post(content));
  return Object.fromEntries(steps.map(({ id }) => [id, answers.getResponseById(id).status]));
}

await calls.run('surface', send);
await calls.run('raw', send);
await calls.run('graph_client', evaluating(calls, { graph, app, pages, batch }));
