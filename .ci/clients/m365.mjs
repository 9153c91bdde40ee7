// CLI for Microsoft 365: its commands for the surface, in this process. It knows no hosts but Microsoft's, which guard/preload.cjs leads here.
import { executeCommand } from '@pnp/cli-microsoft365';
import { admin, Calls, evaluating } from './harness.mjs';

const calls = await Calls.begin();

// What a command writes, as JSON.
async function run(command, options = {}, listener = {}) {
  const { stdout } = await executeCommand(command, { output: 'json', ...options }, listener);
  return stdout ? JSON.parse(stdout) : {};
}

// A code that the command shows is what a user types in elsewhere.
async function signIn(message) {
  const code = /enter the code (\S+)/i.exec(JSON.stringify(message))?.[1];
  if (code) await admin('POST', `/sign-ins/${code}`, { user: 'ada' });
}

const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: appId, AZURE_CLIENT_SECRET: secret } = process.env;
await run('cli config set', { key: 'disableTelemetry', value: true });
const app = { authType: 'secret', appId, secret, tenant };
const user = { authType: 'deviceCode', appId, tenant };
await calls.run('m365', evaluating(calls, { run, admin, app, user, signIn }));
