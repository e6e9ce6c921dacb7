// Qlik's own client, @qlik/api, unchanged, against the emulator: create, read, list over all pages,
// patch and delete of every kind.
//
//   node client.mjs PORT LOGO FAVICON ARCHIVE
//
// The client dials the host of each tenant; in this process those names are the loopback's.
import assert from "node:assert/strict";
import dns from "node:dns";
import { readFileSync } from "node:fs";

const lookup = dns.lookup;
dns.lookup = (name, ...more) => lookup(name.endsWith(".qlikcloud.com") ? "127.0.0.1" : name, ...more);

const qlik = (await import("@qlik/api")).default;
const [port, logo, favIcon, archive] = process.argv.slice(2);
// A client of a region; @qlik/api asks for user_default alone where nothing is said.
const SCOPES = "admin_classic tenants:create tenants:deactivate tenants:reactivate";
const replace = (path, value) => ({ op: "replace", path, value });
const file = (path, type) => new Blob([readFileSync(path)], { type });

/** Call options that reach one host; nothing is taken from the client's cache. */
const at = (host, headers) => ({
  hostConfig: {
    authType: "oauth2", host: `http://${host}:${port}`, clientId: "emulator",
    clientSecret: "emulator-secret", scope: SCOPES,
  },
  noCache: true,
  headers,
});

/** Everything that a list has, by the client's own way to the next page. */
async function all(first, here) {
  const found = [];
  let pages = 0;
  for (let page = await first; page; page = page.next ? await page.next(here) : undefined) {
    assert.ok(++pages < 50, "the pages do not end");
    found.push(...page.data.data);
  }
  return { found, pages };
}

async function refused(status, call) {
  await assert.rejects(call, error => {
    assert.equal(error.status, status, String(error));
    assert.ok(error.data.errors[0].code, "an error has a code");
    return true;
  });
}

/** The cycle that most kinds have. `change` is a patch and what it makes true. */
async function cycle({ create, read, list, patch, remove, bodies, change, id = "id" }, here) {
  const made = [];
  for (const body of bodies) {
    const { status, data } = await create(body, here);
    assert.equal(status, 201);
    made.push(data[id]);
  }
  const [operations, holds] = change;
  assert.ok([200, 204].includes((await patch(made[0], operations, here)).status));
  const changed = (await read(made[0], here)).data;
  for (const [name, value] of Object.entries(holds)) assert.deepEqual(changed[name], value, name);
  const { found, pages } = await all(list({ limit: 2 }, here), here);
  assert.ok(pages > 1, `${made.length} objects, two a page, are more than one page`);
  const ids = found.map(object => object[id]);
  assert.equal(new Set(ids).size, ids.length, "no object is listed twice");
  for (const one of made) assert.ok(ids.includes(one), "every object is listed");
  for (const one of made) {
    const options = { ...here, headers: { "qlik-confirm-delete": one } };
    assert.equal((await remove(one, options)).status, 204);
    await refused(404, read(one, here));
  }
}

const names = prefix => [1, 2, 3, 4, 5].map(n => `${prefix} ${n}`);
const steps = {};

steps.tenants = async here => {
  const mine = (await qlik.tenants.getMyTenant(here)).data;
  const { status } = await qlik.tenants.patchTenant(mine.id, [replace("/name", "Acme")], here);
  assert.equal(status, 204);
  assert.equal((await qlik.tenants.getTenant(mine.id, here)).data.name, "Acme");
};

steps.roles = here => cycle({
  create: qlik.roles.createRole, read: qlik.roles.getRole, list: qlik.roles.getRoles,
  patch: qlik.roles.patchRole, remove: qlik.roles.deleteRole,
  bodies: names("Role").map(name => ({ name, assignedScopes: ["automations"] })),
  change: [[replace("/description", "Writes")], { description: "Writes" }],
}, here);

steps.groups = async here => {
  await cycle({
    create: qlik.groups.createGroup, read: qlik.groups.getGroup, list: qlik.groups.getGroups,
    patch: qlik.groups.patchGroup, remove: qlik.groups.deleteGroup,
    bodies: names("Group").map(name => ({ name, providerType: "custom" })),
    change: [[replace("/description", "Reads")], { description: "Reads" }],
  }, here);
  await qlik.groups.patchGroupsSettings([replace("/autoCreateGroups", true)], here);
  assert.equal((await qlik.groups.getGroupsSettings(here)).data.autoCreateGroups, true);
};

steps.users = here => cycle({
  create: qlik.users.createUser, read: (id, options) => qlik.users.getUser(id, {}, options),
  list: qlik.users.getUsers, patch: qlik.users.patchUser, remove: qlik.users.deleteUser,
  bodies: names("idp|user").map(subject => ({ subject, name: subject })),
  change: [[replace("/name", "Ann")], { name: "Ann" }],
}, here);

steps.webIntegrations = here => cycle({
  create: qlik.webIntegrations.createWebIntegration,
  read: qlik.webIntegrations.getWebIntegration, list: qlik.webIntegrations.getWebIntegrations,
  patch: qlik.webIntegrations.patchWebIntegration,
  remove: qlik.webIntegrations.deleteWebIntegration,
  bodies: names("Portal").map(name => ({ name, validOrigins: ["https://portal.example"] })),
  change: [[replace("/validOrigins", ["https://other.example"])],
           { validOrigins: ["https://other.example"] }],
}, here);

steps.oauthClients = here => cycle({
  create: qlik.oauthClients.createOAuthClient, read: qlik.oauthClients.getOAuthClient,
  list: qlik.oauthClients.getOAuthClients, patch: qlik.oauthClients.patchOAuthClient,
  remove: qlik.oauthClients.deleteOAuthClient, id: "clientId",
  bodies: names("Client").map(clientName => ({
    clientName, appType: "web", allowedGrantTypes: ["client_credentials"] })),
  change: [[replace("/description", "Embeds")], { description: "Embeds" }],
}, here);

steps.oauthSecrets = async here => {
  const { clientId } = (await qlik.oauthClients.createOAuthClient(
    { clientName: "Secrets", appType: "web", allowedGrantTypes: ["client_credentials"] }, here)).data;
  const added = await qlik.oauthClients.createOAuthClientSecret(clientId, here);
  assert.equal(added.status, 201);
  const hint = added.data.hint;
  assert.equal((await qlik.oauthClients.deleteOAuthClientSecret(clientId, hint, here)).status, 204);
  await qlik.oauthClients.patchOAuthClientConnectionConfig(
    clientId, [replace("/consentMethod", "trusted")], here);
  const config = await qlik.oauthClients.getOAuthClientConnectionConfig(clientId, here);
  assert.equal(config.data.consentMethod, "trusted");
};

steps.spaces = async here => {
  await cycle({
    create: qlik.spaces.createSpace, read: qlik.spaces.getSpace, list: qlik.spaces.getSpaces,
    patch: qlik.spaces.patchSpace, remove: qlik.spaces.deleteSpace,
    bodies: names("Space").map(name => ({ name, type: "shared" })),
    change: [[replace("/description", "Team")], { description: "Team" }],
  }, here);
  const space = (await qlik.spaces.createSpace({ name: "Assigned", type: "shared" }, here)).data.id;
  const groups = [];
  for (const name of names("Assigned")) {
    groups.push((await qlik.groups.createGroup({ name, providerType: "custom" }, here)).data.id);
  }
  await cycle({
    create: (body, options) => qlik.spaces.createSpaceAssignment(space, body, options),
    read: (id, options) => qlik.spaces.getSpaceAssignment(space, id, options),
    list: (query, options) => qlik.spaces.getSpaceAssignments(space, query, options),
    patch: (id, body, options) => qlik.spaces.updateSpaceAssignment(space, id, body, options),
    remove: (id, options) => qlik.spaces.deleteSpaceAssignment(space, id, options),
    bodies: groups.map(assigneeId => ({ type: "group", assigneeId, roles: ["consumer"] })),
    change: [{ roles: ["facilitator"] }, { roles: ["facilitator"] }],
  }, here);
};

steps.brands = async here => {
  await cycle({
    create: qlik.brands.createBrand, read: qlik.brands.getBrand, list: qlik.brands.getBrands,
    patch: qlik.brands.patchBrand, remove: qlik.brands.deleteBrand,
    bodies: names("Brand").map(name => ({ name, logo: file(logo, "image/png") })),
    change: [[replace("/description", "Blue")], { description: "Blue" }],
  }, here);
  const { id } = (await qlik.brands.createBrand({ name: "House" }, here)).data;
  const icon = { file: file(favIcon, "image/x-icon") };
  assert.equal((await qlik.brands.createBrandFile(id, "favIcon", icon, here)).status, 201);
  assert.equal((await qlik.brands.updateBrandFile(id, "favIcon", icon, here)).status, 200);
  const bytes = (await qlik.brands.getBrandFile(id, "favIcon", here)).data;
  assert.equal(bytes.size, readFileSync(favIcon).length);
  assert.equal((await qlik.brands.activateBrand(id, {}, here)).status, 200);
  assert.equal((await qlik.brands.getActiveBrand(here)).data.id, id);
  assert.equal((await qlik.brands.deactivateBrand(id, {}, here)).status, 200);
  assert.equal((await qlik.brands.deleteBrandFile(id, "favIcon", here)).status, 204);
};

steps.keyProviders = async here => {
  const arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-00000000000000000000000000000001";
  const { status, data } = await qlik.encryption.createEncryptionKeyprovider(
    { name: "Key", arn, keyprovider: "AWS-KMS" }, here);
  assert.equal(status, 201);
  const id = data.arnFingerPrint;
  await qlik.encryption.patchEncryptionKeyprovider(id, [replace("/description", "Home")], here);
  const read = (await qlik.encryption.getEncryptionKeyprovider(id, here)).data;
  assert.equal(read.description, "Home");
  const own = (await qlik.encryption.getEncryptionKeyproviders(here)).data;
  const every = (await qlik.encryption.listEncryptionKeyproviders(here)).data;
  assert.deepEqual([own.length, every.length], [1, 2]);
  assert.equal((await qlik.encryption.testEncryptionKeyprovider(id, here)).status, 201);
  assert.equal((await qlik.encryption.migrateEncryptionKeyprovider(id, here)).status, 200);
  for (let n = 0; !(await qlik.encryption.getEncryptionKeyprovider(id, here)).data.current; ++n) {
    assert.ok(n < 100, "the migration does not end");
    await qlik.encryption.getEncryptionKeyprovidersMigrationDetails(here);
  }
  await refused(424, qlik.encryption.deleteEncryptionKeyprovider(id, here));
};

steps.diProjects = async here => {
  const space = (await qlik.spaces.createSpace({ name: "Pipelines", type: "data" }, here)).data.id;
  const { status, data } = await qlik.diProjects.createDiProject({
    name: "Sales", type: "DATA_PIPELINE", platformType: "SNOWFLAKE", space }, here);
  assert.equal(status, 201);
  const list = (await qlik.diProjects.getDiProjects({}, here)).data;
  assert.deepEqual(list.projects.map(project => project.name), ["Sales"]);
  const variables = { targetSchema: "acme_dw" };
  await qlik.diProjects.setDiProjectExportVariables(data.id, { variables }, here);
  const bindings = await qlik.diProjects.getDiProjectExportVariables(
    data.id, { recalculate: false }, here);
  assert.deepEqual(bindings.data.variables, variables);
  const started = await qlik.diProjects.importAsyncDiProject(
    data.id, { zip: file(archive, "application/zip") }, here);
  assert.equal(started.status, 202);
  for (let state = "PENDING", n = 0; state !== "COMPLETED"; ++n) {
    assert.ok(n < 100 && state !== "FAILED", `the import is ${state}`);
    state = (await qlik.diProjects.getDiProject(started.data.actionId, {}, here)).data.state;
  }
  const tasks = (await qlik.diProjects.getDiProjectDiTasks(data.id, here)).data;
  assert.equal(tasks.dataTasks.length, 1);
};

steps.licenses = async here => {
  const overview = (await qlik.licenses.getLicenseOverview(here)).data;
  assert.ok(overview.licenseKey);
  await qlik.licenses.updateLicenseSettings(
    { autoAssignProfessional: true, autoAssignAnalyzer: false }, here);
  assert.equal((await qlik.licenses.getLicenseSettings(here)).data.autoAssignProfessional, true);
  const pairs = [{ subject: "idp|ann", type: "analyzer" }];
  assert.equal((await qlik.licenses.addLicenseAssignments({ add: pairs }, here)).status, 207);
  const assigned = (await qlik.licenses.getLicenseAssignments({}, here)).data.data;
  assert.ok(assigned.some(entry => entry.subject === "idp|ann"));
  assert.equal((await qlik.licenses.deleteLicenseAssignments({ delete: pairs }, here)).status, 207);
};

steps.tenantSettings = async here => {
  const page = { preferredStartPage: "management-console" };
  assert.equal((await qlik.tenantSettings.createTenantSettings(page, here)).status, 201);
  await qlik.tenantSettings.updateTenantSettings(
    [replace("/preferredStartPage", "data-integration-hub")], here);
  const read = (await qlik.tenantSettings.getTenantSettings(here)).data;
  assert.equal(read.preferredStartPage.value, "data-integration-hub");
  assert.equal((await qlik.tenantSettings.deleteTenantSettings(here)).status, 204);
};

const register = "register.eu.qlikcloud.com";
const created = await qlik.tenants.createTenant({ licenseKey: "emulator-license" }, at(register));
assert.equal(created.status, 201);
const host = created.data.hostnames[0];
let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step(at(host));
    console.log(`${name}: ok`);
  } catch (error) {
    ++failed;
    console.log(`${name}: ${error.stack ?? error} ${JSON.stringify(error.data ?? null)}`);
  }
}
const confirmed = at(register, { "qlik-confirm-hostname": host });
const off = await qlik.tenants.deactivateTenant(created.data.id, { purgeAfterDays: 10 }, confirmed);
assert.equal(off.data.status, "disabled");
const on = await qlik.tenants.reactivateTenant(created.data.id, {}, confirmed);
assert.equal(on.data.status, "active");
process.exit(failed ? 1 : 0);
