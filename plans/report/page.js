// Filters of an HTML report. Without it the page shows everything, and only the filters are missing.
"use strict";
(() => {
  const filters = document.querySelector(".filters");
  if (!filters) return;
  const field = (name) => filters.elements.namedItem(name);
  const status = filters.querySelector(".status");
  const nothing = document.querySelector(".nothing");

  const blocks = [...document.querySelectorAll(".block")].map((element) => ({
    element,
    details: element.firstElementChild,
    tenants: element.dataset.tenant !== undefined
      ? [element.dataset.tenant.toLowerCase()]
      : [...element.querySelectorAll(".keys li")].map((item) => item.textContent.toLowerCase()),
    title: element.querySelector("summary").textContent.toLowerCase(),
    changes: [...element.querySelectorAll(".change")].map((change) => ({
      element: change,
      action: change.dataset.action,
      kind: change.dataset.kind,
      outcome: change.dataset.outcome,
      text: null,
    })),
  }));
  const total = blocks.reduce((sum, block) => sum + block.changes.length * block.tenants.length, 0);

  const holds = (change, words) => {
    change.text ??= change.element.textContent.toLowerCase();
    return words.every((word) => change.text.includes(word));
  };

  const wanted = () => ({
    tenant: field("tenant").value.trim().toLowerCase(),
    kind: field("kind").value,
    outcome: field("outcome")?.value ?? "",
    words: field("text").value.trim().toLowerCase().split(/\s+/).filter(Boolean),
    actions: new Set([...filters.querySelectorAll("[name=action]:checked")].map((box) => box.value)),
  });

  const number = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  function filter() {
    const want = wanted();
    const active = want.tenant || want.kind || want.outcome || want.words.length || want.actions.size;
    const found = [];
    let changes = 0;
    let tenants = 0;
    for (const block of blocks) {
      const fitting = want.tenant
        ? block.tenants.filter((key) => key.includes(want.tenant)).length
        : block.tenants.length;
      // Words of the title count for every change below it.
      const words = want.words.filter((word) => !block.title.includes(word));
      let shown = 0;
      for (const change of block.changes) {
        const fits = fitting > 0 &&
          (want.actions.size === 0 || want.actions.has(change.action)) &&
          (want.kind === "" || want.kind === change.kind) &&
          (want.outcome === "" || (want.outcome === "done") === (change.outcome === "done")) &&
          holds(change, words);
        change.element.hidden = !fits;
        if (fits) ++shown;
      }
      block.element.hidden = shown === 0;
      if (shown === 0) continue;
      found.push(block);
      changes += shown * fitting;
      tenants += fitting;
    }
    // What was looked for is seen at once, unless it is everywhere.
    if (active && found.length <= 50) for (const block of found) block.details.open = true;
    nothing.hidden = changes > 0;
    status.textContent = active
      ? `${changes} of ${number(total, "change")}, in ${number(tenants, "tenant")}`
      : `${number(total, "change")}, in ${number(tenants, "tenant")}`;
  }

  const open = (state) => {
    for (const block of blocks) {
      if (block.element.hidden) continue;
      block.details.open = state;
      for (const change of block.changes) {
        if (change.element.localName === "details") change.element.open = state;
      }
    }
  };

  let pending = 0;
  filters.addEventListener("input", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(filter);
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(filter));
  filters.querySelector("[name=expand]").addEventListener("click", () => open(true));
  filters.querySelector("[name=collapse]").addEventListener("click", () => open(false));

  // A link to a block that is folded or filtered out leads to it all the same.
  const reveal = () => {
    const block = blocks.find(({ element }) => `#${element.id}` === location.hash);
    if (!block) return;
    if (block.element.hidden) {
      filters.reset();
      filter();
    }
    block.details.open = true;
    block.element.scrollIntoView();
    block.details.querySelector("summary").focus();
  };
  addEventListener("hashchange", reveal);

  // On paper everything is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });

  filters.hidden = false;
  filter();
  reveal();
})();
