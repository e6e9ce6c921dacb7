// Opens a page that is full of text of others, and tells what of it became more than text.
//
//   node hostile.mjs PAGE
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const address = pathToFileURL(process.argv[2]).href;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
const noises = [];
page.on("console", (message) => noises.push(`console: ${message.text()}`));
page.on("pageerror", (error) => noises.push(`error: ${error.message}`));
page.on("dialog", (dialog) => { noises.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
page.on("request", (request) => {
  if (request.url() !== address) noises.push(`request: ${request.url()}`);
});
await page.goto(address);
const strange = await page.evaluate(() =>
  [...document.querySelectorAll("img, iframe, object, embed, link, script, a, body [onerror]")]
    .filter((element) => !(element.localName === "script" && element.parentNode === document.body) &&
      !(element.localName === "a" && element.getAttribute("href").startsWith("#")))
    .map((element) => element.outerHTML.slice(0, 200)));
const text = await page.locator("main").textContent();
if (!text.includes("<img src=x onerror=alert(1)>")) noises.push("the text itself is not shown");
if (text.includes("\u202e")) noises.push("a character turns the direction of text");
await browser.close();
for (const line of [...noises, ...strange]) console.log(line);
process.exit(noises.length + strange.length > 0 ? 1 : 0);
