// Node reads this at start (`--require`): Microsoft's hosts become the simulator, and whatever connects to another machine is refused.
const dgram = require('node:dgram');
const dns = require('node:dns');
const { syncBuiltinESMExports } = require('node:module');
const https = require('node:https');
const net = require('node:net');

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', undefined, null]);
const MICROSOFTS = new Set(['graph.microsoft.com', 'login.microsoftonline.com', 'login.windows.net']);
const simulator = new URL(process.env.GRAPH_ROOT);

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const [options] = Array.isArray(given[0]) ? given[0] : given;
  const host = typeof options === 'object' ? options.host : given[1];
  if (!options?.path && typeof host !== 'function' && !LOOPBACK.has(host)) {
    process.nextTick(() => this.destroy(new Error(`connect to ${host}: only this machine may be reached`)));
    return this;
  }
  return connect.apply(this, given);
};

// Nor does a question for an address leave, or a packet of its own.
const lookup = dns.lookup;
dns.lookup = (host, ...others) => (LOOPBACK.has(host) ? lookup(host, ...others) : others.at(-1)(new Error(`no look-up of ${host}`)));
dns.promises.lookup = async (host) => {
  throw new Error(`no look-up of ${host}`);
};
dgram.Socket.prototype.send = () => {
  throw new Error('no packets');
};

// An address, a URL or options, of Microsoft's or not.
function moved(target) {
  if (typeof target === 'string' || target instanceof URL) {
    const url = new URL(target);
    return MICROSOFTS.has(url.hostname) ? new URL(url.pathname + url.search, simulator) : target;
  }
  if (!MICROSOFTS.has(target?.hostname ?? target?.host)) return target;
  const headers = Object.fromEntries(Object.entries(target.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'host'));
  const { hostname, port } = simulator;
  return { ...target, headers, host: hostname, hostname, port, servername: undefined };
}

for (const method of ['request', 'get']) {
  const original = https[method];
  https[method] = (target, ...others) => original(moved(target), ...others);
}
syncBuiltinESMExports();
const fetched = globalThis.fetch;
globalThis.fetch = (target, options) =>
  target instanceof Request
    ? fetched(MICROSOFTS.has(new URL(target.url).hostname) ? new Request(moved(target.url), target) : target, options)
    : fetched(moved(String(target)), options);
