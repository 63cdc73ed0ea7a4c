"use strict";

const TEXTS = {
  en: {
    claim: "Bank and enterprise, two halves of one tally. The contracts are the record; this page reads it.",
    docs: "API", errors: "Errors", metrics: "Metrics", receivables: "Receivables", financings: "Financings",
    feed: "What happens", parties: "Parties", other: "中文", block: "Block", lag: "Blocks behind", today: "Day on chain",
    cash: "Treasury cash", owed: "Owed to it", cover: "First-loss cover", stopped: "Paused", none: "Nothing yet",
    id: "No.", state: "State", debtor: "Debtor", holder: "Holder", face: "Face", outstanding: "Outstanding",
    due: "Due", seller: "Seller", net: "Paid out", advance: "Advance", rate: "Rate", roles: "Roles", valid: "KYC until",
    unreachable: "No answer", status: "Status", lines: "Credit lines", merchant: "Merchant", limit: "Limit",
    drawn: "Drawn", average: "Average rate", statement: "Next statement", leases: "Leases", machines: "Machines",
    alarmed: "Alarms on chain", machine: "Machine", lessor: "Lessor", lessee: "Lessee", charged: "Rent charged",
    overdue: "Overdue", period: "Period", hours: "Hours", fuel: "Fuel (L)", reported: "Last report", alarms: "Alarms",
    financed: "Financed", lease: "Lease",
  },
  zh: {
    claim: "银行与企业，各执一契。合约为凭，此页只读。",
    docs: "接口文档", errors: "错误目录", metrics: "指标", receivables: "应收账款", financings: "融资",
    feed: "实时动态", parties: "参与方", other: "English", block: "区块", lag: "落后区块", today: "链上日期",
    cash: "资金池现金", owed: "未偿本金", cover: "首损保障金", stopped: "已暂停", none: "暂无数据",
    id: "编号", state: "状态", debtor: "债务人", holder: "持有人", face: "面额", outstanding: "未付余额",
    due: "到期日", seller: "卖方", net: "实付金额", advance: "预付金额", rate: "年利率", roles: "角色", valid: "KYC 有效期",
    unreachable: "无响应", status: "状态", lines: "信用额度", merchant: "商户", limit: "额度",
    drawn: "已提取", average: "平均利率", statement: "下一账单日", leases: "租约", machines: "设备",
    alarmed: "链上报警", machine: "设备", lessor: "出租人", lessee: "承租人", charged: "已出租金", overdue: "逾期",
    period: "期数", hours: "工时", fuel: "油耗（升）", reported: "最近上报", alarms: "报警", financed: "已融资", lease: "租约",
  },
};
const NAMES_ZH = {
  Registered: "已登记", Confirmed: "已确权", Financed: "已融资", Disputed: "争议中", Split: "已拆分", Settled: "已结清",
  Rejected: "已拒绝", Cancelled: "已撤回", Active: "正常", Overdue: "逾期", Defaulted: "违约", WrittenOff: "已核销",
  Repaid: "已清偿", Recovered: "已追回", supplier: "供应商", core_enterprise: "核心企业", lender: "出资方",
  cover_provider: "保障方", merchant: "商户", Open: "正常", Delinquent: "逾期", Closed: "已关闭",
  lessee: "承租人", manufacturer: "制造商", Signed: "已签署", Secured: "已付保证金", Accelerated: "租金提前到期",
  Rescinded: "已解除", Sold: "已变卖", Returned: "已归还", BoughtOut: "已留购",
};
const FEED_LENGTH = 40;
const ROWS = 25;
const SHARED = "all";

let language = navigator.language.startsWith("zh") ? "zh" : "en";
let happened = [];
let shown = {};

const text = (name) => TEXTS[language][name];
const name = (code) => (language === "zh" && NAMES_ZH[code]) || code.replace("_", " ");
const find = (id) => document.getElementById(id);

function element(tag, content, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...[content].flat().map((part) => part ?? "–"));
  return made;
}

function money(amount, currency) {
  const { decimals, symbol } = currency;
  const digits = amount.padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}${decimals ? "." + digits.slice(-decimals) : ""} ${symbol}`;
}

async function get(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.notices ? body.notices[language] : response.statusText);
  return body;
}

function table(id, columns, items) {
  const head = element("tr", columns.map(([title, , className]) => element("th", text(title), className)));
  const rows = items.map((item) => element("tr", columns.map(([, cell, className]) => element("td", cell(item), className))));
  const empty = element("tr", element("td", text("none"), "empty"));
  find(id).replaceChildren(element("thead", head), element("tbody", rows.length ? rows : empty));
}

const badge = (state) => element("span", name(state), `state ${state}`);
const party = (number) => (number === null ? "–" : `#${number}`);
const alarmed = (alarm) => element("span", `${alarm.name[language]}: ${alarm.severityName[language]}`, `state ${alarm.gates ? "Defaulted" : "Overdue"}`);

const RECEIVABLE_COLUMNS = [
  ["id", (item) => `${item.id}`], ["state", (item) => badge(item.state)], ["debtor", (item) => party(item.debtor)],
  ["holder", (item) => party(item.holderParty)], ["face", (item) => money(item.face, item.currency), "number"],
  ["outstanding", (item) => money(item.outstanding, item.currency), "number"], ["due", (item) => item.due.date],
];
const FINANCING_COLUMNS = [
  ["id", (item) => `${item.receivable}`], ["status", (item) => badge(item.status)], ["debtor", (item) => party(item.debtor)],
  ["seller", (item) => party(item.seller)], ["advance", (item) => money(item.advance, item.currency), "number"],
  ["net", (item) => money(item.net, item.currency), "number"],
  ["outstanding", (item) => money(item.outstanding, item.currency), "number"],
  ["rate", (item) => `${(item.annualRateBps / 100).toFixed(2)} %`, "number"],
];
const LINE_COLUMNS = [
  ["merchant", (item) => party(item.party)], ["status", (item) => badge(item.status)],
  ["limit", (item) => money(item.limit, item.currency), "number"],
  ["drawn", (item) => money(item.drawn, item.currency), "number"],
  ["average", (item) => (item.averageRateBps === null ? "–" : `${(item.averageRateBps / 100).toFixed(2)} %`), "number"],
  ["statement", (item) => (item.status === "Closed" ? "–" : item.nextClose.date)],
];
const LEASE_COLUMNS = [
  ["lease", (item) => `${item.lease}`], ["status", (item) => badge(item.status)], ["machine", (item) => `${item.machine}`],
  ["lessor", (item) => party(item.lessor)], ["lessee", (item) => party(item.lessee)],
  ["period", (item) => `${item.period} / ${item.periods}`, "number"],
  ["charged", (item) => money(item.charged, item.currency), "number"],
  ["overdue", (item) => money(item.overdue, item.currency), "number"],
  ["financed", (item) => (item.financed ? "✓" : "–")],
];
const MACHINE_COLUMNS = [
  ["machine", (item) => `${item.machine}`], ["holder", (item) => party(item.holder)],
  ["lessee", (item) => party(item.lessee)],
  ["hours", (item) => (item.reading ? (item.reading.tenths / 10).toFixed(1) : "–"), "number"],
  ["fuel", (item) => (item.reading ? `${item.reading.litres}` : "–"), "number"],
  ["reported", (item) => (item.reading ? item.reading.at.slice(0, 16).replace("T", " ") : "–")],
  ["alarms", (item) => item.alarms.flatMap((alarm) => [alarmed(alarm), " "])],
];
const PARTY_COLUMNS = [
  ["id", (item) => party(item.party)], ["roles", (item) => item.roles.map(name).join(", ")],
  ["valid", (item) => item.validUntil.slice(0, 10)],
];

function tile(title, content, bad) {
  return element("div", [element("b", content), element("span", text(title))], bad ? "tile bad" : "tile");
}

function showTiles() {
  const { status, treasury, failure, machines = [] } = shown;
  if (failure) return find("tiles").replaceChildren(tile("unreachable", failure, true));
  if (!status || !treasury) return;
  const alarms = machines.reduce((count, machine) => count + machine.alarms.length, 0);
  const stopped = status.stopped.length ? [tile("stopped", status.stopped.join(", "), true)] : [];
  find("tiles").replaceChildren(
    tile("block", `${status.head.number}`), tile("lag", `${status.lag}`, status.lag > 3), tile("today", status.today.date),
    tile("cash", money(treasury.cash, treasury.currency)), tile("owed", money(treasury.outstanding, treasury.currency)),
    tile("cover", money(treasury.cover, treasury.currency)), tile("alarmed", `${alarms}`, alarms > 0), ...stopped,
  );
}

function showFeed() {
  const told = happened.map((event, place) => {
    const subject = event.rooms.filter((room) => room !== SHARED).join("  ") || event.key;
    const line = [element("b", event.kind), element("small", `${event.topic}  ${subject}  ·  ${text("block")} ${event.block ?? ""}`)];
    return element("li", line, place === 0 && event.isNew ? "new" : "");
  });
  find("feed").replaceChildren(...(told.length ? told : [element("li", text("none"), "empty")]));
}

function show() {
  document.documentElement.lang = language;
  document.querySelectorAll("[data-text]").forEach((node) => { node.textContent = text(node.dataset.text); });
  find("language").textContent = text("other");
  showTiles();
  showFeed();
  table("receivables", RECEIVABLE_COLUMNS, shown.receivables ?? []);
  table("financings", FINANCING_COLUMNS, shown.financings ?? []);
  table("lines", LINE_COLUMNS, shown.lines ?? []);
  table("leases", LEASE_COLUMNS, shown.leases ?? []);
  table("machines", MACHINE_COLUMNS, shown.machines ?? []);
  table("parties", PARTY_COLUMNS, shown.parties ?? []);
}

async function load() {
  try {
    const [status, treasury, receivables, financings, lines, leases, machines, parties] = await Promise.all([
      get("/v1/status"), get("/v1/treasury"), get(`/v1/receivables?limit=${ROWS}`), get(`/v1/financings?limit=${ROWS}`),
      get(`/v1/lines?limit=${ROWS}`), get(`/v1/leases?limit=${ROWS}`), get(`/v1/machines?limit=${ROWS}`),
      get(`/v1/parties?limit=${ROWS}`),
    ]);
    shown = {
      status, treasury, receivables: receivables.items, financings: financings.items, lines: lines.items,
      leases: leases.items, machines: machines.items, parties: parties.items,
    };
  } catch (error) {
    shown = { ...shown, failure: error.message };
  }
  show();
}

// Socket.IO over a bare websocket: 0 open, 2 ping, 40 connect to the namespace, 42 a message.
function listen() {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`);
  socket.onmessage = ({ data }) => {
    if (data.startsWith("0")) socket.send("40");
    else if (data === "2") socket.send("3");
    else if (data.startsWith("40")) {
      socket.send(`42${JSON.stringify(["subscribe", { rooms: [SHARED] }])}`);
      find("link").classList.add("on");
    } else if (data.startsWith("42")) hear(JSON.parse(data.slice(2))[1]);
  };
  socket.onclose = () => {
    find("link").classList.remove("on");
    setTimeout(listen, 2000);
  };
}

let waiting;
function hear(event) {
  happened = [{ ...event, isNew: true }, ...happened].slice(0, FEED_LENGTH);
  showFeed();
  waiting ??= setTimeout(() => { waiting = undefined; load(); }, 300);
}

find("language").onclick = () => {
  language = language === "zh" ? "en" : "zh";
  show();
};

async function begin() {
  show();
  await load();
  try {
    happened = (await get(`/v1/feed?latest=true&limit=${FEED_LENGTH}`)).items.reverse();
  } catch {
    happened = [];
  }
  showFeed();
  listen();
  setInterval(load, 15000);
}

begin();
