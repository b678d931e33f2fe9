// Opens pages of runs in a headless browser and checks what a person meets: that nothing is fetched and
// nothing fails, at three widths and in both colour schemes; that tables sort and filter, pictures follow
// the choices, a cell opens and closes by keyboard; and that axe-core finds nothing.
//
// node report.mjs BROWSER PLAYWRIGHT AXE SCREENSHOTS NAME=PAGE…; `big` and `hostile` are names with more checks.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { checkBehaviour } from "./behaviour.mjs";
import { checkHostile } from "./hostile.mjs";

const [browserProgram, playwright, axe, screenshots, ...pages] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(path.join(playwright, "index.mjs")));
const axeSource = fs.readFileSync(path.join(axe, "axe.min.js"), "utf8");

const widths = { desktop: [1280, 900], tablet: [820, 1180], phone: [390, 844] };
// What a page of 40 engines and 44 samples may have at most.
const mostElements = 16000;

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "wasm-phases-browser-"));
const failures = [];

function check(holds, words) {
  if (!holds) failures.push(words);
}

// A page of its own, watched: what it says, fetches and where it fails is a failure of the check.
async function open(context, name, file) {
  const page = await context.newPage();
  const own = pathToFileURL(file).href;
  page.on("console", (message) => check(false, `${name}: the console says: ${message.text()}`));
  page.on("pageerror", (error) => check(false, `${name}: an error: ${error.message}`));
  page.on("request", (request) => check(own === request.url().split("#")[0] || /^(data|blob):/.test(request.url()), `${name}: a request to ${request.url()}`));
  const start = performance.now();
  await page.goto(own);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "true", null, { timeout: 60000 });
  return { page, milliseconds: Math.round(performance.now() - start) };
}

// The elements that reach beyond the window's right side, and are not cut off by what they are in.
function widest() {
  const cut = (one) => one !== document.body && (getComputedStyle(one).overflowX !== "visible" || (one.parentElement && cut(one.parentElement)));
  const beyond = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > window.innerWidth && !cut(one));
  return beyond.slice(-3).map((one) => one.outerHTML.slice(0, 120)).join(" | ");
}

async function look(context, name, file) {
  for (const [width, [columns, lines]] of Object.entries(widths)) {
    for (const colorScheme of ["light", "dark"]) {
      const words = `${name}, ${width}, ${colorScheme}`;
      const { page } = await open(context, words, file);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: columns, height: lines });
      // The pictures follow the width a moment later, on a busy machine several.
      const overhang = () => document.documentElement.scrollWidth - window.innerWidth;
      await page.waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, null, { timeout: 5000 }).catch(() => {});
      await page.waitForTimeout(300);
      const beside = await page.evaluate(overhang);
      check(beside <= 0, `${words}: the page is ${beside} pixels wider than the window: ${await page.evaluate(widest)}`);
      await page.evaluate(axeSource);
      const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      found.violations.forEach((one) => check(false, `${words}: axe-core: ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" ")}`));
      await page.screenshot({ path: path.join(screenshots, `${name}-${width}-${colorScheme}.png`) });
      await page.close();
    }
  }
}

async function measureSize(context, name, file) {
  const { page, milliseconds } = await open(context, name, file);
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  console.log(`${name}: ${fs.statSync(file).size} bytes, ${elements} elements, drawn after ${milliseconds} ms`);
  check(name !== "big" || elements < mostElements, `${name}: ${elements} elements, ${mostElements} are allowed`);
  await page.close();
}

const context = await chromium.launchPersistentContext(profile, {
  executablePath: browserProgram, headless: true, args: flags, acceptDownloads: true, viewport: { width: 1280, height: 900 },
});
try {
  for (const argument of pages) {
    const [name, file] = [argument.slice(0, argument.indexOf("=")), argument.slice(argument.indexOf("=") + 1)];
    await measureSize(context, name, file);
    const opened = () => open(context, name, file).then(({ page }) => page);
    if (name === "hostile") await checkHostile(await opened(), check);
    else if (name !== "big") await checkBehaviour(await opened(), check, name);
    if (name !== "big") await look(context, name, file);
  }
} finally {
  await context.close();
  fs.rmSync(profile, { recursive: true, force: true });
}
failures.forEach((words) => console.log(`failed: ${words}`));
process.exitCode = failures.length === 0 ? 0 : 1;
