// The extension's service worker: keeps who is connected, asks the user in a window of its own, and has the node sign.
// The tests set `account`, `node` and `chainId` in its storage before a page asks.

const REJECTED = { code: 4001, message: "User rejected the request." };
const ASKING = new Set([
  "wallet_requestPermissions",
  "personal_sign",
  "eth_signTypedData_v4",
  "eth_sendTransaction",
]);

const answers = new Map();

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  if (message.decided) answers.get(message.decided)?.(message.confirmed);
  else void answer(message).then(reply);
  return !message.decided;
});

async function answer({ method, params }) {
  try {
    if (ASKING.has(method) && !(await confirmed(method, params))) return { error: REJECTED };
    return { result: (await handle(method, params)) ?? null };
  } catch (error) {
    return { error: { code: error.code ?? -32603, message: error.message, data: error.data } };
  }
}

async function handle(method, params) {
  const { account, chainId, connected } = await chrome.storage.local.get();
  switch (method) {
    case "eth_accounts":
      return connected ? [account] : [];
    case "wallet_requestPermissions":
      await chrome.storage.local.set({ connected: true });
      return [{ parentCapability: "eth_accounts", caveats: [] }];
    case "eth_requestAccounts":
      return [account];
    case "wallet_revokePermissions":
      return chrome.storage.local.set({ connected: false });
    case "eth_chainId":
      return chainId;
    default:
      return node(method, params);
  }
}

async function node(method, params) {
  const { node } = await chrome.storage.local.get("node");
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(node, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  const { result, error } = await answer.json();
  if (error) throw Object.assign(new Error(error.message), error);
  return result;
}

// The window stays until the user presses a button in it; closing it is a rejection.
async function confirmed(method, params) {
  const id = crypto.randomUUID();
  const text = `${method}\n${JSON.stringify(params, null, 1)}`;
  const decided = new Promise((resolve) => answers.set(id, resolve));
  const url = `popup.html?${new URLSearchParams({ id, text })}`;
  const tab = await chrome.tabs.create({ url });
  const closed = (closedTab) => closedTab === tab.id && answers.get(id)(false);
  chrome.tabs.onRemoved.addListener(closed);
  const confirmed = await decided;
  chrome.tabs.onRemoved.removeListener(closed);
  answers.delete(id);
  return confirmed;
}
