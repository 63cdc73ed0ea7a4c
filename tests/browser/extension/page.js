// In the page's own world: announces the wallet (EIP-6963), and speaks with content.js by messages of the window.
(() => {
  const waiting = new Map();
  const listeners = new Map();
  let last = 0;

  const request = ({ method, params = [] }) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      window.postMessage({ wallet: "asked", id, method, params }, location.origin);
    });

  window.addEventListener("message", ({ source, data }) => {
    if (source !== window || data?.wallet !== "answered") return;
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) reject(Object.assign(new Error(data.error.message), data.error));
    else resolve(data.result);
  });

  const provider = {
    request,
    on: (event, listen) => listeners.set(event, [...(listeners.get(event) ?? []), listen]),
    removeListener: (event, listen) =>
      listeners.set(event, (listeners.get(event) ?? []).filter((one) => one !== listen)),
  };
  const info = {
    uuid: "b6f3b9e0-6c57-4d1c-9c0e-4f0a6a5f8e21",
    name: "Extension wallet",
    icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' fill='%23636'/%3E%3C/svg%3E",
    rdns: "test.extension",
  };
  const announce = () =>
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
