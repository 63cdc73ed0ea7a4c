// The page's side of the tests' wallet (wallet.py): it announces itself, asks the user, and passes everything on.
(() => {
  if (window !== window.top) return;

  const listeners = new Map();
  const emit = (event, value) => [...(listeners.get(event) ?? [])].forEach((listen) => listen(value));
  window.testWalletEmit = emit;

  const request = async ({ method, params = [] }) => {
    let answer = await window.testWallet({ method, params, confirmed: false });
    if (answer.ask !== undefined) {
      if (!(await confirmed(answer.ask))) throw failure({ code: 4001, message: "User rejected the request." });
      answer = await window.testWallet({ method, params, confirmed: true });
    }
    for (const [event, value] of answer.events ?? []) emit(event, value);
    if (answer.error) throw failure(answer.error);
    return answer.result;
  };

  const failure = ({ code, message, data }) => Object.assign(new Error(message), { code, data });

  // One dialog at a time, as wallets have it.
  let last = Promise.resolve();
  const confirmed = (text) => {
    const shown = last.then(() => dialog(text));
    last = shown;
    return shown;
  };

  const dialog = (text) =>
    new Promise((resolve) => {
      const host = document.createElement("test-wallet");
      const root = host.attachShadow({ mode: "open" });
      const box = document.createElement("dialog");
      const shown = document.createElement("pre");
      shown.textContent = text;
      const button = (name, answer) => {
        const made = document.createElement("button");
        made.textContent = name;
        made.onclick = () => {
          host.remove();
          resolve(answer);
        };
        return made;
      };
      box.append(shown, button("Confirm", true), button("Reject", false));
      box.oncancel = (event) => event.preventDefault();
      root.append(box);
      document.documentElement.append(host);
      box.showModal();
    });

  const provider = {
    request,
    on: (event, listen) => {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(listen);
    },
    removeListener: (event, listen) => listeners.get(event)?.delete(listen),
  };
  const info = {
    uuid: "0f6b1c5e-52f0-4d6f-9a63-9c1f0a5c6c11",
    name: "Test wallet",
    icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' fill='%23363'/%3E%3C/svg%3E",
    rdns: "test.wallet",
  };
  const announce = () =>
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
