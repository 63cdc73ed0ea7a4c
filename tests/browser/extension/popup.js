// What is to be signed, and the user's word.
const asked = new URLSearchParams(location.search);
document.getElementById("text").textContent = asked.get("text") ?? "Nothing to sign.";
for (const name of ["confirm", "reject"])
  document.getElementById(name).onclick = async () => {
    await chrome.runtime.sendMessage({ decided: asked.get("id"), confirmed: name === "confirm" });
    window.close();
  };
