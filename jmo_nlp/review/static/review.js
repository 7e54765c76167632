// Keys, focus, and what happens when the server does not answer. Everything else is the server's.
"use strict";
(() => {
  const waiting = []; // keys pressed while a request is under way
  let busy = false;
  let lost = null; // a request whose answer never came: {path, verb, values}
  let offline = false;
  let poll = 0;

  const $ = (query, root = document) => root.querySelector(query);
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const visible = (element) => element && !element.disabled && element.getClientRects().length > 0;
  const workspace = () => $("#workspace");
  const rows = () => all(".row").filter(visible);
  const focused = () => $(".row.focused");

  function typing(target) {
    return target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])");
  }

  function stand(row, speak) {
    all(".row.focused").forEach((one) => one.classList.remove("focused"));
    if (!row) return;
    row.classList.add("focused");
    row.scrollIntoView({ block: "nearest" });
    underline(row.dataset.code);
    if (speak) say([row.dataset.name, $(".bar > span", row)?.textContent, $(".state", row)?.textContent].filter(Boolean).join(", "));
  }

  function underline(code) {
    const words = all("#current .word");
    const own = words.filter((word) => word.dataset.codes.split(" ").includes(code));
    words.forEach((word) => word.classList.toggle("on", own.length === 0 || own.includes(word)));
  }

  function say(text) {
    const place = $("#said");
    if (place) place.textContent = text;
  }

  function move(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(focused());
    stand(list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))], true);
  }

  function press(element) {
    if (visible(element) || (element && element.hidden && element.dataset.do)) element.click();
  }

  function act(key) {
    if (key === "ArrowDown") return move(1);
    if (key === "ArrowUp") return move(-1);
    if (/^[1-9]$/.test(key)) {
      const row = rows().find((one) => $(".digit", one).textContent === key);
      if (row) press($("[data-do=accept]", row));
      return undefined;
    }
    const button = all("[data-key]").find((one) => one.dataset.key === key && visible(one));
    if (button) press(button);
    return undefined;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (target.id === "find") return findKey(event);
    if (target.matches(".cut") && /^Arrow(Left|Right)$/.test(event.key)) {
      const cuts = all(".cut");
      const at = cuts.indexOf(target) + (event.key === "ArrowRight" ? 1 : -1);
      cuts[Math.max(0, Math.min(cuts.length - 1, at))].focus();
      return event.preventDefault();
    }
    if (event.key === "Escape") return closeAll();
    if (typing(target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Enter" && target.closest("button, a, summary")) return;
    if (!workspace() && key !== "/") return;
    if (key === "/") {
      const field = $("[data-key='/']");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
      return;
    }
    const known = /^[1-9]$/.test(key) || ["ArrowDown", "ArrowUp"].includes(key) || all("[data-key]").some((one) => one.dataset.key === key);
    if (!known || target.closest("[data-own-keys]")) return;
    event.preventDefault();
    if (offline) return say(off());
    if (!(busy && event.repeat) && waiting.length < 12) waiting.push(key);
    work();
  });

  // keys are worked off in the order in which they were pressed, each on what the one before brought about
  function work() {
    while (waiting.length && !busy && !offline) act(waiting.shift());
  }

  // the list of codes, searched
  function fold(text) { return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); }

  function findKey(event) {
    const list = rows();
    if (event.key === "Escape") { event.target.value = ""; filter(""); event.target.blur(); $("#current")?.focus(); event.preventDefault(); }
    else if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
    else if (event.key === "Enter") {
      event.preventDefault();
      const row = visible(focused()) ? focused() : list[0];
      if (!row || busy || offline) return;
      event.target.blur();
      press($("[data-do=accept]", row));
    }
  }

  function filter(text) {
    const wanted = fold(text).split(/\s+/).filter(Boolean);
    all(".row").forEach((row) => {
      const has = fold(row.dataset.name + " " + row.dataset.code);
      row.hidden = !wanted.every((part) => has.includes(part));
    });
    all(".codes h2").forEach((head) => {
      const list = head.nextElementSibling;
      head.hidden = wanted.length > 0 && !(list && list.matches(".rows") && all(".row:not([hidden])", list).length);
    });
    if (wanted.length) stand(rows()[0], true);
  }

  document.addEventListener("input", (event) => { if (event.target.id === "find") filter(event.target.value); });

  // what opens and closes
  function open(id, button) {
    const part = document.getElementById(id);
    part.hidden = false;
    button?.setAttribute("aria-expanded", "true");
    part.scrollIntoView({ block: "nearest" });
    $("textarea, input, select", part)?.focus();
  }

  function closeAll() {
    all("#noting").forEach((part) => { part.hidden = true; });
    all("#why, #dialog").forEach((part) => part.replaceChildren());
    all("[aria-expanded=true]").forEach((one) => one.setAttribute("aria-expanded", "false"));
    $("#current")?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.open) open(button.dataset.open, button);
    if (button.dataset.close) closeAll();
    if (button.dataset.empty) closeAll();
    if (button.dataset.row) {
      const own = focused() && $(`[data-do=${button.dataset.row}]`, focused());
      if (own && own.getAttribute("aria-pressed") === "true") stand(focused(), true); // taking back is another key
      else press(own);
    }
  });

  // requests
  function id() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const detail = event.detail;
    if (detail.verb === "post" && !detail.parameters.act) detail.parameters.act = id();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.path.startsWith("/learning")) return;
    if (offline) { event.preventDefault(); say(off()); return; }
    if (busy && event.detail.requestConfig.verb === "post") { event.preventDefault(); return; }
    busy = true;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.path.startsWith("/learning")) return;
    if (!event.detail.successful) { busy = false; waiting.length = 0; }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    settle(event.detail.target);
    if (!event.detail.requestConfig?.path.startsWith("/learning")) busy = false;
    work();
  });

  // what is swapped begins at its top again; where the segment is the same, it should stay where it was
  const scrolled = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    scrolled.clear();
    if (event.detail.target !== workspace()) return;
    [".conversation", ".panel"].forEach((part) => scrolled.set(part, $(part)?.scrollTop ?? 0));
  });

  function settle(target) {
    const place = workspace();
    if (!place) return;
    if (target && target.id === "why") { if ($("#current")) center($("#current")); return; }
    if (target && target.id === "dialog") {
      target.scrollIntoView({ block: "nearest" });
      if (!target.contains(document.activeElement)) $("[data-first]", target)?.focus();
      return;
    }
    if (target && target.id !== "workspace" && target !== document.body) return;
    stand(focused(), false);
    underline(focused()?.dataset.code);
    const current = $("#current");
    if (!current) return;
    if (place.dataset.moved === "no") scrolled.forEach((top, part) => { const box = $(part); if (box) box.scrollTop = top; });
    if (place.dataset.moved === "yes" || document.activeElement === document.body) {
      current.focus({ preventScroll: true });
      center(current);
    }
  }

  function center(current) {
    const box = current.closest(".conversation");
    const own = current.getBoundingClientRect();
    const frame = box.getBoundingClientRect();
    if (frame.height < window.innerHeight) box.scrollTop += own.top - frame.top - Math.max(16, (frame.height - own.height) / 3);
    else current.scrollIntoView({ block: "center" });
    if (frame.top < 0 || frame.top > window.innerHeight / 2) box.scrollIntoView({ block: "start" });
  }

  // when the server does not answer: say so, ask again until it does, send again what got no answer
  function fail(event) {
    const config = event.detail.requestConfig;
    if (config.verb === "post") lost = { path: config.path, values: { ...Object.fromEntries(config.formData ?? []), ...config.parameters } };
    waiting.length = 0;
    busy = false;
    disconnected();
  }

  function disconnected() {
    if (!offline) {
      window.clearInterval(poll);
      poll = window.setInterval(ask, 1000);
    }
    offline = true;
    const box = $("#connection");
    box.textContent = off();
    box.className = "offline";
    box.hidden = false;
  }

  function off() {
    return lost ? document.body.dataset.offline : document.body.dataset.idle;
  }
  document.addEventListener("htmx:sendError", fail);
  document.addEventListener("htmx:timeout", fail);

  async function ask() {
    let answer;
    try { answer = await fetch("/alive", { cache: "no-store" }); } catch { disconnected(); return; }
    const box = $("#connection");
    if (answer.status === 403) { disconnected(); box.textContent = document.body.dataset.reconnect; return; }
    if (!answer.ok || !offline) return;
    window.clearInterval(poll);
    poll = window.setInterval(ask, 5000);
    offline = false;
    box.textContent = document.body.dataset.online;
    box.className = "online";
    window.setTimeout(() => { if (!offline) box.hidden = true; }, 4000);
    if (lost) {
      const again = lost;
      lost = null;
      htmx.ajax("POST", again.path, { values: again.values, target: "#workspace", swap: "outerHTML" });
    }
  }

  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    waiting.length = 0;
    const text = answer.status === 403 ? document.body.dataset.reconnect : answer.responseText;
    const box = $("#connection");
    box.textContent = text;
    box.className = "offline";
    box.hidden = false;
    window.setTimeout(() => { if (!offline) box.hidden = true; }, 8000);
  });

  document.addEventListener("DOMContentLoaded", () => {
    settle(null);
    document.documentElement.dataset.ready = "yes"; // from here on keys are heard
  });
  poll = window.setInterval(ask, 5000);
})();
