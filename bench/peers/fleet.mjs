// What a person would write for the jobs of bench/fleet: Qlik's own client, Promise.all, and a bound
// on the calls in flight.
//
//   node fleet.mjs refresh|apply PORT TENANTS CALLS FOLDER
//
// It keeps no state, has no plan, and knows nothing of crashes; what it makes, and what it looks at,
// is what tenantry makes and looks at. The names of the tenants' hosts are the loopback's here.
import assert from "node:assert/strict";
import dns from "node:dns";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const lookup = dns.lookup;
dns.lookup = (name, ...more) => lookup(name.endsWith(".qlikcloud.com") ? "127.0.0.1" : name, ...more);

const qlik = (await import("@qlik/api")).default;
const [job, port, tenants, calls, folder] = process.argv.slice(2);
const replace = (path, value) => ({ op: "replace", path, value });
const numbers = count => Array.from({ length: count }, (_, i) => i);

/** At most so many calls at once, first come, first served. */
function gate(places) {
  const waiting = [];
  return async call => {
    if (places > 0) --places;
    else await new Promise(resolve => waiting.push(resolve));
    try {
      return await call();
    } finally {
      if (waiting.length > 0) waiting.shift()();
      else ++places;
    }
  };
}
const inTurn = gate(Number(calls));

/** Call options for one host. The client keeps tokens by client id, and would send that of one tenant
 * to the next: so each tenant is signed in to here. */
async function at(host) {
  const answer = await inTurn(() => fetch(`http://${host}:${port}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: "emulator", client_secret: "emulator-secret",
                           grant_type: "client_credentials" }),
  }));
  const { access_token: apiKey } = await answer.json();
  return { hostConfig: { authType: "apikey", host: `http://${host}:${port}`, apiKey }, noCache: true };
}

async function every(list, query, here) {
  const found = [];
  let page = await inTurn(() => list(query, here));
  for (;;) {
    found.push(...page.data.data);
    const { next } = page;
    if (!next) return found;
    page = await inTurn(() => next(here));
  }
}

function lacking(found, wanted, name, differs) {
  const byName = new Map(found.map(object => [object[name], object]));
  return wanted.filter(each => !byName.has(each[name]) || differs(byName.get(each[name]), each));
}

const role = i => ({ name: `Role ${i}`, assignedScopes: ["automations"] });
const group = (i, roles) => ({
  name: `Group ${i}`, providerType: "custom", assignedRoles: [`Role ${i % roles}`] });
const web = i => ({ name: `Web ${i}`, validOrigins: [`https://w${i}.example`] });
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** How many objects of a tenant are not as they should be. */
async function refresh(i) {
  const key = `t${String(i).padStart(4, "0")}`;
  const here = await at(`bench-${key}.eu.qlikcloud.com`);
  const me = (await inTurn(() => qlik.tenants.getMyTenant(here))).data;
  const [roles, groups, webs, clients, brands, settings, keys] = await Promise.all([
    every(qlik.roles.getRoles, { limit: 100 }, here),
    every(qlik.groups.getGroups, { limit: 100 }, here),
    every(qlik.webIntegrations.getWebIntegrations, { limit: 100 }, here),
    every(qlik.oauthClients.getOAuthClients, { limit: 100 }, here),
    every(qlik.brands.getBrands, {}, here),
    inTurn(() => qlik.groups.getGroupsSettings(here)),
    inTurn(() => qlik.encryption.getEncryptionKeyproviders(here)),
  ]);
  const roleNames = object => object.assignedRoles.map(each => each.name);
  return [
    ...(me.name === `Tenant ${key}` ? [] : [me]),
    ...(settings.data.autoCreateGroups ? [] : [settings]),
    ...lacking(keys.data, [{ name: "Customer key" }], "name", () => false),
    ...lacking(roles, numbers(25).map(role), "name",
               (live, own) => !same(live.assignedScopes, own.assignedScopes)),
    ...lacking(groups, numbers(30).map(n => group(n, 25)), "name",
               (live, own) => !same(roleNames(live), own.assignedRoles)),
    ...lacking(webs, numbers(25).map(web), "name",
               (live, own) => !same(live.validOrigins, own.validOrigins)),
    ...lacking(clients, numbers(15).map(n => ({ clientName: `Page ${n}` })), "clientName",
               () => false),
    ...lacking(brands, numbers(2).map(n => ({ name: `Brand ${n}` })), "name", () => false),
  ].length;
}

/** Makes a tenant with 30 resources, and delivers its clients' secrets. */
async function apply(i) {
  const key = `t${String(i).padStart(4, "0")}`;
  const made = (await inTurn(() => qlik.tenants.createTenant(
    { licenseKey: "emulator-license" }, registration))).data;
  const here = await at(made.hostnames[0]);
  await inTurn(() => qlik.tenants.patchTenant(made.id, [
    replace("/name", `Tenant ${key}`), replace("/hostnames/1", `bench-${key}.eu.qlikcloud.com`),
  ], here));
  const roles = Promise.all(numbers(5).map(n => inTurn(() => qlik.roles.createRole(role(n), here))));
  const groups = roles.then(list => Promise.all(numbers(10).map(n => inTurn(() =>
    qlik.groups.createGroup({
      ...group(n, 5), assignedRoles: [{ id: list[n % 5].data.id }] }, here)))));
  const webs = numbers(10).map(n => inTurn(() =>
    qlik.webIntegrations.createWebIntegration(web(n), here)));
  const clients = numbers(5).map(async n => {
    const { data } = await inTurn(() => qlik.oauthClients.createOAuthClient({
      clientName: `Client ${n}`, appType: "web",
      allowedGrantTypes: ["client_credentials"] }, here));
    await writeFile(join(folder, "secrets", `${key}-${n}.json`),
                    JSON.stringify({ clientId: data.clientId, clientSecret: data.clientSecret }),
                    { mode: 0o600 });
  });
  await Promise.all([roles, groups, ...webs, ...clients]);
  return 0;
}

const registration = await at("register.eu.qlikcloud.com");
await mkdir(join(folder, "secrets"), { recursive: true });
const work = { refresh, apply }[job];
const differing = await Promise.all(numbers(Number(tenants)).map(work));
assert.equal(differing.reduce((sum, n) => sum + n, 0), 0, "the fleet is not as it should be");
