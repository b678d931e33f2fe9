// What a page does: sorting, filtering, choosing, saving, opening a cell, and printing.

import fs from "node:fs";

// The texts of a column of a table.
const column = (table, place) => table.locator(`tbody tr > :nth-child(${place})`).allTextContents();

export async function checkBehaviour(page, check, name) {
  const say = (holds, words) => check(holds, `${name}: ${words}`);
  await sortSummary(page, say);
  await filterTable(page, say);
  await choose(page, say);
  await openCell(page, say);
  await saveFiles(page, say);
  await print(page, say);
  await page.close();
}

async function sortSummary(page, say) {
  const table = page.locator("#summary");
  const before = await column(table, 1);
  await table.getByRole("button", { name: "engine" }).click();
  const sorted = await column(table, 1);
  const expected = [...before].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  say(JSON.stringify(sorted) === JSON.stringify(expected), `the summary by engine is ${sorted}`);
  const head = table.locator("thead th").last();
  await head.getByRole("button").click();
  await head.getByRole("button").click();
  say(await head.getAttribute("aria-sort") === "descending", "a second click does not reverse the order");
  const values = await table.locator("tbody tr > :last-child").evaluateAll((cells) => cells.map((cell) => cell.dataset.value).filter(Boolean).map(Number));
  say(values.every((value, place) => place === 0 || values[place - 1] >= value), `the summary is not sorted by its last column: ${values}`);
}

async function filterTable(page, say) {
  const details = page.locator('details[data-table="totals"]');
  await details.locator("summary").click();
  const filter = details.getByRole("searchbox");
  await filter.fill("");
  const rows = () => details.locator("tbody tr").count();
  const all = await rows();
  const engine = await details.locator("tbody tr").last().locator("td").first().textContent();
  await filter.fill(engine);
  const some = await rows();
  say(some > 0 && some < all, `the filter ${engine} leaves ${some} of ${all} rows`);
  await filter.fill("no such engine");
  say(await rows() === 0 && (await details.locator(".said").textContent()) === "0 rows", "a filter that nothing matches leaves rows");
  await filter.fill("");
  const place = (await details.locator("thead th").allTextContents()).findIndex((text) => text.startsWith("JIT"));
  await details.locator("thead button").nth(place).click();
  const times = (await column(details, place + 1)).filter(Boolean);
  say(times.length > 0 && times.every((text) => /^[\d.]+ \[[\d.]+ [\d.]+\] (ns|µs|ms|s)$/.test(text)), `times are written as ${times.slice(0, 3)}`);
}

async function choose(page, say) {
  const picture = page.locator('figure[data-chart="call-warm"] svg');
  const label = () => picture.getAttribute("aria-label");
  const cases = await page.locator("#case option").count();
  const before = await label();
  if (cases > 1) {
    const other = Number(await page.locator("#case").inputValue()) === 0 ? 1 : 0;
    await page.locator("#case").selectOption({ index: other });
    say(await label() !== before, "another case leaves the pictures as they were");
    const chosen = await page.locator("#case option").nth(other).textContent();
    say((await page.locator("#one-case").textContent()).includes(chosen), "the heading does not name the case");
  }
  const bars = () => picture.locator("rect.bar").count();
  say(await bars() === 0, "there are bars on the logarithmic scale");
  await page.locator('input[name="scale-case"][value="linear"]').check();
  say(await bars() > 0, "there are no bars on the linear scale");
  say(await page.locator('input[name="scale-first"][value="linear"]').isChecked(), "the two choices of the scale differ");
  say(await page.locator('figure [data-kind="linear"]').isVisible(), "the first picture keeps its scale");
  const rows = await picture.locator("g").count();
  const engine = await page.locator("#summary tbody th").last().textContent();
  await page.locator("#engines").fill(engine);
  const left = await picture.locator("g").count();
  say(left >= 1 && left < rows, `the words ${engine} leave ${left} of ${rows} engines`);
  await page.locator("#engines").fill("");
  await page.locator("#rounds-of").selectOption("jit");
  say((await page.locator('figure[data-chart="rounds"] svg').getAttribute("aria-label")).includes("JIT"), "the rounds do not follow the choice");
}

async function openCell(page, say) {
  const cells = page.locator("#heat button");
  say(await page.locator('#heat button[tabindex="0"]').count() === 1, "Tab does not reach exactly one cell");
  await cells.first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const place = await page.evaluate(() => [document.activeElement.dataset.row, document.activeElement.dataset.column]);
  say(["1,1", "0,1"].includes(String(place)), `arrow keys lead to ${place}`);
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog#cell");
  say(await dialog.isVisible(), "Enter does not open the cell");
  say((await dialog.locator("h2").textContent()).includes(" on "), "the cell's window has no name");
  say(await dialog.locator("tbody tr").count() > 3, "the cell's window has no values");
  await page.keyboard.press("Escape");
  say(!(await dialog.isVisible()), "Escape does not close the cell");
  const back = await page.evaluate(() => document.activeElement.dataset.row !== undefined);
  say(back, "the focus does not return to the cell");
}

// What is saved by a click. Chromium lets a page save ten files a second and drops the next without a word.
async function saved(page, button) {
  await page.waitForTimeout(150);
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), text: fs.readFileSync(await download.path(), "utf8") };
}

export async function savedTable(page, table) {
  const details = page.locator(`details[data-table="${table}"]`);
  if (await details.getAttribute("open") === null) await details.locator("summary").click();
  await details.getByRole("searchbox").fill("");
  return saved(page, details.getByRole("button", { name: "Save as CSV" }));
}

async function saveFiles(page, say) {
  const csv = await savedTable(page, "totals");
  const [header, first] = csv.text.split("\r\n");
  say(csv.name === "totals.csv" && header.startsWith("sample,"), `${csv.name} begins with ${header}`);
  say(header.endsWith("jit_ns,low_jit_ns,high_jit_ns,aot_compile_ns,low_aot_compile_ns,high_aot_compile_ns,aot_execute_ns,low_aot_execute_ns,high_aot_execute_ns,aot_total_ns,low_aot_total_ns,high_aot_total_ns"), `the columns are ${header}`);
  say(first.split(",").length === header.split(",").length, `a row of the table is ${first}`);
  for (const figure of await page.locator("figure").all()) {
    const button = figure.locator("button.save");
    if (!(await button.isVisible())) continue;
    const svg = await saved(page, button);
    const sound = await page.evaluate((text) => {
      const read = new DOMParser().parseFromString(text, "image/svg+xml");
      return read.querySelector("parsererror") === null && read.documentElement.querySelector("title") !== null && read.documentElement.querySelector("style") !== null;
    }, svg.text);
    say(svg.name.endsWith(".svg") && sound, `${svg.name} is no picture of its own`);
  }
}

async function print(page, say) {
  await page.emulateMedia({ media: "print" });
  say(!(await page.locator(".controls").isVisible()) && !(await page.locator("nav").isVisible()), "the controls are printed");
  say(await page.locator("#summary").isVisible(), "the summary is not printed");
  await page.emulateMedia({ media: "screen" });
}
