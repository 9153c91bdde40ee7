// Microsoft's SDK for JavaScript: the requests of the surface for which packages of it are published, by the builders that their paths name.
import { BaseBearerTokenAuthenticationProvider } from '@microsoft/kiota-abstractions';
import { HeadersInspectionOptions } from '@microsoft/kiota-http-fetchlibrary';
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk';
import '@microsoft/msgraph-sdk-directory';
import '@microsoft/msgraph-sdk-directoryobjects';
import '@microsoft/msgraph-sdk-sites';
import '@microsoft/msgraph-sdk-teams';
import '@microsoft/msgraph-sdk-users';
import { Calls, ROOT } from './harness.mjs';

// There is no package for groups, planner and employeeExperience.
const OFFERED = ['directory', 'directoryObjects', 'me', 'sites', 'teams', 'users'];
const calls = await Calls.begin();

function client(token) {
  const tokens = { getAuthorizationToken: async () => token, getAllowedHostsValidator: () => undefined };
  const adapter = new GraphRequestAdapter(new BaseBearerTokenAuthenticationProvider(tokens));
  adapter.baseUrl = `${ROOT}/v1.0`;
  return createGraphServiceClient(adapter);
}

const clients = { user: client(calls.tokens.ada), app: client(calls.tokens.app) };

// `/sites/{{site}}/lists` is `sites.bySiteId(site).lists`.
function builder(start, path) {
  let before = '';
  return path.slice(1).split('/').reduce((found, segment) => {
    const id = segment.startsWith('{{');
    const name = id
      ? `by${before === 'deletedItems' ? 'DirectoryObject' : before[0].toUpperCase() + before.slice(1).replace(/ies$/, 'y').replace(/s$/, '')}Id`
      : segment.replace(/^\$/, '').replace(/\.(\w)/, (_, letter) => letter.toUpperCase());
    before = segment;
    return id ? found[name](calls.fill(segment)) : found[name];
  }, start);
}

// What other packages would send, for the values that later calls need.
async function prepare(row, { method, path, parameters, headers, body }) {
  const query = new URLSearchParams(parameters);
  const token = calls.tokens[row.as === 'app' ? 'app' : 'ada'];
  const answer = await fetch(`${ROOT}/v1.0${path}?${query}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
    body: body || undefined,
  });
  const text = await answer.text();
  return { answer: text.startsWith('{') ? JSON.parse(text) : text, headers: answer.headers, offered: false };
}

async function send(row) {
  const request = calls.request(row);
  const [, template] = /^\w+ ([^?]+)/.exec(row.request);
  if (!OFFERED.includes(template.split('/')[1])) return prepare(row, request);
  const { method, parameters, headers, body } = request;
  const known = { $select: (value) => value.split(','), $top: Number, $count: () => true, $orderby: (value) => value.split(',') };
  const queryParameters = Object.fromEntries(parameters.map(([name, value]) => [name.replace('$', ''), (known[name] ?? String)(value)]));
  const seen = new HeadersInspectionOptions({ inspectResponseHeaders: true });
  const start = builder(clients[row.as === 'app' ? 'app' : 'user'], template);
  const given = body ? [JSON.parse(body)] : [];
  return { answer: await start[method.toLowerCase()](...given, { headers, queryParameters, options: [seen] }) };
}

await calls.run('surface', send);
