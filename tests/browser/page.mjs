// Reads a report page in a browser, as people do: with a pointer, with the keyboard alone, in light
// and dark, on paper and without scripts.
//
//   node page.mjs PAGE FOLDER     FOLDER gets screenshots
//
// Prints what is wrong, a line each. Exit code 1 where there is something.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, folder] = process.argv.slice(2);
const address = pathToFileURL(file).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wide = { width: 1280, height: 900 };
const narrow = { width: 390, height: 844 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const problems = [];

async function check(name, options, body) {
  const context = await browser.newContext({ viewport: wide, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const noises = [];
  page.on("console", (message) => noises.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noises.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address) noises.push(`request: ${request.url()}`);
  });
  try {
    await page.goto(address);
    await body(page);
    assert.deepEqual(noises, []);
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
  await context.close();
}

const shown = (page) => page.locator(".change:not([hidden])").evaluateAll((changes) =>
  changes.filter((change) => !change.closest(".block").hidden)
    .map((change) => ({ action: change.dataset.action, kind: change.dataset.kind,
                        text: change.textContent })));
const status = (page) => page.locator(".status").textContent();
const settled = (page) => page.evaluate(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done))));

await check("filters", {}, async (page) => {
  const all = await shown(page);
  const first = await status(page);
  assert.ok(all.length > 5, "too few changes to filter");

  await page.getByLabel("Kind", { exact: true }).selectOption("groups");
  await settled(page);
  const groups = await shown(page);
  assert.ok(groups.length > 0 && groups.length < all.length);
  assert.ok(groups.every((change) => change.kind === "groups"));

  await page.getByRole("button", { name: "Clear filters" }).click();
  await settled(page);
  assert.equal((await shown(page)).length, all.length);
  assert.equal(await status(page), first);

  await page.locator(".chip.delete input").check();
  await settled(page);
  const deletes = await shown(page);
  assert.ok(deletes.length > 0 && deletes.every((change) => change.action === "delete"));
  await page.locator(".chip.create input").check();
  await settled(page);
  const both = new Set((await shown(page)).map((change) => change.action));
  assert.deepEqual([...both].sort(), ["create", "delete"]);
  await page.getByRole("button", { name: "Clear filters" }).click();

  await page.getByLabel("Tenant", { exact: true }).fill("c0003");
  await settled(page);
  const tenants = await page.locator(".block:not([hidden])").evaluateAll((blocks) => blocks.map(
    (block) => block.dataset.tenant ?? [...block.querySelectorAll(".keys li")]
      .map((item) => item.textContent).join()));
  assert.ok(tenants.length > 0 && tenants.every((keys) => keys.includes("c0003")), `${tenants}`);
  assert.match(await status(page), /in 1 tenant$/);
  await page.getByRole("button", { name: "Clear filters" }).click();

  await page.getByLabel("Text", { exact: true }).fill("ANALYSTS special");
  await settled(page);
  const found = await shown(page);
  assert.ok(found.length > 0 && found.length < all.length);
  for (const change of found) assert.match(change.text.toLowerCase(), /analysts/);
  await page.getByLabel("Text", { exact: true }).fill("no such text anywhere");
  await settled(page);
  assert.deepEqual(await shown(page), []);
  assert.ok(await page.getByText("No change fits these filters.").isVisible());
});

await check("folding", {}, async (page) => {
  const open = () => page.locator(".block > details[open]").count();
  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  assert.equal(await open(), 0);
  await page.getByRole("button", { name: "Unfold all" }).click();
  assert.equal(await open(), await page.locator(".block").count());
  assert.equal(await page.locator("details.change:not([open])").count(), 0);
});

await check("what deletes is not folded away", {}, async (page) => {
  for (const change of await page.locator(".change[data-action=delete]").all()) {
    assert.ok(await change.isVisible());
  }
});

await check("a link of the overview leads to a folded tenant", {}, async (page) => {
  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  await page.getByLabel("Text", { exact: true }).fill("no such text anywhere");
  await settled(page);
  await page.locator(".fleet > details > summary").click();
  const link = page.locator(".tenants a").last();
  const target = (await link.getAttribute("href")).slice(1);
  await link.click();
  await page.waitForFunction((id) => document.getElementById(id).contains(document.activeElement),
                             target);
  assert.ok(await page.locator(`#${target} .change`).first().isVisible());
});

await check("keyboard alone", {}, async (page) => {
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "changes");
  // A page that is merely loaded again goes on from the place its address names, or does not.
  const address = page.url().split("#")[0];
  await page.goto("about:blank");
  await page.goto(address);

  // All that can be used, in the order of the page, and nothing else.
  const usable = await page.evaluate(() => {
    const list = [...document.querySelectorAll("a[href], summary, input, select, button")]
      .filter((element) => element.checkVisibility({ contentVisibilityAuto: false }));
    list.forEach((element, index) => { element.dataset.order = index; });
    return list.length;
  });
  const reached = [];
  for (let i = 0; i < usable; ++i) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => Number(document.activeElement.dataset.order ?? -1)));
    const ring = await page.evaluate(() => {
      const focused = document.activeElement;
      const style = getComputedStyle(focused.closest(".chip") ?? focused);
      return style.outlineStyle;
    });
    assert.notEqual(ring, "none", `nothing shows the focus on element ${reached.at(-1)}`);
  }
  assert.deepEqual(reached, [...Array(usable).keys()]);

  const summary = page.locator(".block > details > summary").first();
  const details = page.locator(".block > details").first();
  const before = await details.evaluate((element) => element.open);
  await summary.focus();
  await page.keyboard.press("Enter");
  assert.equal(await details.evaluate((element) => element.open), !before);
  await page.keyboard.press("Space");
  assert.equal(await details.evaluate((element) => element.open), before);

  await page.locator(".chip input").first().focus();
  await page.keyboard.press("Space");
  await settled(page);
  assert.match(await status(page), / of /);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [name, viewport] of [["wide", wide], ["narrow", narrow]]) {
    await check(`${colorScheme}, ${name}`, { colorScheme, viewport }, async (page) => {
      await page.screenshot({ path: `${folder}/${colorScheme}-${name}.png` });
      await page.getByRole("button", { name: "Unfold all" }).click();
      await page.locator(".fleet > details > summary").click();
      // Blocks are drawn where they can be seen.
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ ...viewport, height });
      await settled(page);
      await page.screenshot({ path: `${folder}/${colorScheme}-${name}-whole.png` });
      const sideways = await page.evaluate(() =>
        document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(sideways <= 0, `the page is ${sideways} pixels too wide`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    });
  }
}

await check("on paper", {}, async (page) => {
  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".filters").isVisible(), false);
  const pdf = await page.pdf({ path: `${folder}/paper.pdf`, format: "A4" });
  assert.ok(pdf.length > 10_000);
  // The bodies of folded changes take room on paper.
  const heights = await page.locator(".change .body").evaluateAll((bodies) =>
    bodies.map((body) => body.getBoundingClientRect().height));
  assert.ok(heights.length > 0 && heights.every((height) => height > 0), `${heights}`);
});

await check("without scripts", { javaScriptEnabled: false }, async (page) => {
  assert.equal(await page.locator(".filters").isVisible(), false);
  assert.equal(await page.locator(".block").first().isVisible(), true);
  await page.locator(".fleet > details > summary").click();
  assert.equal(await page.locator(".tenants").isVisible(), true);
});

await browser.close();
for (const problem of problems) console.log(problem);
process.exit(problems.length > 0 ? 1 : 0);
