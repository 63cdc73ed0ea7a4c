// Between the page and the extension: passes questions and answers on, and nothing else.
window.addEventListener("message", async ({ source, data }) => {
  if (source !== window || data?.wallet !== "asked") return;
  const { id, method, params } = data;
  const answer = await chrome.runtime.sendMessage({ method, params });
  window.postMessage({ wallet: "answered", id, ...answer }, location.origin);
});
