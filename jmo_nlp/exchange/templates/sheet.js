// A coding sheet in the browser. Every change is kept in this browser at once, a passage at a time, so that two tabs do
// not overwrite each other; the result is saved as a file for the study.
"use strict";
(() => {
  const $ = (query) => document.querySelector(query);
  const data = JSON.parse($("#data").textContent);
  const { about, segments, words, key } = data;
  const boxes = [...document.querySelectorAll("#codes .code input[value]")];
  const states = new Map(segments.map((one) => [one.id, blank()]));
  const past = [];
  const future = [];
  let at = 0;
  let kept = true;
  let unsaved = false;

  function blank() { return { codes: [], none: false, unsure: false, note: "", finished: false, at: "" }; }
  function say(template, values = {}) {
    $("#said").textContent = template.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
  }
  function state() { return states.get(segments[at].id); }
  function fold(text) { return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); }

  // keeping
  function whole(one) {
    return one && Array.isArray(one.codes) && one.codes.every((code) => code in about.codes) && typeof one.note === "string"
      && [one.none, one.unsure, one.finished].every((flag) => typeof flag === "boolean") && typeof one.at === "string";
  }
  function keep(id) {
    try {
      localStorage.setItem(`${key}:${id}`, JSON.stringify(states.get(id)));
    } catch {
      kept = false;
      $("#alarm").textContent = words.not_kept;
      $("#alarm").hidden = false;
    }
    unsaved = true;
  }
  function recall(id) {
    let stored = null;
    try { stored = JSON.parse(localStorage.getItem(`${key}:${id}`)); } catch { return; }
    if (whole(stored)) states.set(id, stored);
  }
  window.addEventListener("storage", (event) => {
    const id = (event.key ?? "").startsWith(`${key}:`) ? event.key.slice(key.length + 1) : "";
    if (states.has(id)) { recall(id); show(false); }
  });
  window.addEventListener("focus", () => { segments.forEach((one) => recall(one.id)); show(false); });
  window.addEventListener("beforeunload", (event) => { if (!kept && unsaved) event.preventDefault(); });

  // changing
  function change(values, { typed = false } = {}) {
    const id = segments[at].id;
    const before = states.get(id);
    const after = { ...before, ...values, at: new Date().toISOString() };
    const last = past[past.length - 1];
    if (!(typed && last && last.id === id && last.typed)) past.push({ id, before, typed });
    future.length = 0;
    states.set(id, after);
    keep(id);
    show(false);
  }
  function turn(from, to) {
    const entry = from.pop();
    if (!entry) return;
    to.push({ id: entry.id, before: states.get(entry.id), typed: false });
    states.set(entry.id, { ...entry.before, at: new Date().toISOString() });
    keep(entry.id);
    at = segments.findIndex((one) => one.id === entry.id);
    show(true);
    say(from === past ? words.undone : words.redone);
  }
  function toggle(code) {
    const has = state().codes.includes(code);
    const codes = has ? state().codes.filter((one) => one !== code) : [...state().codes, code];
    change({ codes, none: false, finished: state().finished && codes.length > 0 });
    say(has ? words.off : words.on, { code: boxes.find((box) => box.value === code).closest(".code").dataset.name });
  }
  function done() {
    if (!state().codes.length && !state().none) return say(words.choose);
    change({ finished: true });
    return onward(words.said_done);
  }
  function none() {
    change({ codes: [], none: true, finished: true });
    onward(words.said_none);
  }
  function onward(template) {
    const left = segments.length - count();
    say(template + " " + (left ? words.left : words.all_done), { left });
    if (left) next();
  }

  // going
  function count() { return segments.filter((one) => states.get(one.id).finished).length; }
  function go(place) {
    at = Math.max(0, Math.min(segments.length - 1, place));
    show(true);
  }
  function next() {
    for (let step = 1; step <= segments.length; step += 1) {
      const place = (at + step) % segments.length;
      if (!states.get(segments[place].id).finished) return go(place);
    }
    return say(words.all_done);
  }

  // showing
  function show(moved) {
    const one = segments[at];
    const now = state();
    $("#current").textContent = words.place.replace("{number}", at + 1).replace("{count}", segments.length)
      + (now.finished ? ` ✓ ${words.finished}` : "");
    $("#question").textContent = one.question || words.no_question;
    $("#text").textContent = one.text;
    boxes.forEach((box) => { box.checked = now.codes.includes(box.value); });
    $("#unsure").checked = now.unsure;
    if ($("#note").value !== now.note) $("#note").value = now.note;
    $("#none").setAttribute("aria-pressed", String(now.none));
    $("#undo").disabled = past.length === 0;
    $("#redo").disabled = future.length === 0;
    $("#bar").max = segments.length;
    $("#bar").value = count();
    $("#progress").textContent = words.progress.replace("{done}", count()).replace("{count}", segments.length);
    list();
    if (moved) {
      try { localStorage.setItem(`${key}:at`, String(at)); } catch { /* said when something was coded */ }
      $("#current").focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }
  function list() {
    const place = $("#overview");
    if (!place.closest("details").open) return;
    place.replaceChildren(...segments.map((one, number) => {
      const now = states.get(one.id);
      const button = document.createElement("button");
      button.type = "button";
      const mark = document.createElement("span");
      mark.className = "state";
      mark.textContent = now.finished ? "✓" : now.codes.length || now.note || now.unsure ? "…" : "";
      button.append(mark, `${number + 1}. ${one.text}`);
      button.setAttribute("aria-current", String(number === at));
      button.addEventListener("click", () => go(number));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
  }

  // files
  function result() {
    const codings = segments.map((one) => ({ segment: one.id, text: one.text, ...states.get(one.id) }));
    return { ...about, codings: codings.filter((one) => one.at) };
  }
  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(result(), null, 1)], { type: "application/json" }));
    link.download = data.file;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
    say(words.saved, { file: data.file, done: count(), count: segments.length });
  }
  async function load(file) {
    let given = null;
    try { given = JSON.parse(await file.text()); } catch { given = null; }
    if (!given || given.form !== about.form || given.study !== about.study || given.coder !== about.coder
        || given.sample !== about.sample || !Array.isArray(given.codings)) return say(words.not_this, { file: file.name });
    let taken = 0;
    for (const one of given.codings) {
      if (states.has(one.segment) && whole(one) && one.at > states.get(one.segment).at) {
        past.push({ id: one.segment, before: states.get(one.segment), typed: false });
        const { codes, none: no, unsure, note, finished, at: when } = one;
        states.set(one.segment, { codes, none: no, unsure, note, finished, at: when });
        keep(one.segment);
        taken += 1;
      }
    }
    show(true);
    return say(words.loaded, { taken, file: file.name });
  }

  // keys and clicks
  const doing = {
    ArrowLeft: () => go(at - 1), ArrowRight: () => go(at + 1), n: next, Enter: done, 0: none, s: save,
    u: () => change({ unsure: !state().unsure }), c: () => $("#note").focus(),
    z: () => turn(past, future), y: () => turn(future, past), "/": () => { $("#find").focus(); $("#find").select(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (event.key === "Escape") { $("#find").value = ""; filter(""); $("#current").focus(); return; }
    if (target.id === "find") {
      if (event.key === "Enter") {
        event.preventDefault();
        const first = boxes.find((box) => !box.closest(".code").hidden);
        if (first) { toggle(first.value); $("#find").select(); }
      }
      return;
    }
    if (target.matches("textarea")) return;
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (pressed === "Enter" && target.closest("button, summary, label, a")) return;
    const digit = boxes.find((box) => box.closest("label").querySelector(".digit").textContent === pressed);
    if (digit) { event.preventDefault(); if (!event.repeat) toggle(digit.value); return; }
    if (Object.hasOwn(doing, pressed)) { event.preventDefault(); doing[pressed](); }
  });
  function filter(text) {
    const wanted = fold(text).split(/\s+/).filter(Boolean);
    for (const box of boxes) {
      const row = box.closest(".code");
      const name = fold(`${row.dataset.name} ${row.dataset.code}`);
      row.hidden = !wanted.every((part) => name.includes(part));
    }
  }
  boxes.forEach((box) => box.addEventListener("change", () => toggle(box.value)));
  $("#codes").addEventListener("submit", (event) => event.preventDefault());
  $("#find").addEventListener("input", (event) => filter(event.target.value));
  $("#unsure").addEventListener("change", (event) => change({ unsure: event.target.checked }));
  $("#note").addEventListener("input", (event) => change({ note: event.target.value }, { typed: true }));
  $("#previous").addEventListener("click", doing.ArrowLeft);
  $("#following").addEventListener("click", doing.ArrowRight);
  for (const [id, pressed] of [["next", "n"], ["done", "Enter"], ["none", "0"], ["undo", "z"], ["redo", "y"], ["save", "s"]]) {
    $(`#${id}`).addEventListener("click", doing[pressed]);
  }
  $("#load").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) load(file).finally(() => { event.target.value = ""; });
  });
  $(".overview").addEventListener("toggle", list);

  segments.forEach((one) => recall(one.id));
  try { at = Math.max(0, Math.min(segments.length - 1, Number(localStorage.getItem(`${key}:at`)) || 0)); } catch { at = 0; }
  if (count()) say(words.welcome_back, { done: count(), count: segments.length });
  show(false);
})();
