// The page at `/`: a draft in five fields, and what the council's protocol says about it, under the words and beside them.
// Offsets are UTF-16 code units throughout, which is what JavaScript strings count in, and the service is asked for the same.
// Nothing is stored in the browser: what the page knows is gone when it is closed.

// ---- small tools ------------------------------------------------------------------------------------------------------

const $ = (id) => document.getElementById(id);

/** An element with properties (`class`, `data`, `aria-…`, `on…`) and children; text is always text, never markup. */
function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const shorten = (text, limit) => (text.length <= limit ? text : `${text.slice(0, limit).trimEnd()}…`);
const say = (element, text) => element.textContent !== text && (element.textContent = text);

// ---- addresses --------------------------------------------------------------------------------------------------------

/**
 * The people of one address field, in order: `{raw, start, end, name, address}`; `address` is empty where none is written.
 * Commas, semicolons and line breaks part them, save inside quotes and angle brackets; Outlook's “Khan, Aisha <a@b>” stays one.
 */
export function parseAddresses(text) {
  const pieces = [];
  let start = 0;
  let quoted = false;
  let angled = false;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === '"' && !angled) quoted = !quoted;
    else if (c === "<" && !quoted) angled = true;
    else if (c === ">" && !quoted) angled = false;
    const parts = c === undefined || c === "\n" || ((c === "," || c === ";") && !quoted && !angled);
    if (!parts) continue;
    if (c === "\n") quoted = angled = false; // an unclosed quote spoils its own line only
    pieces.push({ start, end: i, comma: c === "," });
    start = i + 1;
  }
  const people = [];
  for (let i = 0; i < pieces.length; i++) {
    let { start: from, end, comma } = pieces[i];
    const next = pieces[i + 1];
    const family = text.slice(from, end).trim();
    if (comma && next && family && !family.includes("@") && /^[^@]*<[^<>]+@/.test(text.slice(next.start, next.end))) {
      end = next.end;
      i++;
    }
    const whole = text.slice(from, end);
    const raw = whole.trim();
    if (!raw) continue;
    from += whole.length - whole.trimStart().length;
    const angle = raw.indexOf("<");
    const inner = angle < 0 ? raw : raw.slice(angle + 1).replace(/>[^>]*$/, "");
    const address = inner.trim().replace(/^mailto:/i, "");
    const name =
      angle < 0
        ? ""
        : raw
            .slice(0, angle)
            .trim()
            .replace(/^"(.*)"$/, "$1")
            .replaceAll('\\"', '"');
    people.push({ raw, start: from, end: from + raw.length, name, address: /^[^\s@]+@[^\s@]+$/.test(address) ? address : "" });
  }
  return people;
}

const written = ({ name, address }) => {
  if (!name) return address;
  return `${/[",;<>]/.test(name) ? `"${name.replaceAll('"', '\\"')}"` : name} <${address}>`;
};
const sameAddress = (a, b) => (a ?? "").trim().toLowerCase() === (b ?? "").trim().toLowerCase();

// ---- the fields and the draft they make -------------------------------------------------------------------------------

const RECIPIENTS = ["to", "cc", "bcc"];
const FIELDS = ["from", ...RECIPIENTS, "subject", "body"];
const PART_WORDS = { to: "To", cc: "Cc", bcc: "Bcc", subject: "the subject", body: "the letter", attachments: "an attachment" };

const state = {
  report: null, // the last answer
  checked: null, // the field values it answers for
  shown: [], // its warnings that were not dismissed, in reading order, each with a `key` for this page
  dismissed: new Set(), // fingerprints
  history: [], // field values before each change that the page made, with what that change was
  carried: {}, // what an opened message has and the fields do not show: attachments, compose_type
  fileWarnings: [], // warnings about its attachments, whose contents only that reading had
  fileUnread: [],
  request: null, // AbortController of the check under way
};

const values = () => Object.fromEntries(FIELDS.map((id) => [id, $(id).value]));
const settings = () => `${$("role").value}\n${$("protocol").value}`;

function setValues(next) {
  for (const id of FIELDS) if (id in next) $(id).value = next[id];
  for (const id of FIELDS) paintField(id);
  noteLeftOut();
}

/** The Draft of the service's contract. People without an address are left out, and the page says so beside the field. */
function draft() {
  const people = (id) =>
    parseAddresses($(id).value)
      .filter((p) => p.address)
      .map(({ name, address }) => (name ? { address, name } : { address }));
  const [sender] = people("from");
  const role = $("role").value;
  return {
    ...state.carried,
    sender: sender && role ? { ...sender, role } : sender,
    to: people("to"),
    cc: people("cc"),
    bcc: people("bcc"),
    subject: $("subject").value,
    body: $("body").value,
    body_type: "text",
    ...($("protocol").value ? { protocol: $("protocol").value } : {}),
    offsets: "utf-16",
  };
}

function noteLeftOut() {
  for (const id of ["from", ...RECIPIENTS]) {
    const lost = parseAddresses($(id).value).filter((p) => !p.address);
    const [note, one] = [$(`${id}-note`), lost.length === 1];
    const names = lost.map((p) => `“${shorten(p.raw, 40)}”`).join(", ");
    // While the last name is still being typed there is nothing to complain of.
    const typing = document.activeElement === $(id) && one && $(id).value.trimEnd().endsWith(lost[0].raw);
    say(note, !lost.length || typing ? "" : `${names} ${one ? "has" : "have"} no email address and ${one ? "is" : "are"} left out.`);
    $(id).removeAttribute("aria-invalid");
  }
}

/** A pasted or opened text that begins with its own headers, as fields; anything else is a body. */
function fieldsOf(text) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const found = {};
  let last = null;
  let i = 0;
  for (; i < lines.length && lines[i].trim(); i++) {
    const header = /^\s*(From|To|Cc|Bcc|Subject|Date|Sent|Importance|Attachments)\s*:[ \t]*(.*)$/i.exec(lines[i]);
    if (header) {
      last = header[1].toLowerCase();
      found[last] = header[2].trim();
    } else if (last && /^\s/.test(lines[i])) found[last] += ` ${lines[i].trim()}`;
    else break;
  }
  const isMessage = "from" in found && ("to" in found || "subject" in found);
  if (!isMessage) return { body: lines.join("\n") };
  const fields = Object.fromEntries(["from", ...RECIPIENTS, "subject"].map((id) => [id, found[id] ?? ""]));
  return { ...fields, body: lines.slice(lines[i]?.trim() ? i : i + 1).join("\n") };
}

function fieldsOfDraft(given, body) {
  const list = (people) => (Array.isArray(people) ? people : []).map((p) => (typeof p === "string" ? p : written(p))).join(", ");
  return {
    from: given.sender ? list([given.sender]) : "",
    ...Object.fromEntries(RECIPIENTS.map((id) => [id, list(given[id])])),
    subject: given.subject ?? "",
    body: body ?? "",
  };
}

// ---- talking to the service -------------------------------------------------------------------------------------------

/** A problem the service or the network had, in words for the reader. */
class Problem extends Error {
  constructor(title, detail = "", errors = []) {
    super(title);
    Object.assign(this, { title, detail, errors });
  }
}

const STATUS_WORDS = {
  401: "This service asks who you are, and this page cannot answer for you.",
  403: "You are not allowed to do this.",
  413: "This is too large for the service.",
  415: "This is not a kind of file the service can read.",
  429: "Too many checks in a short time.",
  503: "The service is not ready yet.",
};

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service did not answer.", "Check your connection and try again.");
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json().catch(() => null);
  const told = await answer.json().catch(() => ({}));
  const wait = Number(answer.headers.get("Retry-After"));
  const faults = Array.isArray(told?.errors) ? told.errors : [];
  const repeats = faults.some((fault) => fault?.field && told.detail?.includes(fault.field)); // the list says it in plainer words
  const detail = [!repeats && told?.detail, wait > 0 && `Try again in ${plural(wait, "second")}.`].filter((d) => typeof d === "string");
  throw new Problem(
    told?.title || STATUS_WORDS[answer.status] || `The service could not do this (${answer.status}).`,
    detail.join(" "),
    faults.map(faultWords).filter(Boolean),
  );
}

const FIELD_WORDS = {
  sender: "From",
  to: "To",
  cc: "Cc",
  bcc: "Bcc",
  subject: "Subject",
  body: "Body",
  file: "The file",
  protocol: "Protocol",
};

/** One entry of a problem's `errors`, whichever of the usual shapes it has, as “To, no. 2, address: is too long”. */
function faultWords(fault) {
  if (typeof fault === "string") return fault;
  const where = fault?.field ?? fault?.pointer ?? fault?.loc ?? "";
  let steps = Array.isArray(where) ? where.map(String) : String(where).split(/[#/.[\]]+/);
  steps = steps.filter(Boolean);
  if (Array.isArray(where) && steps[0] === "body" && steps.length > 1) steps.shift(); // the body of the request, not of the letter
  const place = steps.map((step) => (/^\d+$/.test(step) ? `no. ${Number(step) + 1}` : (FIELD_WORDS[step] ?? step))).join(", ");
  const what = fault?.detail ?? fault?.message ?? fault?.msg ?? "";
  return place && what ? `${place}: ${what}` : place || what;
}

const post = (path, body, options) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...options });

function showProblem(problem) {
  if (problem?.name === "AbortError") return;
  const known = problem instanceof Problem ? problem : new Problem("This page stumbled.", "Reload it if this goes on.");
  if (known !== problem) console.error(problem);
  const box = h(
    "div",
    { class: "problem" },
    h("p", {}, h("strong", {}, known.title), known.detail && known.detail !== known.title ? ` ${known.detail}` : ""),
    known.errors.length > 0 &&
      h(
        "ul",
        {},
        known.errors.map((text) => h("li", {}, text)),
      ),
    h("p", {}, "Your letter is still here, unchanged."),
  );
  if (box.textContent !== $("problem").textContent) $("problem").replaceChildren(box); // else it would be read out again and again
}

const clearProblem = () => $("problem").replaceChildren();

// ---- spans ------------------------------------------------------------------------------------------------------------

/**
 * Cuts `[start, end)` spans, which may overlap, into segments that do not: `{start, end, spans, opens}`, in order.
 * The narrowest span of a segment comes first; `opens` is true where one of them begins. A sweep: linear once sorted.
 */
export function segments(spans, length) {
  const valid = spans.filter((s) => s.start >= 0 && s.start < s.end && s.end <= length);
  const cuts = [...new Set(valid.flatMap((s) => [s.start, s.end]))].sort((a, b) => a - b);
  const waiting = [...valid].sort((a, b) => a.start - b.start);
  const result = [];
  let open = [];
  let w = 0;
  for (let i = 0; i + 1 < cuts.length; i++) {
    open = open.filter((s) => s.end > cuts[i]);
    while (w < waiting.length && waiting[w].start === cuts[i]) open.push(waiting[w++]);
    if (!open.length) continue;
    const narrowFirst = [...open].sort((a, b) => a.end - a.start - (b.end - b.start));
    result.push({ start: cuts[i], end: cuts[i + 1], spans: narrowFirst, opens: open.some((s) => s.start === cuts[i]) });
  }
  return result;
}

/** Where spans of `before` lie in `after`, the text having changed in one place; a span that the change touched is dropped. */
export function carry(spans, before, after) {
  if (before === after) return spans;
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shortest - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const shift = after.length - before.length;
  return spans.flatMap((s) => {
    if (s.end <= head) return [s];
    if (s.start >= before.length - tail) return [{ ...s, start: s.start + shift, end: s.end + shift }];
    return [];
  });
}

const addressesOf = ({ location }) => location.addresses ?? (location.address ? [location.address] : []);
const RANK = { error: 0, warning: 1, info: 2 };
const worst = (warnings) => [...warnings].sort((a, b) => RANK[a.severity] - RANK[b.severity])[0].severity;

/** The spans that the shown warnings have in one field as it was checked. */
function spansIn(id) {
  if (!state.checked) return [];
  if (!RECIPIENTS.includes(id)) {
    return state.shown.filter((w) => w.location.part === id).map((w) => ({ start: w.location.start, end: w.location.end, warning: w }));
  }
  const people = parseAddresses(state.checked[id]);
  return state.shown
    .filter((w) => RECIPIENTS.includes(w.location.part))
    .flatMap((w) => {
      // A warning names one part, but the others it means may stand in another (three residents in To and Cc).
      const meant = addressesOf(w);
      const here = w.location.part === id || meant.length > 1;
      return here
        ? people.filter((p) => meant.some((a) => sameAddress(a, p.address))).map((p) => ({ start: p.start, end: p.end, warning: w }))
        : [];
    });
}

/** The same spans in the field as it stands now. */
const spansNow = (id) => carry(spansIn(id), state.checked?.[id] ?? "", $(id).value);

/** `text` as nodes, the marked stretches made by `make(text, segment)`. */
function weave(text, spans, make) {
  const nodes = [];
  let at = 0;
  for (const segment of segments(spans, text.length)) {
    if (segment.start > at) nodes.push(text.slice(at, segment.start));
    nodes.push(make(text.slice(segment.start, segment.end), segment));
    at = segment.end;
  }
  nodes.push(text.slice(at));
  return nodes;
}

// ---- painting ---------------------------------------------------------------------------------------------------------

const mirrors = {};
const keysOf = (segment) => segment.spans.map((s) => s.warning.key).join(" ");
const tone = ({ spans }, ...more) => [worst(spans.map((s) => s.warning)), spans.length > 1 && "several", ...more].filter(Boolean).join(" ");

/** Behind every field lies its text again, unseen: it gives the field its height and carries the underlines while one types. */
function paintField(id) {
  const nodes = weave($(id).value, spansNow(id), (piece, segment) =>
    h("span", { class: tone(segment, "line"), "data-keys": keysOf(segment) }, piece),
  );
  mirrors[id].replaceChildren(...nodes, "\u200b"); // the last, so that an empty last line has a height
}

const marksOf = (key) => [...document.querySelectorAll("#read [data-keys]")].filter((m) => m.dataset.keys.split(" ").includes(key));

/** A marked stretch of the letter: a link to its card, described by it. A segment in the middle of a warning is no further stop. */
function mark(piece, segment) {
  const keys = segment.spans.map((s) => s.warning.key);
  return h(
    "mark",
    { class: tone(segment) },
    h(
      "a",
      {
        href: `#card-${keys[0]}`,
        "data-keys": keysOf(segment),
        "aria-describedby": keys.map((key) => `said-${key}`).join(" "),
        tabindex: segment.opens ? null : "-1",
        onclick: (event) => {
          event.preventDefault();
          const at = keys.indexOf(active); // again on the same words: the next warning about them
          focusCard(keys[(at + 1) % keys.length]);
        },
      },
      piece,
    ),
  );
}

function paintLetter() {
  const letter = values();
  const rows = ["from", ...RECIPIENTS].flatMap((id) => {
    const people = parseAddresses(letter[id]);
    if (!people.length) return [];
    const spans = id === "from" ? [] : spansNow(id);
    const items = people.map((p) => {
      const mine = spans.filter((s) => s.start === p.start);
      const label = p.name ? [p.name, " ", h("span", { class: "address" }, p.address)] : [p.address || p.raw];
      if (!mine.length) return h("li", {}, label);
      const marked = mark("", { spans: mine, opens: true });
      marked.firstChild.replaceChildren(...label);
      return h("li", { class: "warned" }, icon(worst(mine.map((s) => s.warning))), marked);
    });
    return [h("div", { class: "header-row" }, h("dt", {}, id === "from" ? "From" : PART_WORDS[id]), h("dd", {}, h("ul", {}, items)))];
  });
  if (letter.subject) {
    const subject = weave(letter.subject, spansNow("subject"), mark);
    rows.push(h("div", { class: "header-row" }, h("dt", {}, "Subject"), h("dd", { class: "subject" }, subject)));
  }
  const body = letter.body
    ? h("div", { class: "body" }, weave(letter.body, spansNow("body"), mark))
    : h(
        "p",
        { class: "quiet" },
        state.report ? "There is no text to show; each warning quotes the words it means." : "There is no text yet.",
      );
  $("read").replaceChildren(...(rows.length ? [h("dl", { class: "headers" }, rows)] : []), body);
}

const SEVERITY_WORDS = { error: "Serious", warning: "To think about", info: "Worth knowing" };
const CHECK_WORDS = {
  "hidden-copy": "Hidden copy",
  "undisclosed-copy": "Copy not mentioned",
  "over-familiar": "Over-familiar",
  "personal-data": "Personal data",
};
const STRENGTH_WORDS = { must: "must", should: "should", guidance: "guidance" };

const checkWords = (check) => CHECK_WORDS[check] ?? check.charAt(0).toUpperCase() + check.slice(1).replaceAll("-", " ");

function confidenceWords(confidence) {
  if (typeof confidence !== "number") return "";
  if (confidence >= 0.95) return "Certain";
  if (confidence >= 0.75) return "Fairly sure";
  if (confidence >= 0.5) return "Not quite sure";
  return "Only a guess";
}

function clauseItem(clause) {
  return h(
    "li",
    {},
    h(
      "p",
      { class: "clause-ref" },
      h("span", { class: "ref" }, clause.ref),
      clause.title ?? clause.heading ?? "",
      clause.strength && h("span", { class: "strength" }, STRENGTH_WORDS[clause.strength] ?? clause.strength),
    ),
    clause.summary && h("p", { class: "clause-summary" }, clause.summary),
  );
}

function card(warning) {
  const { key, severity, location, clauses = [], fixes = [] } = warning;
  const recipients = RECIPIENTS.includes(location.part);
  const quote = recipients ? addressesOf(warning).join(", ") : warning.excerpt || location.attachment || "";
  const where = PART_WORDS[location.part] ?? "the letter";
  const findable = location.part !== "attachments" && (recipients || location.end > location.start);
  const quoted = [h("span", { class: "where" }, `In ${where}`), " ", h("q", {}, shorten(quote, 160))];
  const reason = h(
    "select",
    { id: `reason-${key}` },
    h("option", { value: "misread" }, "It has misread my words"),
    h("option", { value: "justified" }, "It is right in this case"),
    h("option", { value: "agreed" }, "Those concerned have agreed"),
    h("option", { value: "other" }, "Another reason"),
  );
  const [first, ...more] = clauses;
  const sure = confidenceWords(warning.confidence);
  return h(
    "li",
    {},
    h(
      "article",
      {
        id: `card-${key}`,
        class: `card ${severity}`,
        tabindex: "-1",
        "aria-labelledby": `said-${key}`,
        onfocusin: () => setActive(key),
        onkeydown: (event) => event.key === "Enter" && event.target.id === `card-${key}` && showInLetter(key),
      },
      h(
        "p",
        { class: "kind" },
        icon(severity),
        h("span", { class: "severity" }, SEVERITY_WORDS[severity] ?? severity),
        h("span", { class: "check" }, checkWords(warning.check)),
        sure && h("span", { class: "confidence" }, sure),
      ),
      h("h3", { id: `said-${key}` }, h("span", { class: "unseen" }, `${SEVERITY_WORDS[severity] ?? severity}: `), warning.message),
      quote &&
        (findable
          ? h(
              "button",
              { type: "button", class: "quote", onclick: () => showInLetter(key) },
              quoted,
              h("span", { class: "unseen" }, " (show in the letter)"),
            )
          : h("p", { class: "quote" }, quoted)),
      first && h("ul", { class: "clauses", "aria-label": "Clauses" }, clauseItem(first)),
      more.length > 0 &&
        h(
          "details",
          { class: "more" },
          h("summary", {}, plural(more.length, "more clause")),
          h("ul", { class: "clauses" }, more.map(clauseItem)),
        ),
      h(
        "div",
        { class: "actions" },
        fixes.map((fix, n) => h("button", { type: "button", class: "fix", onclick: () => applyFix(warning, n) }, fix.title)),
        h(
          "details",
          { class: "dismiss" },
          h("summary", {}, "Not a problem here"),
          h(
            "div",
            { class: "why" },
            h("label", { for: `reason-${key}` }, "Why?"),
            reason,
            h("button", { type: "button", onclick: () => dismiss(warning, reason.value) }, "Set aside"),
          ),
        ),
      ),
    ),
  );
}

function summaryWords(shown) {
  const unread = state.report?.complete === false;
  if (!shown.length) return unread ? "Nothing to warn about in what could be read" : "Nothing to warn about";
  const counts = { error: 0, warning: 0, info: 0 };
  for (const w of shown) counts[w.severity]++;
  const words = { error: "serious", warning: "to think about", info: "worth knowing" };
  const kinds = Object.keys(words).filter((severity) => counts[severity]);
  const told = shown.length === 1 ? words[kinds[0]] : kinds.map((severity) => `${counts[severity]} ${words[severity]}`).join(", ");
  return `${plural(shown.length, "warning")}: ${told}`;
}

const PART_ORDER = ["to", "cc", "bcc", "subject", "body", "attachments"];
let keys = 0;
// What a warning says -> its key and card: one that has not changed keeps its place, its focus and what is open in it.
const cards = new Map();

/** Everything that follows from the report: marks, cards, summary. */
function paint() {
  const { report } = state;
  const warnings = report
    ? [...report.warnings, ...state.fileWarnings.filter((f) => !report.warnings.some((w) => w.fingerprint === f.fingerprint))]
    : [];
  const inOrder = (a, b) =>
    PART_ORDER.indexOf(a.location.part) - PART_ORDER.indexOf(b.location.part) || a.location.start - b.location.start;
  const kept = new Map();
  state.shown = warnings
    .filter((w) => !state.dismissed.has(w.fingerprint))
    .sort(inOrder)
    .map((given) => {
      let words = JSON.stringify([given, report.protocol?.id]);
      while (kept.has(words)) words += " ";
      const old = cards.get(words);
      const warning = old?.warning ?? { ...given, key: String(++keys) };
      kept.set(words, { warning, element: old?.element ?? card(warning) });
      return warning;
    });
  cards.clear();
  for (const [words, entry] of kept) cards.set(words, entry);
  const elements = [...kept.values()].map((entry) => entry.element);
  if (elements.length !== $("cards").children.length || elements.some((e, i) => e !== $("cards").children[i]))
    $("cards").replaceChildren(...elements);

  paintLetter();
  for (const id of FIELDS) paintField(id);
  setActive(active);

  const unread = [...new Set([...(report?.unread ?? []), ...state.fileUnread])];
  const partly = report?.complete === false || unread.length > 0;
  $("unread").replaceChildren(
    ...(partly
      ? [
          h(
            "div",
            { class: "unread" },
            h("p", {}, h("strong", {}, "Not everything could be read.")),
            unread.length > 0 &&
              h(
                "ul",
                {},
                unread.map((text) => h("li", {}, text)),
              ),
          ),
        ]
      : []),
  );
  $("blank").hidden = Boolean(report);
  $("steps").hidden = !state.shown.length;
  $("bar").dataset.verdict = !report ? "" : state.shown.length ? worst(state.shown) : "clear";
  if (report) say($("summary"), summaryWords(state.shown));
  const gone = warnings.length - state.shown.length;
  $("dismissed").replaceChildren(
    ...(gone
      ? [`${plural(gone, "warning")} set aside. `, h("button", { type: "button", class: "link", onclick: bringBack }, "Show again")]
      : []),
  );
  const under = report?.protocol?.title ?? report?.protocol?.id;
  say(
    $("provenance"),
    report
      ? [under && `Read under ${under}`, report.elapsed_ms >= 0 && `in ${Math.max(1, Math.round(report.elapsed_ms))} ms`]
          .filter(Boolean)
          .join(" ")
      : "",
  );
}

// ---- moving about -----------------------------------------------------------------------------------------------------

let active = null;

function setActive(key) {
  active = state.shown.some((w) => w.key === key) ? key : null;
  for (const element of document.querySelectorAll(".active")) element.classList.remove("active");
  if (!active) return;
  $(`card-${active}`)?.classList.add("active");
  for (const m of marksOf(active)) m.parentElement.classList.add("active");
}

function setView(view) {
  const reading = view === "read";
  $("view-write").setAttribute("aria-pressed", String(!reading));
  $("view-read").setAttribute("aria-pressed", String(reading));
  $("form").hidden = $("open-hint").hidden = reading;
  $("read").hidden = !reading;
  if (reading) paintLetter();
  else for (const id of FIELDS) paintField(id);
  setActive(active);
}

const reading = () => !$("read").hidden;

/** Scrolls the column of cards, where it scrolls by itself, and never the page: somebody is typing in it. */
function revealCard(key) {
  const [column, element] = [$("findings"), $(`card-${key}`)];
  if (!element || column.scrollHeight <= column.clientHeight) return;
  const [outer, inner] = [column.getBoundingClientRect(), element.getBoundingClientRect()];
  if (inner.top < outer.top) column.scrollBy(0, inner.top - outer.top - 8);
  else if (inner.bottom > outer.bottom) column.scrollBy(0, Math.min(inner.bottom - outer.bottom + 8, inner.top - outer.top - 8));
}

function focusCard(key) {
  const element = $(`card-${key}`);
  if (!element) return;
  setActive(key);
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

/** From a card to its words: the first mark when reading, a selection when writing. */
function showInLetter(key) {
  const warning = state.shown.find((w) => w.key === key);
  if (!warning) return;
  setActive(key);
  if (reading()) {
    const [first] = marksOf(key);
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "center" });
    return;
  }
  for (const id of PART_ORDER.slice(0, -1)) {
    const span = spansNow(id).find((s) => s.warning === warning);
    if (!span) continue;
    $(id).focus({ preventScroll: true });
    $(id).setSelectionRange(span.start, span.end);
    const words = [...mirrors[id].querySelectorAll(".line")].find((line) => line.dataset.keys.split(" ").includes(key));
    (words ?? $(id)).scrollIntoView({ block: "center" });
    return;
  }
}

function step(by) {
  const { shown } = state;
  if (!shown.length) return;
  const at = shown.findIndex((w) => w.key === active);
  focusCard(shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : (at + by + shown.length) % shown.length].key);
}

// ---- checking ---------------------------------------------------------------------------------------------------------

const isCurrent = () => {
  const now = values();
  return state.checked && FIELDS.every((id) => state.checked[id] === now[id]) && state.checked.settings === settings();
};

/** Whether a report's text spans quote what stands in these fields (they do not if the unit or the line ends differ). */
const fits = (report, fields) =>
  report.warnings.every(
    ({ location: { part, start, end }, excerpt }) =>
      !(part in fields) || RECIPIENTS.includes(part) || !excerpt || fields[part].slice(start, end) === excerpt,
  );

/** Asks the service about the fields as they stand. True once the report is shown; false if it was overtaken or went wrong. */
async function check() {
  clearTimeout(timer);
  state.request?.abort();
  const asked = { ...values(), settings: settings() };
  const given = draft();
  const letter = FIELDS.some((id) => id !== "from" && asked[id].trim());
  if (!given.sender || !letter) {
    Object.assign(state, { report: null, checked: null });
    paint();
    say($("summary"), letter ? "Add your own address under From to begin" : "Nothing checked yet");
    return false;
  }
  const request = (state.request = new AbortController());
  $("busy").hidden = false;
  $("findings").setAttribute("aria-busy", "true");
  try {
    const report = await post("/v1/lint", given, { signal: request.signal });
    if (request.signal.aborted) return false;
    state.report = report;
    state.checked = asked;
    clearProblem();
    paint();
    return true;
  } catch (error) {
    showProblem(error);
    return false;
  } finally {
    if (state.request === request) {
      $("busy").hidden = true;
      $("findings").removeAttribute("aria-busy");
    }
  }
}

let timer;
function checkSoon() {
  clearTimeout(timer);
  if ($("live").checked) timer = setTimeout(check, 600);
}

async function checkNow(event) {
  event?.preventDefault();
  if (!parseAddresses($("from").value).some((p) => p.address)) {
    setView("write");
    $("from").setAttribute("aria-invalid", "true");
    say($("from-note"), "Write your own email address here: who writes to whom decides what is said.");
    $("from").focus();
    return;
  }
  if (await check()) {
    setView("read");
    $("bar").scrollIntoView({ block: "nearest" });
    $("summary").focus({ preventScroll: true });
  }
}

// ---- changing the letter ----------------------------------------------------------------------------------------------

function remember(what) {
  state.history.push({ what, before: values() });
  if (state.history.length > 50) state.history.shift();
}

/** A message at the foot of the window, with a way back where the page changed something that was there. */
function notice(text, { undo = false } = {}) {
  const last = state.history.at(-1);
  const back = undo && last && FIELDS.some((id) => last.before[id].trim());
  const words = last && h("span", { class: "unseen" }, ` “${last.what}”`);
  const box = h(
    "div",
    { class: "notice" },
    h("span", {}, text),
    back && h("button", { type: "button", id: "undo", onclick: undoLast }, "Undo", words),
    h("button", { type: "button", class: "close", "aria-label": "Close this message", onclick: closeNotice }, "×"),
  );
  $("notice").replaceChildren(...(text ? [box] : []));
}

function closeNotice() {
  notice("");
  if (active) focusCard(active);
  else $("summary").focus({ preventScroll: true });
}

async function undoLast() {
  const last = state.history.pop();
  if (!last) return;
  setValues(last.before);
  await check();
  notice(`Taken back: ${last.what}.`, { undo: state.history.length > 0 });
  ($("undo") ?? $("summary")).focus({ preventScroll: true });
}

/** The field values after a fix. Edits go in from the back so that the offsets before them stay true. */
function fixed(now, fix) {
  const next = { ...now };
  const edits = [...(fix.edits ?? [])].sort((a, b) => b.start - a.start);
  for (const { part, start, end, text } of edits) next[part] = next[part].slice(0, start) + text + next[part].slice(end);
  for (const { op, address, from, to } of fix.recipients ?? []) {
    let moved = address;
    if (op !== "add" && from in next) {
      const people = parseAddresses(next[from]);
      moved = people.find((p) => sameAddress(p.address, address))?.raw ?? address;
      next[from] = people
        .filter((p) => !sameAddress(p.address, address))
        .map((p) => p.raw)
        .join(", ");
    }
    if (op === "remove" || !(to in next)) continue;
    const there = parseAddresses(next[to]);
    if (!there.some((p) => sameAddress(p.address, address))) next[to] = [...there.map((p) => p.raw), moved].join(", ");
  }
  return next;
}

/** Applies the n-th fix of a warning. If the letter has moved on since the check, it is read again first: offsets age. */
async function applyFix(warning, n) {
  let current = warning;
  if (!isCurrent()) {
    if (!(await check())) return;
    current = state.shown.find((w) => w.fingerprint === warning.fingerprint);
  }
  const fix = current?.fixes?.[n];
  if (!fix || fix.title !== warning.fixes[n].title) {
    notice("The letter has changed, and this warning with it.");
    return;
  }
  remember(fix.title);
  setValues(fixed(values(), fix));
  await check();
  notice(`Done: ${fix.title}.`, { undo: true }); // what is left, the summary says
  ($("undo") ?? $("summary")).focus({ preventScroll: true });
}

async function dismiss(warning, reason) {
  try {
    await post("/v1/feedback", {
      fingerprint: warning.fingerprint,
      action: "dismissed",
      reason,
      check: warning.check,
      protocol: state.report.protocol?.id,
    });
  } catch (error) {
    showProblem(error);
    return;
  }
  clearProblem();
  const at = state.shown.indexOf(warning);
  state.dismissed.add(warning.fingerprint);
  paint();
  notice("Set aside.");
  const next = state.shown[Math.min(at, state.shown.length - 1)];
  if (next) focusCard(next.key);
  else $("summary").focus();
}

function bringBack() {
  state.dismissed.clear();
  notice("");
  paint();
  if (state.shown.length) focusCard(state.shown[0].key);
}

/** Puts a whole letter into the fields, from wherever it came. */
function fill(fields, what, carried = {}) {
  remember(what);
  state.dismissed.clear();
  Object.assign(state, { report: null, checked: null, carried, fileWarnings: [], fileUnread: [] });
  setValues({ from: "", to: "", cc: "", bcc: "", subject: "", body: "", ...fields });
  clearProblem();
  paint();
}

const EXAMPLE = {
  from: "Cllr Carol Bramhall <c.bramhall@dunmoor.gov.uk>",
  to: "Ruth Tandy <r.tandy@dunmoor.gov.uk>",
  cc: "",
  bcc: "Cllr Isaac Osei <i.osei@dunmoor.gov.uk>",
  subject: "14 Mill Rise, the extension",
  body: `Hi Ruth hun 😊

Hope you had a good weekend. Mrs Jean Gill of 14 Mill Rise rang me again last night (07700 900461). She has waited five weeks for an answer about her extension, and the worry is making her heart condition worse.

I have promised her that the council will refund her fee in full, so please put that through. Between you and me, Sanjay Varma is bone idle and everybody in your office knows it.

You are to recommend approval before Friday.

Thanks lovely
Carol xx

Cllr Carol Bramhall
Member for Dunmoor East`,
};

async function showExample() {
  $("role").value = "";
  fill(EXAMPLE, "Example");
  if (await check()) {
    setView("read");
    notice("An invented letter.", { undo: true });
  }
}

function clearAll() {
  state.request?.abort();
  fill({}, "Clear");
  say($("summary"), "Nothing checked yet");
  setView("write");
  notice("Cleared.", { undo: true });
  $("from").focus();
}

// ---- files ------------------------------------------------------------------------------------------------------------

const endsWith = (file, ...endings) => endings.some((ending) => file.name.toLowerCase().endsWith(ending));

async function openFile(file) {
  if (!file) return;
  notice("");
  try {
    if (endsWith(file, ".eml", ".msg") || file.type === "message/rfc822") await openMessage(file);
    else if (endsWith(file, ".json") || file.type === "application/json") await openDraft(file);
    else if (endsWith(file, ".txt") || file.type.startsWith("text/plain")) {
      fill(fieldsOf(await file.text()), `Open ${file.name}`);
      await check();
    } else
      throw new Problem("This kind of file cannot be opened here.", "Choose a message (.eml or .msg), a text (.txt) or a draft (.json).");
    notice(`Opened ${file.name}.`, { undo: true });
    setView(state.report ? "read" : "write");
    $("summary").focus({ preventScroll: true });
  } catch (error) {
    showProblem(error);
  }
}

/** A message file is read by the service, which also says what it found in it as a draft. */
async function openMessage(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  if ($("protocol").value) form.append("protocol", $("protocol").value);
  form.append("offsets", "utf-16");
  form.append("draft", "true");
  const report = await call("/v1/lint/message", { method: "POST", body: form });
  await adopt(report.draft ?? {}, report, `Open ${file.name}`); // without a draft its report is all there is to show
}

async function openDraft(file) {
  let given;
  try {
    given = JSON.parse(await file.text());
  } catch {
    throw new Problem("This file is not JSON.", "A draft has a sender, recipients, a subject and a body.");
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Problem("This file does not hold one draft.");
  if ([...$("protocol").options].some((option) => option.value === given.protocol)) $("protocol").value = given.protocol;
  const report = await post("/v1/lint", { ...given, protocol: given.protocol ?? ($("protocol").value || undefined), offsets: "utf-16" });
  await adopt(given, report, `Open ${file.name}`);
}

/** Fields from a draft that came with its report; HTML is shown as the text that was read in it. */
async function adopt(given, report, what) {
  const carried = Object.fromEntries(["attachments", "compose_type"].filter((key) => given[key]?.length).map((key) => [key, given[key]]));
  fill(fieldsOfDraft(given, given.body_type === "html" || !("body" in given) ? report.text : given.body), what, carried);
  $("role").value = ["member", "officer"].includes(given.sender?.role) ? given.sender.role : "";
  state.request?.abort();
  if (given.sender) {
    state.fileWarnings = report.warnings.filter((w) => w.location.part === "attachments");
    state.fileUnread = report.unread ?? [];
  }
  if (given.sender && !fits(report, values())) {
    await check(); // other line ends, or another unit
    return;
  }
  state.report = report;
  state.checked = { ...values(), settings: settings() };
  paint();
}

function dropTarget() {
  const sheet = $("letter");
  let depth = 0; // enter and leave fire for every child
  const holdsFile = (event) => event.dataTransfer?.types.includes("Files");
  const end = () => {
    depth = 0;
    sheet.classList.remove("dropping");
  };
  sheet.addEventListener("dragenter", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    depth++;
    sheet.classList.add("dropping");
  });
  sheet.addEventListener("dragleave", (event) => holdsFile(event) && --depth <= 0 && end());
  // Beside the sheet a dropped file would replace the page, and the letter with it.
  document.addEventListener("dragover", (event) => holdsFile(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    end();
    openFile(event.dataTransfer.files[0]);
  });
}

// ---- wiring -----------------------------------------------------------------------------------------------------------

async function loadProtocols() {
  try {
    const { protocols, default: standard } = await call("/v1/protocols");
    $("protocol").replaceChildren(...protocols.map(({ id, title }) => h("option", { value: id, selected: id === standard }, title ?? id)));
  } catch (error) {
    showProblem(error);
  }
}

for (const id of FIELDS) {
  mirrors[id] = h("div", { class: "mirror", "aria-hidden": "true" });
  $(id).before(mirrors[id]);
  paintField(id);
  $(id).addEventListener("input", () => {
    if (id === "subject" && $(id).value.includes("\n")) $(id).value = $(id).value.replaceAll("\n", " "); // pasted; headers have one line
    state.history.length = 0; // to take back a fix now would take back the typing after it
    notice("");
    paintField(id);
    if (id !== "subject" && id !== "body") noteLeftOut();
    checkSoon();
  });
  $(id).addEventListener("blur", noteLeftOut);
}
$("subject").addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && checkNow(event));
$("body").addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && checkNow(event));
$("body").addEventListener("paste", (event) => {
  if (FIELDS.some((id) => $(id).value.trim())) return;
  const fields = fieldsOf(event.clipboardData?.getData("text/plain") ?? "");
  if (!("from" in fields)) return;
  event.preventDefault();
  fill(fields, "Paste");
  notice("The headers of the pasted message were put into their fields.", { undo: true });
  checkSoon();
});
// The caret in marked words lights up their card, as a click on a mark does.
document.addEventListener("selectionchange", () => {
  const field = document.activeElement;
  if (!FIELDS.includes(field?.id) || !state.shown.length) return;
  const at = field.selectionStart;
  const here = spansNow(field.id).filter((s) => s.start <= at && at <= s.end);
  const narrowest = here.sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  if (!narrowest || narrowest.warning.key === active) return;
  setActive(narrowest.warning.key);
  revealCard(narrowest.warning.key);
});

$("form").addEventListener("submit", checkNow);
for (const id of ["role", "protocol"]) $(id).addEventListener("change", () => (state.report || $("live").checked) && check());
$("live").addEventListener("change", () => ($("live").checked ? checkSoon() : clearTimeout(timer)));
$("view-write").addEventListener("click", () => setView("write"));
$("view-read").addEventListener("click", () => (isCurrent() ? setView("read") : check().then(() => setView("read"))));
$("example").addEventListener("click", showExample);
$("clear").addEventListener("click", clearAll);
$("open").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  $("file").value = ""; // so that the same file can be chosen again
  await openFile(file);
});
$("next").addEventListener("click", () => step(1));
$("previous").addEventListener("click", () => step(-1));
// Single keys count only inside what was found, never while typing or choosing.
for (const zone of [$("bar"), $("read"), $("findings"), $("notice")]) {
  zone.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const by = { n: 1, p: -1 }[event.key];
    if (!by || !state.shown.length) return;
    event.preventDefault();
    step(by);
  });
}
dropTarget();
loadProtocols();
