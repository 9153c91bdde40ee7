// PnPjs: its fluent calls for groups and what they have, with the behaviors of its Graph defaults.
import { BrowserFetchWithRetry, DefaultParse, InjectHeaders } from '@pnp/queryable';
import { AdvancedQuery, ConsistencyLevel, DefaultHeaders, DefaultInit, graphfi } from '@pnp/graph';
import '@pnp/graph/calendars/index.js';
import '@pnp/graph/conversations/index.js';
import '@pnp/graph/directory-objects/index.js';
import '@pnp/graph/files/index.js';
import '@pnp/graph/groups/index.js';
import '@pnp/graph/lists/index.js';
import '@pnp/graph/members/index.js';
import '@pnp/graph/onenote/index.js';
import '@pnp/graph/photos/index.js';
import '@pnp/graph/planner/index.js';
import '@pnp/graph/sites/index.js';
import '@pnp/graph/teams/index.js';
import '@pnp/graph/users/index.js';
import '@pnp/graph/batching.js';
import { GroupType } from '@pnp/graph/groups/index.js';
import { Calls, evaluating, ROOT } from './harness.mjs';

const calls = await Calls.begin();
const graph = graphfi().using(
  DefaultInit(`${ROOT}/v1.0`),
  DefaultHeaders(),
  BrowserFetchWithRetry(),
  DefaultParse(),
  InjectHeaders({ Authorization: `Bearer ${calls.tokens.ada}` }),
);

// What a batch of calls answers: `fill` makes them on a batched client.
async function batch(fill) {
  const [batched, execute] = graph.batched();
  const answers = fill(batched);
  await execute();
  return Promise.all(answers);
}

async function all(items) {
  const found = [];
  for await (const page of items) found.push(...page);
  return found;
}

await calls.run('pnp', evaluating(calls, { graph, GroupType, AdvancedQuery, ConsistencyLevel, batch, all }));
